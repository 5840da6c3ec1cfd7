/* The page of live positions: asks for the tables every few seconds, hands the places on to the map, and can be paused. */
"use strict";

(() => {
  const tables = document.getElementById("live-tables");
  const frame = document.getElementById("live-map");
  const button = document.getElementById("live-pause");
  const trouble = document.getElementById("live-trouble");
  let paused = false;
  let asking = false;

  const showPlaces = () => {
    const shapes = JSON.parse(document.getElementById("live-shapes").dataset.shapes);
    frame.contentWindow.postMessage({ geoservice: 1, type: "live", shapes }, "*");
  };

  /* What had the focus keeps it: the row may stand elsewhere now. */
  const replace = (html) => {
    const held = tables.contains(document.activeElement) ? document.activeElement.dataset.flyTo : null;
    tables.innerHTML = html;
    if (held) tables.querySelector(`[data-fly-to="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  };

  const refresh = async () => {
    if (paused || asking || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch(tables.dataset.address, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (answer.status === 401) { window.location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      replace(await answer.text());
      trouble.hidden = true;
      showPlaces();
    } catch {
      trouble.hidden = false;
    } finally {
      asking = false;
    }
  };

  button.hidden = false;
  button.addEventListener("click", () => {
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
    button.textContent = paused ? button.dataset.resume : button.dataset.pause;
    refresh();
  });
  document.addEventListener("visibilitychange", refresh);
  window.setInterval(refresh, Number(tables.dataset.every) * 1000);
})();
