/* Streets behind the small map of a page: asked for once, drawn in grey, and nothing depends on them.
 *
 *   PageStreets.fetch(address, look)   → a line of Leaflet, null where there is none; `look` is how it is drawn */
"use strict";

const PageStreets = (() => {
  /* Flat [lat, lon, Δlat, Δlon …] in millionths of a degree → places. */
  const unpack = (flat) => {
    const places = [];
    let lat = 0;
    let lon = 0;
    for (let at = 0; at < flat.length; at += 2) {
      lat += flat[at];
      lon += flat[at + 1];
      places.push([lat / 1e6, lon / 1e6]);
    }
    return places;
  };

  const ask = async (address, look) => {
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json", "X-Requested-With": "fetch" } });
      if (!answer.ok) return null;
      const color = getComputedStyle(document.documentElement).getPropertyValue("--map-street").trim();
      return L.polyline((await answer.json()).map(unpack), { color, weight: 1, opacity: 0.5, interactive: false, ...look });
    } catch {
      return null; // what the map is about is there already; streets behind it are a help only
    }
  };

  return { fetch: ask };
})();
