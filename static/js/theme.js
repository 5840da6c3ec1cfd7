/* Sets light or dark before the first paint: the reader's choice, else the system's. Load it in the head.
 * A button with data-theme-toggle switches and remembers. */
"use strict";

(() => {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const apply = () => { document.documentElement.dataset.bsTheme = chosen() || (system.matches ? "dark" : "light"); };

  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-toggle]")) return;
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", next); } catch { /* private browsing: for this page only */ }
    document.documentElement.dataset.bsTheme = next;
  });
})();
