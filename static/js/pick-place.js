/* A tap on the map beside a form, or the position of this device, fills the form's field for a place.
 *
 *   <form data-pick-place data-map="place-map">… <input data-place-field> <button type="button" data-here hidden>
 *     <p data-place-said hidden data-asking="…" data-found="…" data-failed="…">
 *   <form … data-send-picked>: sent as soon as a place is picked.
 *   <iframe … data-shows-place="lon,lat">: a map that only shows a place.
 *
 * The form works without any of it: longitude and latitude can be typed. */
"use strict";

(() => {
  const placeOf = (text) => {
    const numbers = text.split(/[\s,，]+/).filter(Boolean).map(Number);
    return numbers.length === 2 && numbers.every(Number.isFinite) ? numbers : null;
  };

  const draw = (frame, place) => frame?.contentWindow.postMessage(
    { geoservice: 1, type: "depots", start: place, end: null }, "*");

  const told = (frame, event) => event.source === frame?.contentWindow && event.origin === "null" && event.data?.geoservice === 1;

  document.querySelectorAll("iframe[data-shows-place]").forEach((frame) => {
    window.addEventListener("message", (event) => {
      if (told(frame, event) && event.data.type === "ready") draw(frame, placeOf(frame.dataset.showsPlace));
    });
  });

  const form = document.querySelector("form[data-pick-place]");
  if (!form) return;
  const field = form.querySelector("[data-place-field]");
  const frame = document.getElementById(form.dataset.map);
  const said = form.querySelector("[data-place-said]");
  const here = form.querySelector("[data-here]");

  const show = () => draw(frame, placeOf(field.value));

  const say = (what) => {
    if (!said) return;
    said.hidden = !what;
    said.textContent = what ? said.dataset[what] : "";
  };

  const take = (lon, lat) => {
    field.value = `${lon.toFixed(6)},${lat.toFixed(6)}`;
    show();
    if ("sendPicked" in form.dataset) form.requestSubmit();
  };

  /* The map was drawn around another place: draw it around this one. */
  const showAround = (lon, lat) => {
    if (!frame) return;
    const address = new URL(frame.src);
    address.searchParams.set("place", `${lon.toFixed(4)},${lat.toFixed(4)}`);
    frame.ariaBusy = "true";
    frame.src = address;
    frame.addEventListener("load", () => { frame.ariaBusy = "false"; }, { once: true });
  };

  const locate = () => {
    say("asking");
    here.disabled = true;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      here.disabled = false;
      say("found");
      if (!("sendPicked" in form.dataset)) showAround(coords.longitude, coords.latitude);
      take(coords.longitude, coords.latitude);
    }, () => { here.disabled = false; say("failed"); }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 });
  };

  window.addEventListener("message", (event) => {
    const message = event.data;
    if (!told(frame, event)) return;
    if (message.type === "ready") show();
    if (message.type === "picked" && Number.isFinite(message.lon) && Number.isFinite(message.lat)) {
      say("");
      take(message.lon, message.lat);
    }
  });
  field.addEventListener("input", show);
  if (here && navigator.geolocation) {
    here.hidden = false;
    here.addEventListener("click", locate);
  }
})();
