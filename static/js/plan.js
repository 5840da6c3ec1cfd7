/* The planning desk around its map: what changes on the board changes on the map, keys, and a job that takes its page along.
 * Without it every change works by form and reload. */
"use strict";

(() => {
  const frame = document.getElementById("plan-map");
  const board = () => document.getElementById("plan-board");
  const typing = (element) => element.closest("input, select, textarea, [contenteditable]");
  const REFUSED = new Set([400, 404, 409]);
  let shown = board() && { ...board().dataset };
  let scrolled = new Map();
  let asked = null;

  const send = (message) => frame?.contentWindow.postMessage({ geoservice: 1, ...message }, "*");

  /* ---- the board is swapped; the map, the address and the focus follow ---- */

  const redraw = async (address) => {
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(address, { signal: asked.signal });
      if (answer.ok) send({ type: "plan", shapes: await answer.json() });
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };

  const address = ({ on, open }) => {
    const query = new URLSearchParams({ on, ...(open ? { open } : {}) });
    return `${window.location.pathname.replace(/\/(change|publish|withdraw|resolve)$/, "")}?${query}`;
  };

  const kindOf = (key) => (document.querySelector(`[data-stop="${CSS.escape(key)}"]`)?.hasAttribute("data-out") ? "unserved" : "stop");

  const follow = () => {
    const now = { ...board().dataset };
    scrolled.forEach((left, id) => { const row = document.getElementById(id); if (row) row.scrollLeft = left; });
    window.history.replaceState(null, "", address(now));
    if (now.version !== shown.version || now.on !== shown.on) redraw(now.shapes);
    else if (now.open && now.open !== shown.open) send({ type: "fly-to", kind: kindOf(now.open), id: now.open });
    const missed = document.getElementById("missed");
    if (missed) missed.scrollIntoView({ block: "center" });
    else if (now.open && now.open !== shown.open) document.getElementById("panel-head")?.focus();
    else if (!now.open && shown.open) document.getElementById(`open-${shown.open}`)?.focus();
    shown = now;
  };

  const say = (id, on) => { const note = document.getElementById(id); if (note) note.hidden = !on; };

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.id !== "plan-board") return;
    scrolled = new Map([...document.querySelectorAll(".ways")].map((row) => [row.id, row.scrollLeft]));
    // A refusal comes with the plan as it is now: it is shown like any other answer.
    if (REFUSED.has(detail.xhr.status) && detail.xhr.responseText.includes('id="plan-board"')) {
      detail.shouldSwap = true;
      detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterSettle", ({ target }) => {
    if (target.id === "plan-board" || target.closest?.("#plan-board")) follow();
  });
  document.addEventListener("htmx:beforeRequest", ({ target }) => { if (target.closest("#plan-board")) say("plan-trouble", false); });
  ["htmx:sendError", "htmx:responseError"].forEach((kind) => document.addEventListener(kind, ({ target }) => {
    if (target.closest("#plan-board")) say("plan-trouble", true);
  }));

  /* ---- a job that ends takes its page along ---- */

  document.addEventListener("htmx:afterSwap", () => {
    const watched = document.querySelector("[data-await-job]");
    if (watched && !watched.querySelector("[hx-get]")) window.location.replace(board() ? address(shown) : window.location.pathname);
  });

  /* ---- what is tapped on the map is opened on the board ---- */

  window.addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame?.contentWindow || origin !== "null" || data?.geoservice !== 1 || data.type !== "selected") return;
    if (!["stop", "unserved"].includes(data.kind) || shown?.open === data.id) return;
    document.getElementById(`open-${data.id}`)?.click();
  });

  /* ---- keys: undo, redo, and a stop in focus up or down ---- */

  const press = (id) => { const button = document.getElementById(id); if (button && !button.disabled) button.click(); };

  const shift = (row, by) => {
    const rows = [...row.parentElement.querySelectorAll(":scope > .stop")];
    const at = rows.indexOf(row) + by;
    const list = row.closest("[data-stops]");
    if (list && at >= 0 && at < rows.length && !row.closest(".is-locked")) window.PlanMove?.({ do: "move", stop: row.dataset.stop, to: list.dataset.stops, at });
  };

  document.addEventListener("keydown", (event) => {
    if (typing(event.target)) return;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) {
      event.preventDefault();
      press(key === "y" || event.shiftKey ? "redo" : "undo");
    }
    const row = event.target.closest(".stop");
    if (event.altKey && row && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      shift(row, event.key === "ArrowUp" ? -1 : 1);
    }
  });
})();
