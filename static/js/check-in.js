/* Checking in: the phone says where it is, if it may. Without this script everything else works the same. */
"use strict";

(() => {
  const options = { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 };

  const tellPlace = (form) => {
    const line = form.querySelector("[data-place]");
    const say = (what) => { line.hidden = false; line.textContent = line.dataset[what]; };
    say("asking");
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      form.elements.lon.value = coords.longitude.toFixed(6);
      form.elements.lat.value = coords.latitude.toFixed(6);
      say("found");
    }, () => say("failed"), options);
  };

  /* A hundred metres are enough to sort points by, and all that an address should hold of a person. */
  const sortByDistance = (button) => {
    button.hidden = false;
    button.addEventListener("click", (event) => {
      event.preventDefault();
      button.disabled = true;
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        const address = new URL(button.form.action);
        address.searchParams.set("q", button.form.elements.q.value);
        address.searchParams.set("near", `${coords.longitude.toFixed(3)},${coords.latitude.toFixed(3)}`);
        window.location.assign(address);
      }, () => { button.disabled = false; button.textContent = button.dataset.failed; }, options);
    });
  };

  if (!navigator.geolocation) return;
  document.querySelectorAll("[data-check-in]").forEach(tellPlace);
  document.querySelectorAll("[data-near]").forEach(sortByDistance);
})();
