/* Finding on one's own map: what the server finds of it while somebody types; Enter flies to the first, arrows walk through. */
"use strict";

(() => {
  const box = document.querySelector(".find-on-map");
  if (!box) return;
  const PAUSE_MS = 120;
  const field = box.querySelector("input");
  const found = document.getElementById("found-on-map");
  let asked = 0;
  let waiting = null;

  const close = () => { found.hidden = true; };

  /* Only the answer to what was asked last is shown. */
  const ask = async () => {
    window.clearTimeout(waiting);
    const number = asked += 1;
    if (!field.value.trim()) { found.replaceChildren(); close(); return; }
    const mark = box.dataset.address.includes("?") ? "&" : "?";
    try {
      const answer = await fetch(`${box.dataset.address}${mark}q=${encodeURIComponent(field.value)}`, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (answer.status === 401) { window.location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (number === asked) found.innerHTML = html;
    } catch {
      if (number === asked) found.textContent = box.dataset.trouble;
    }
    if (number === asked) found.hidden = false;
  };

  field.addEventListener("input", (event) => {
    window.clearTimeout(waiting);
    if (!event.isComposing) waiting = window.setTimeout(ask, PAUSE_MS);
  });
  field.addEventListener("compositionend", () => { window.clearTimeout(waiting); waiting = window.setTimeout(ask, PAUSE_MS); });
  field.addEventListener("focus", () => { if (found.childElementCount) found.hidden = false; });

  /* map-bridge.js flies where the row says. */
  found.addEventListener("click", (event) => { if (event.target.closest("[data-fly-to]")) close(); });
  document.addEventListener("click", (event) => { if (!box.contains(event.target)) close(); });

  box.addEventListener("keydown", async (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !found.hidden) { event.preventDefault(); field.focus(); close(); }
    if (event.key === "Enter" && event.target === field) {
      event.preventDefault();
      await ask();
      found.querySelector("[data-fly-to]")?.click();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const stops = [field, ...found.querySelectorAll("[data-fly-to]")];
    const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    stops[Math.max(0, Math.min(next, stops.length - 1))].focus();
  });
})();
