/* Inside the frame: a plan's ways, stops and what was left out, drawn anew whenever the page around changed the plan.
 *
 *   in   {geoservice: 1, type: "plan", shapes: as maps/plans.py packs them}
 *   out  {geoservice: 1, type: "selected", kind: "way", "stop" or "unserved", id} */
"use strict";

(() => {
  const KINDS = ["ways", "stops", "left_out"];
  const DASHES = [null, "11 5", "2 6", "12 4 2 4"];
  const MOST_STOPS = 5000;
  let ways = null;

  const color = (at) => GeoMap.color(`--plan-${ways.colours[at]}`);

  const legendRow = (at) => {
    const row = document.createElement("li");
    const space = "http://www.w3.org/2000/svg";
    const sample = document.createElementNS(space, "svg");
    sample.setAttribute("width", "34");
    sample.setAttribute("height", "18");
    sample.setAttribute("aria-hidden", "true");
    const line = document.createElementNS(space, "path");
    line.setAttribute("d", "M1 9H33");
    line.setAttribute("class", `plan-line plan-line-${ways.colours[at]} plan-dash-${ways.dashes[at]}`);
    sample.append(line);
    row.append(sample);
    GeoMap.write("span", `plan-sign plan-sign-${ways.colours[at]}`, ways.letters[at], row);
    GeoMap.write("span", "", ways.titles[at], row);
    return row;
  };

  Object.assign(GeoMap.layerOf, { way: "ways", stop: "stops", unserved: "left_out" });
  GeoMap.order = ["ways", "stops", "left_out"];
  ["stop", "unserved"].forEach((kind) => GeoMap.spots.add(kind));

  Object.assign(GeoMap.makers, {
    ways(data, group) {
      const beside = new Map();
      ways = data;
      document.getElementById("way-rows").replaceChildren(...data.ids.map((_, at) => legendRow(at)));
      data.lines.forEach((lines, at) => {
        const places = lines.map(GeoMap.unpack);
        const inner = { color: color(at), weight: 4.5, dashArray: DASHES[data.dashes[at]], lineCap: data.dashes[at] === 2 ? "round" : "butt" };
        GeoMap.cased("way", data, at, places, inner, { color: "#fff", weight: 8, opacity: 0.85 }).forEach((shape) => shape.addTo(group));
        const start = GeoMap.place(data.starts[at]);
        if (!start) return;
        // Teams that start at one place stand side by side.
        const place = data.starts[at].join();
        beside.set(place, (beside.get(place) ?? -1) + 1);
        const html = GeoMap.write("span", `plan-sign plan-sign-${data.colours[at]}`, data.letters[at]);
        const icon = L.divIcon({ html, className: "plan-start", iconSize: null, iconAnchor: [-26 * beside.get(place), 0] });
        const depot = L.marker(start, { icon, title: data.titles[at], alt: data.titles[at], zIndexOffset: 1000 });
        depot.entry = GeoMap.byKey.get(`way:${data.ids[at]}`).shape.entry;
        depot.addTo(group);
      });
    },

    stops(data, group) {
      data.places.forEach((pair, at) => {
        const place = GeoMap.place(pair);
        const way = data.ways[at];
        const dot = L.circleMarker(place, { className: "plan-stop", radius: 5, color: "#fff", weight: 1.5, fillColor: color(way), fillOpacity: 1 });
        GeoMap.remember("stop", data, at, dot, place).addTo(group);
        const label = `${ways.letters[way]}${data.numbers[at]}`;
        GeoMap.addLabel(group, place, `plan-badge plan-badge-${ways.colours[way]}${data.pinned[at] ? " is-pinned" : ""}`, [label],
          { rank: data.numbers[at], entry: dot.entry, title: `${label} ${data.titles[at]}` });
      });
    },

    left_out(data, group) {
      data.places.forEach((pair, at) => {
        const place = GeoMap.place(pair);
        const sign = GeoMap.write("span", "plan-left-out", "");
        const shape = L.marker(place, { icon: L.divIcon({ html: sign, className: "plan-left", iconSize: null }), title: data.titles[at], alt: data.titles[at], zIndexOffset: 900 });
        GeoMap.remember("unserved", data, at, shape, place).addTo(group);
      });
    },
  });

  const redraw = (shapes) => {
    GeoMap.map.closePopup();
    GeoMap.marked = null;
    KINDS.forEach((kind) => GeoMap.layers[kind].clearLayers());
    GeoMap.labels = GeoMap.labels.filter(({ room }) => room);
    [...GeoMap.byKey.keys()].filter((key) => !key.startsWith("zone:")).forEach((key) => GeoMap.byKey.delete(key));
    KINDS.forEach((kind) => GeoMap.makers[kind](shapes[kind], GeoMap.layers[kind]));
    GeoMap.restack();
    GeoMap.tidyLabels();
    document.documentElement.dataset.drawn = String(Number(document.documentElement.dataset.drawn || 1) + 1);
  };

  /* A frame may get its size late, or another on a turned phone: until somebody moves the map, it shows the whole plan. */
  const stayHome = () => {
    const container = GeoMap.map.getContainer();
    let moved = false;
    new ResizeObserver(() => {
      if (moved) return;
      GeoMap.map.invalidateSize({ animate: false, pan: false });
      GeoMap.goHome(false);
    }).observe(container);
    ["pointerdown", "wheel", "keydown"].forEach((kind) => container.addEventListener(kind, () => { moved = true; }, { passive: true }));
    GeoMap.map.on("popupopen", () => { moved = true; });
  };
  window.addEventListener("DOMContentLoaded", stayHome);

  GeoMap.handlers.plan = ({ shapes }) => {
    const whole = shapes && KINDS.every((kind) => Array.isArray(shapes[kind]?.ids));
    if (whole && shapes.stops.ids.length <= MOST_STOPS) redraw(shapes);
  };
})();
