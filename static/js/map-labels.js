/* Labels and badges on the map: the important first, none over another. */
"use strict";

GeoMap.addLabel = function (group, place, className, lines, { rank, entry, title, room, lift = 0 }) {
  if (!place) return;
  const html = GeoMap.write("span", "", "");
  lines.forEach((line) => GeoMap.write("span", "line", line, html));
  const icon = L.divIcon({ html, className, iconSize: null });
  const label = L.marker(place, {
    icon, interactive: Boolean(entry), keyboard: Boolean(entry), title: title || "", alt: title || "",
    zIndexOffset: entry ? 2000 - Math.min(rank, 900) : 400,
  });
  if (entry) {
    entry.badge = label;
    label.entry = entry;
  }
  const widest = lines.reduce((most, line) => Math.max(most, GeoMap.textWidth(line)), 0);
  GeoMap.labels.push({ label, rank, room, lift, width: entry ? 20 + widest : widest, height: entry ? 24 : 15 * lines.length });
  label.addTo(group);
};

/* Half-width characters are about 6.5 px wide at 12 px, Chinese ones 12. */
GeoMap.textWidth = (text) => [...text].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2e80 ? 12 : 6.5), 0);

GeoMap.tidyLabels = function () {
  const map = GeoMap.map;
  const view = map.getBounds().pad(0.1);
  const taken = [];
  const signs = GeoMap.signsInView(view);
  const size = map.getSize();
  let badges = Math.max(12, Math.round((size.x * size.y) / 14000));
  GeoMap.labels.sort((one, other) => one.rank - other.rank);
  GeoMap.labels.forEach((item) => {
    const element = item.label.getElement();
    if (!element) return;
    const inside = view.contains(item.label.getLatLng()) && (item.room ? GeoMap.hasRoom(item) : badges > 0);
    const shift = inside ? GeoMap.findRoom(taken, signs, map.latLngToContainerPoint(item.label.getLatLng()), item) : null;
    element.classList.toggle("is-hidden", shift === null);
    if (!item.room && shift !== null) badges -= 1;
    if (item.room && shift !== null) element.firstChild.style.top = `${shift}px`;
  });
};

/* Point signs are obstacles for names while there are few enough to read. */
GeoMap.signsInView = function (view) {
  const signs = [];
  const group = GeoMap.layers.points;
  if (!group || GeoMap.dots || !GeoMap.map.hasLayer(group) || GeoMap.map.getContainer().classList.contains("crowded")) return signs;
  group.eachLayer((shape) => {
    if (!view.contains(shape.getLatLng())) return;
    const { x, y } = GeoMap.map.latLngToContainerPoint(shape.getLatLng());
    signs.push({ x, y, width: 20, height: 20 });
  });
  return signs;
};

GeoMap.hasRoom = function (item) {
  const { room, width, height } = item;
  const low = GeoMap.map.latLngToContainerPoint(room.getSouthWest());
  const high = GeoMap.map.latLngToContainerPoint(room.getNorthEast());
  item.slack = Math.max(0, (low.y - high.y - height) / 2);
  return Math.max(high.x - low.x, low.y - high.y) >= width + 6;
};

/* The first shift up or down (px) within the shape at which a label touches nothing; badges stay where they are. */
GeoMap.findRoom = function (taken, signs, { x, y: foot }, { room, slack, lift, width, height }) {
  const y = foot - lift;
  const shifts = room ? [0, -slack / 2, slack / 2, -slack, slack] : [0];
  const touches = (box, top) => Math.abs(box.x - x) * 2 < box.width + width && Math.abs(box.y - top) * 2 < box.height + height;
  const shift = shifts.find((step) => ![...taken, ...(room ? signs : [])].some((box) => touches(box, y + step)));
  if (shift === undefined) return null;
  taken.push({ x, y: y + shift, width, height });
  return shift;
};
