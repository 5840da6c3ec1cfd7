/* Lines on the map: streets, tracks, unseen stretches, and what is suggested. */
"use strict";

GeoMap.midway = function (line) {
  const middle = Math.floor((line.length - 1) / 2);
  const next = line[Math.min(middle + 1, line.length - 1)];
  return L.latLng((line[middle].lat + next.lat) / 2, (line[middle].lng + next.lng) / 2);
};

/* A broad pale or dark line below, so that the line itself stands out on every ground; a tap on either counts. */
GeoMap.cased = function (kind, data, index, places, inner, casing) {
  const below = L.polyline(places, { className: `${kind}-casing`, opacity: 1, ...casing });
  const line = L.polyline(places, { className: kind, opacity: 1, ...inner });
  GeoMap.remember(kind, data, index, line, GeoMap.place(data.anchors[index]));
  below.entry = line.entry;
  return [below, line];
};

Object.assign(GeoMap.makers, {
  streets(data, group) {
    const plain = GeoMap.color("--map-street");
    const mine = GeoMap.color("--map-mine");
    data.lines.forEach((lines, index) => {
      const places = lines.map(GeoMap.unpack);
      const key = data.mine[index];
      const shape = L.polyline(places, {
        className: key ? "street mine" : "street", color: key ? mine : plain, weight: key ? 4 : 1.6, opacity: key ? 0.95 : 0.8,
      });
      GeoMap.remember("street", data, index, shape, null).addTo(group);
      const longest = places.reduce((best, line) => (line.length > best.length ? line : best), []);
      if (longest.length && !GeoMap.many) {
        GeoMap.addLabel(group, GeoMap.midway(longest), key ? "street-label mine" : "street-label",
          [data.titles[index]], { rank: (key ? 500 : 5000) + index, room: shape.getBounds() });
      }
    });
  },

  tracks(data, group) {
    const color = GeoMap.color("--map-track");
    data.lines.forEach((lines, index) => {
      const shape = L.polyline(lines.map(GeoMap.unpack), { className: "track", color, weight: 1.5, opacity: 0.75, dashArray: "6 3" });
      GeoMap.remember("track", data, index, shape, null).addTo(group);
    });
  },

  stretches(data, group) {
    const inner = { color: GeoMap.color("--map-stretch"), weight: 4, dashArray: "9 5", lineCap: "butt" };
    const casing = { color: GeoMap.color("--map-stretch-casing"), weight: 7.5, lineCap: "butt" };
    const pairs = data.lines.map((lines, index) => GeoMap.cased("stretch", data, index, lines.map(GeoMap.unpack), inner, casing));
    [0, 1].forEach((level) => pairs.forEach((pair) => pair[level].addTo(group)));
  },

  suggestions(data, group) {
    const gold = GeoMap.color("--map-suggestion");
    const ink = GeoMap.color("--map-suggestion-ink");
    data.lines.forEach((lines, index) => {
      const anchor = GeoMap.place(data.anchors[index]);
      const detour = lines.length > 0;
      if (detour) {
        GeoMap.cased("suggestion", data, index, lines.map(GeoMap.unpack), { color: gold, weight: 4 }, { color: ink, weight: 8 })
          .forEach((shape) => shape.addTo(group));
      } else {
        const foot = L.circleMarker(anchor, { className: "suggestion-foot", radius: 4, color: ink, weight: 2, fillColor: gold, fillOpacity: 1 });
        GeoMap.remember("suggestion", data, index, foot, anchor).addTo(group);
      }
      const entry = GeoMap.byKey.get(`suggestion:${data.ids[index]}`);
      GeoMap.addLabel(group, anchor, detour ? "suggestion-tag" : "suggestion-pin", [String(data.ranks[index])],
        { rank: data.ranks[index] - 1000, entry, title: `${data.tags[index]} ${data.ranks[index]}`, lift: detour ? 0 : 18 });
    });
  },
});
