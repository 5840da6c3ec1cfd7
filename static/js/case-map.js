/* Inside the frame: cases at their places, the latest ones on top. */
"use strict";

(() => {
  const ABOVE = { late: 300, near: 200, calm: 100 };

  GeoMap.layerOf.case = "cases";
  GeoMap.order = ["cases"];
  GeoMap.spots.add("case");

  GeoMap.makers.cases = (data, group) => data.places.forEach((pair, at) => {
    const place = GeoMap.place(pair);
    const look = data.looks[at];
    const sign = GeoMap.svg("svg", { viewBox: "-1 -1 22 22", width: 22, height: 22, "aria-hidden": "true" });
    GeoMap.svg("path", { d: data.signs[look], class: `case-sign case-${look}` }, sign);
    const icon = L.divIcon({ html: sign, className: "case-mark", iconSize: [22, 22] });
    const marker = L.marker(place, { icon, title: data.titles[at], alt: data.titles[at], keyboard: true, zIndexOffset: ABOVE[look] || 0 });
    GeoMap.remember("case", data, at, marker, place).addTo(group);
  });
})();
