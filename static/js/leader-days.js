/* On a phone the choice of days is a sheet behind one button; where there is room it always stands there.
 *
 *   <button data-unfold="choose-days" aria-expanded="false">…</button> … <div id="choose-days">…</div> */
"use strict";

(() => {
  const button = document.querySelector("[data-unfold]");
  const sheet = document.getElementById(button?.dataset.unfold ?? "");
  if (!sheet) return;

  const isOpen = () => button.getAttribute("aria-expanded") === "true";
  const open = (wanted) => {
    button.setAttribute("aria-expanded", String(wanted));
    sheet.classList.toggle("is-open", wanted);
  };

  button.addEventListener("click", () => open(!isOpen()));
  document.addEventListener("click", ({ target }) => { if (isOpen() && !button.contains(target) && !sheet.contains(target)) open(false); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !isOpen()) return;
    open(false);
    button.focus();
  });
  /* A tap on the map, which is a page of its own, is known by the focus that goes there. */
  window.addEventListener("blur", () => open(false));
})();
