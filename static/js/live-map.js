/* Inside the frame: devices at their last fix, drawn anew whenever the page around heard of them.
 *
 *   in   {geoservice: 1, type: "live", shapes: as maps/live.py packs them} */
"use strict";

(() => {
  const MOST = 5000;
  const SIGNS = [
    ["circle", { cx: 9, cy: 9, r: 7, class: "live-out" }],
    ["path", { d: "M9 0L19 17H-1z", class: "live-quiet" }],
    ["circle", { cx: 9, cy: 9, r: 6, class: "live-old" }],
  ];

  GeoMap.layerOf.device = "devices";
  GeoMap.order.push("devices");
  GeoMap.spots.add("device");

  GeoMap.makers.devices = function (data, group) {
    data.places.forEach((pair, at) => {
      const place = GeoMap.place(pair);
      const sign = GeoMap.svg("svg", { width: 18, height: 18, viewBox: "0 0 18 18", "aria-hidden": "true" });
      const [shape, attributes] = SIGNS[data.signs[at]];
      GeoMap.svg(shape, attributes, sign);
      const icon = L.divIcon({ html: sign, className: "live-device", iconSize: [18, 18] });
      const marker = L.marker(place, { icon, title: data.titles[at], alt: data.titles[at], zIndexOffset: data.signs[at] === 1 ? 200 : 0 });
      GeoMap.remember("device", data, at, marker, place).addTo(group);
      GeoMap.addLabel(group, place, "live-tag", [data.titles[at]], { rank: at, entry: marker.entry, title: data.titles[at], lift: 18 });
    });
  };

  const redraw = (shapes) => {
    const open = GeoMap.marked;
    GeoMap.layers.devices.clearLayers();
    GeoMap.labels = GeoMap.labels.filter(({ label }) => label.entry?.kind !== "device");
    [...GeoMap.byKey.keys()].filter((key) => key.startsWith("device:")).forEach((key) => GeoMap.byKey.delete(key));
    GeoMap.makers.devices(shapes, GeoMap.layers.devices);
    if (open && open.kind === "device") GeoMap.marked = null;
    GeoMap.restack();
    GeoMap.tidyLabels();
    document.documentElement.dataset.drawn = String(Number(document.documentElement.dataset.drawn || 1) + 1);
  };

  GeoMap.handlers.live = ({ shapes }) => {
    if (Array.isArray(shapes?.ids) && shapes.ids.length <= MOST) redraw(shapes);
  };
})();
