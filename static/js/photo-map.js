/* The places of a photo on a small map; the table beside it says the same. */
"use strict";

(() => {
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const COLOURS = { photo: "--map-position", subject: "--map-mine", track: "--map-track" };

  const draw = (box) => {
    const places = JSON.parse(box.dataset.places);
    const map = L.map(box, { zoomControl: false, attributionControl: false, maxZoom: 19 });
    const all = L.latLngBounds(places.map((one) => one.place));
    map.fitBounds(all.pad(0.15), { maxZoom: 17, animate: false });
    BaseMaps.inPage(map, BaseMaps.standIn(map, () => PageStreets.fetch(box.dataset.streets)));
    L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
    L.control.scale({ imperial: false, maxWidth: 90 }).addTo(map);
    const photo = places.find((one) => one.kind === "photo");
    places.forEach((one) => {
      if (photo && one !== photo) L.polyline([photo.place, one.place], { color: css("--map-point"), weight: 1.5, dashArray: "5 5", interactive: false }).addTo(map);
    });
    places.forEach((one) => {
      const name = document.createElement("span");
      name.textContent = one.name;
      L.circleMarker(one.place, { radius: 8, color: "#fff", weight: 2, fillColor: css(COLOURS[one.kind]), fillOpacity: 1 }).bindTooltip(name).addTo(map);
    });
    box.dataset.ready = "yes";
  };

  if (window.L) document.querySelectorAll("[data-photo-map]").forEach(draw);
})();
