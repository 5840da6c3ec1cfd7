/* Inside the frame: one patrol, planned and as it went, and where it was at the moment its page replays.
 *
 *   in   {geoservice: 1, type: "replay", places: [[lon, lat], …], trail: [[lon, lat], …]}
 *
 * `places`: where each device is, none before it began; `trail`: where the first was just before. */
"use strict";

(() => {
  const TRAIL_MOST = 400;
  GeoMap.layerOf.stop = "stops";
  GeoMap.order.push("planned", "gone");
  GeoMap.spots.add("stop");

  const line = (kind, data, group, look, casing) => data.lines.forEach((parts, index) => {
    const places = parts.map(GeoMap.unpack);
    GeoMap.cased(kind, data, index, places, { ...look, opacity: index ? 0.6 : 1 }, casing).forEach((shape) => shape.addTo(group));
  });

  GeoMap.makers.planned = (data, group) => line("planned", data, group,
    { color: GeoMap.color("--map-planned"), weight: 3, dashArray: "2 7", lineCap: "round" }, { color: "#fff", weight: 6 });

  GeoMap.makers.gone = (data, group) => line("gone", data, group,
    { color: GeoMap.color("--map-gone"), weight: 3 }, { color: "#fff", weight: 5.5 });

  GeoMap.makers.stops = (data, group) => data.ids.forEach((_, index) => {
    const place = GeoMap.place(data.anchors[index]);
    const look = data.looks[index];
    const sign = GeoMap.svg("svg", { viewBox: "-2 -2 28 28", width: 28, height: 28, "aria-hidden": "true" });
    GeoMap.svg("path", { d: data.signs[look], class: `stop-sign stop-${look}` }, sign);
    GeoMap.svg("text", { x: 12, y: 12.5, class: `stop-number stop-number-${look}` }, sign).textContent = data.numbers[index];
    const icon = L.divIcon({ html: sign, className: "stop", iconSize: [28, 28] });
    const name = `${data.numbers[index]} ${data.titles[index]}: ${data.tags[index]}`.trim();
    const marker = L.marker(place, { icon, title: name, alt: name, keyboard: true, zIndexOffset: look === "done" ? 0 : 200 });
    GeoMap.remember("stop", data, index, marker, place).addTo(group);
  });

  /* ---- the replay ---- */

  const isPlace = (pair) => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isFinite) && Math.abs(pair[0]) <= 180 && Math.abs(pair[1]) <= 90;
  const toLatLng = ([lon, lat]) => L.latLng(lat, lon);
  const now = { markers: [], trail: null };

  const marker = (index) => {
    now.markers[index] ??= L.circleMarker([0, 0], {
      className: index ? "now now-other" : "now", radius: index ? 6 : 9, color: "#fff", weight: 3,
      fillColor: GeoMap.color("--map-now"), fillOpacity: 1, interactive: false, pane: "points",
    });
    return now.markers[index];
  };

  GeoMap.handlers.replay = ({ places, trail }) => {
    if (!Array.isArray(places) || !Array.isArray(trail)) return;
    now.trail ??= L.polyline([], { className: "now-trail", color: GeoMap.color("--map-now"), weight: 7, opacity: 0.55, interactive: false }).addTo(GeoMap.map);
    now.trail.setLatLngs(trail.slice(-TRAIL_MOST).filter(isPlace).map(toLatLng));
    now.markers.forEach((each, index) => !isPlace(places[index]) && each.remove());
    places.forEach((pair, index) => isPlace(pair) && marker(index).setLatLng(toLatLng(pair)).addTo(GeoMap.map));
    const first = places.find(isPlace);
    if (first && !GeoMap.map.getBounds().pad(-0.08).contains(toLatLng(first))) GeoMap.map.panTo(toLatLng(first), { animate: !GeoMap.calm });
  };
})();
