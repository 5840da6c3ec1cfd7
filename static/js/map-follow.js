/* Maps side by side show the same place: each tells where it was moved to, and goes where the page says the other is.
 *
 *   in   {geoservice: 1, type: "follow"} · {…, type: "view", lat, lon, zoom}
 *   out  {…, type: "moved", lat, lon, zoom} once it was asked to follow */
"use strict";

Object.assign(GeoMap.handlers, {
  follow() {
    if (GeoMap.follows) return;
    GeoMap.follows = true;
    GeoMap.map.on("moveend", () => {
      if (GeoMap.isLed) return;
      const { lat, lng } = GeoMap.map.getCenter();
      GeoMap.tell({ type: "moved", lat, lon: lng, zoom: GeoMap.map.getZoom() });
    });
  },
  view({ lat, lon, zoom }) {
    if (![lat, lon, zoom].every(Number.isFinite) || Math.abs(lat) > 90 || Math.abs(lon) > 180) return;
    GeoMap.isLed = true;
    GeoMap.touched = true;
    GeoMap.map.setView([lat, lon], zoom, { animate: false });
    GeoMap.isLed = false;
  },
});
