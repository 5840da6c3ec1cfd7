/* Small things the pages around the maps need; every page works without them. */
"use strict";

(() => {
  /* Demo logins: one tap fills the form. */
  const fillLogin = (button) => {
    document.getElementById("login").value = button.dataset.fillLogin;
    document.getElementById("password").value = button.dataset.fillPassword;
    document.querySelector("#login-form button[type=submit]").focus();
  };

  /* A form that asks before it does something that can't be taken back. */
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset?.ask;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  /* Whoever logs out leaves none of his pages on the phone; what he has not sent yet stays there for him. The page that asks who is there
     does it once more: the one that was left may have been gone too soon, and the worker may have been keeping a page just then. */
  const forgetPages = async () => {
    if (!window.caches) return;
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("geoservice-pages")).map((name) => caches.delete(name)));
    const worker = await navigator.serviceWorker?.getRegistration("/field/");
    worker?.active?.postMessage({ forget: true });
  };
  if (document.getElementById("login-form")) forgetPages();
  document.addEventListener("submit", (event) => {
    if (event.target.action?.endsWith("/logout")) forgetPages();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-fill-login]");
    if (button) fillLogin(button);
  });

  /* A table or list larger than its place is scrolled by the arrow keys too: where nothing in it takes the focus, its box does. */
  const letKeysScroll = () => document.querySelectorAll(".table-responsive, .map-list").forEach((box) => {
    const waits = (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) && !box.querySelector("a[href], button, input, select, summary");
    if (waits === box.hasAttribute("tabindex")) return;
    if (waits) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
  ["DOMContentLoaded", "htmx:afterSettle"].forEach((event) => document.addEventListener(event, letKeysScroll));
  document.addEventListener("toggle", letKeysScroll, true);
  window.addEventListener("resize", letKeysScroll);

  /* A choice that is made as soon as it is chosen. */
  document.addEventListener("change", (event) => {
    if (event.target.closest?.("[data-submit-on-change]")) event.target.form.requestSubmit();
  });
})();
