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

  /* Whoever logs out leaves none of his pages on the phone; what he has not sent yet stays there for him. */
  document.addEventListener("submit", (event) => {
    if (!window.caches || !event.target.action?.endsWith("/logout")) return;
    caches.keys().then((names) => names.filter((name) => name.startsWith("geoservice-pages")).forEach((name) => caches.delete(name)));
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-fill-login]");
    if (button) fillLogin(button);
  });

  /* A choice that is made as soon as it is chosen. */
  document.addEventListener("change", (event) => {
    if (event.target.closest?.("[data-submit-on-change]")) event.target.form.requestSubmit();
  });
})();
