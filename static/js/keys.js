/* The keyboard: shortcuts of any page, the sheet that lists them, and the box that finds. Every page works without. */
"use strict";

(() => {
  const sheet = document.getElementById("key-sheet");
  const finder = document.getElementById("finder");
  if (!sheet) return;
  const PATIENCE_MS = 1500;
  const PAUSE_MS = 120;

  const isTyping = (place) => Boolean(place.closest?.("input, textarea, select, [contenteditable]:not([contenteditable=false])"));

  /* A box gives the focus back to what had it. */
  const open = (box) => {
    const before = document.activeElement;
    box.addEventListener("close", () => { if (before?.isConnected) before.focus({ preventScroll: true }); }, { once: true });
    box.showModal();
  };

  /* What a page itself offers stands beside what every page does. */
  const listOwn = () => {
    const own = [...document.querySelectorAll("[data-keys]")].filter((one) => !sheet.contains(one) && one.dataset.keysLabel);
    const list = document.querySelector("#key-own ul");
    list.replaceChildren(...own.map((one) => {
      const row = document.createElement("li");
      const keys = document.createElement("span");
      const label = document.createElement("span");
      label.textContent = one.dataset.keysLabel;
      keys.className = "keys";
      one.dataset.keys.split(" ").forEach((key) => {
        const sign = document.createElement("kbd");
        sign.textContent = key;
        keys.append(sign, " ");
      });
      row.append(label, keys);
      return row;
    }));
    list.parentElement.hidden = own.length === 0;
  };
  const openSheet = () => { listOwn(); open(sheet); };

  let pressed = [];
  let since = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector("dialog[open], .modal.show")) return;
    if (event.key === "?") { event.preventDefault(); openSheet(); return; }
    if (event.key === "/" && finder) { event.preventDefault(); open(finder); finder.querySelector("input").select(); return; }
    if (event.key.length !== 1) return;
    if (event.timeStamp - since > PATIENCE_MS) pressed = [];
    since = event.timeStamp;
    pressed = [...pressed, event.key.toLowerCase()].slice(-2);
    const goal = document.querySelector(`[data-keys="${CSS.escape(pressed.join(" "))}"]`)
      ?? document.querySelector(`[data-keys="${CSS.escape(pressed.at(-1))}"]`);
    if (!goal) return;
    event.preventDefault();
    pressed = [];
    goal.click();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-open-keys]")) openSheet();
    const link = event.target.closest?.("[data-open-finder]");
    if (link && finder && !event.ctrlKey && !event.metaKey) { event.preventDefault(); open(finder); finder.querySelector("input").select(); }
    if (event.target === sheet || event.target === finder || event.target.closest?.("[data-close]")) event.target.closest("dialog")?.close();
  });
  document.querySelectorAll("[data-open-keys]").forEach((button) => { button.hidden = false; });

  if (!finder) return;
  const field = finder.querySelector("input");
  const found = document.getElementById("finder-found");
  let asked = 0;
  let waiting = null;

  /* Only the answer to what was asked last is shown. */
  const ask = async () => {
    const number = asked += 1;
    try {
      const answer = await fetch(`${finder.dataset.address}?q=${encodeURIComponent(field.value)}`, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (answer.status === 401) { window.location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (number === asked) found.innerHTML = html;
    } catch {
      if (number !== asked) return;
      const note = document.createElement("p");
      note.className = "bad";
      note.setAttribute("role", "status");
      note.textContent = finder.dataset.trouble;
      found.replaceChildren(note);
    }
  };
  field.addEventListener("input", (event) => {
    window.clearTimeout(waiting);
    if (!event.isComposing) waiting = window.setTimeout(ask, PAUSE_MS);
  });
  field.addEventListener("compositionend", () => { window.clearTimeout(waiting); waiting = window.setTimeout(ask, PAUSE_MS); });

  /* Up and down walk from the field through what was found; Enter in the field takes the first. */
  finder.addEventListener("keydown", async (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && event.target === field) {
      event.preventDefault();
      window.clearTimeout(waiting);
      await ask();
      found.querySelector("a")?.click();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const stops = [field, ...found.querySelectorAll("a")];
    const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    stops[Math.max(0, Math.min(next, stops.length - 1))].focus();
  });
})();
