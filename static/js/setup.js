/* Setting up a team: a tap on the map, or a position of this device, fills the field that is chosen.
 *
 * The form works without any of it: longitude and latitude can be typed. */
"use strict";

(() => {
  const frame = document.getElementById("depot-map");
  if (!frame) return;
  const fields = { start: document.getElementById("f-depot"), end: document.getElementById("f-end_depot") };
  const chosen = () => document.querySelector("[name=picking]:checked")?.value || "start";

  const placeOf = (field) => {
    const numbers = field.value.split(/[\s,，]+/).filter(Boolean).map(Number);
    return numbers.length === 2 && numbers.every(Number.isFinite) ? numbers : null;
  };

  const show = () => frame.contentWindow.postMessage(
    { geoservice: 1, type: "depots", start: placeOf(fields.start), end: placeOf(fields.end) }, "*");

  window.addEventListener("message", (event) => {
    const message = event.data;
    if (event.source !== frame.contentWindow || event.origin !== "null" || message?.geoservice !== 1) return;
    if (message.type === "ready") show();
    if (message.type === "picked" && Number.isFinite(message.lon) && Number.isFinite(message.lat)) {
      fields[chosen()].value = `${message.lon.toFixed(6)},${message.lat.toFixed(6)}`;
      show();
    }
  });
  Object.values(fields).forEach((field) => field.addEventListener("input", show));
})();
