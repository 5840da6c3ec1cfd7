/* Inside the frame: a tap says where; the page around says what is drawn.
 *
 *   in   {geoservice: 1, type: "depots", start: [lon, lat] or null, end: [lon, lat] or null}
 *   out  {geoservice: 1, type: "picked", lon, lat} */
"use strict";

(() => {
  const drawn = {};

  const isPlace = (place) => Array.isArray(place) && place.length === 2 && place.every(Number.isFinite)
    && Math.abs(place[0]) <= 180 && Math.abs(place[1]) <= 90;

  const draw = (kind, place) => {
    drawn[kind]?.remove();
    delete drawn[kind];
    if (!isPlace(place)) return;
    drawn[kind] = L.circleMarker([place[1], place[0]], {
      radius: kind === "end" ? 11 : 8, className: `depot-${kind}`, interactive: false, renderer: L.svg(),
    }).addTo(GeoMap.map);
  };

  GeoMap.handlers.depots = ({ start, end }) => {
    draw("end", end);
    draw("start", start);
  };

  /* Cards of streets and zones would only be in the way of a tap that sets a place. */
  GeoMap.open = () => {};
  window.addEventListener("DOMContentLoaded", () => {
    GeoMap.map.getContainer().classList.add("picks");
    GeoMap.map.eachLayer((layer) => layer.off?.("click"));
    GeoMap.map.on("click", ({ latlng }) => GeoMap.tell({ type: "picked", lon: latlng.lng, lat: latlng.lat }));
  });
})();
