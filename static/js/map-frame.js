/* The life of a map page: cards, labels that never overlap, controls, and the bridge to the page around it.
 *
 * The page runs in a frame with an origin of its own ("null"). It speaks to its parent by messages only:
 *   in   {geoservice: 1, type: "fly-to", kind: "gap" | "zone" | "point" | "street", id: "…"}
 *        {geoservice: 1, type: "position", lon, lat, accuracy} · {…, type: "position-failed"} · {…, type: "theme", value}
 *   out  {geoservice: 1, type: "ready"} · {…, type: "selected", kind, id} · {…, type: "locate"} · {…, type: "full-screen", on}
 * Only messages of the parent window, from the address this page came from, are read. */
"use strict";

GeoMap.calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
GeoMap.framed = window.parent !== window;

GeoMap.dress = function (map) {
  const settings = GeoMap.settings();
  Object.assign(GeoMap, { map, home: settings.home, many: settings.many, bare: settings.bare, words: settings.words });
  map.getContainer().classList.toggle("bare", settings.bare);
  if (map.attributionControl) map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: GeoMap.words.zoom_in, zoomOutTitle: GeoMap.words.zoom_out }).addTo(map);
  GeoMap.button(map, "fit", GeoMap.words.fit, () => GeoMap.goHome(!GeoMap.calm));
  GeoMap.button(map, "locate", GeoMap.words.locate, GeoMap.locate);
  L.control.scale({ imperial: false, maxWidth: 90 }).addTo(map);
  GeoMap.placeLegend(map);
  GeoMap.goHome(false);
  map.on("zoomend moveend overlayadd overlayremove", GeoMap.tidyLabels);
  map.on("zoomend", GeoMap.sizePoints);
  map.on("zoomend", GeoMap.repaint);
  map.on("overlayadd", GeoMap.restack);
  map.on("popupopen", (event) => event.popup.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", GeoMap.words.close));
  map.on("enterFullscreen exitFullscreen", GeoMap.afterFullScreen);
  window.addEventListener("DOMContentLoaded", GeoMap.settle);
};

/* The reader's own ground, beside an open legend rather than under it. */
GeoMap.goHome = function (animate) {
  if (!GeoMap.home) return;
  const legend = document.getElementById("map-legend");
  const wide = legend.open && GeoMap.map.getSize().x > 3 * legend.offsetWidth;
  GeoMap.map.fitBounds(GeoMap.home, {
    animate, maxZoom: 18, paddingTopLeft: [wide ? 56 : 14, 14], paddingBottomRight: [wide ? legend.offsetWidth + 24 : 14, 14],
  });
};

/* Once everything is on the map. */
GeoMap.settle = function () {
  const toggle = document.querySelector(".leaflet-control-layers-toggle");
  toggle.title = GeoMap.words.layers;
  toggle.setAttribute("aria-label", GeoMap.words.layers);
  GeoMap.restack();
  GeoMap.sizePoints();
  GeoMap.tidyLabels();
  document.documentElement.dataset.mapReady = "yes";
  GeoMap.tell({ type: "ready" });
};

/* Where the browser offers no full screen (phones by Apple), the page around lets the frame fill the window. */
GeoMap.afterFullScreen = function (event) {
  const on = event.type === "enterFullscreen";
  GeoMap.map.fullscreenControl.link.setAttribute("aria-label", on ? GeoMap.words.exit_full_screen : GeoMap.words.full_screen);
  if (!document.fullscreenEnabled) GeoMap.tell({ type: "full-screen", on });
};

GeoMap.restack = function () {
  GeoMap.order.slice(1).forEach((kind) => {
    const group = GeoMap.layers[kind];
    if (group && GeoMap.map.hasLayer(group)) group.bringToFront();
  });
};

GeoMap.button = function (map, name, label, act) {
  const control = L.control({ position: "topleft" });
  control.onAdd = () => {
    const bar = L.DomUtil.create("div", "leaflet-bar");
    const button = L.DomUtil.create("a", `map-button map-button-${name}`, bar);
    Object.assign(button, { href: "#", title: label });
    button.setAttribute("role", "button");
    button.setAttribute("aria-label", label);
    L.DomEvent.disableClickPropagation(bar);
    L.DomEvent.on(button, "click", (event) => { L.DomEvent.preventDefault(event); act(); });
    return bar;
  };
  control.addTo(map);
};

GeoMap.placeLegend = function (map) {
  const legend = document.getElementById("map-legend");
  const control = L.control({ position: "bottomright" });
  control.onAdd = () => legend;
  control.addTo(map);
  legend.open = map.getSize().x >= 700 && map.getSize().y >= 480;
  L.DomEvent.disableClickPropagation(legend).disableScrollPropagation(legend);
};

/* ---- cards ---- */

GeoMap.write = function (tag, className, text, parent) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  if (parent) parent.append(element);
  return element;
};

GeoMap.facts = function (pairs, parent) {
  const list = GeoMap.write("dl", "facts", "", parent);
  pairs.filter(([, value]) => value !== "").forEach(([name, value]) => {
    GeoMap.write("dt", "", name, list);
    GeoMap.write("dd", "", value, list);
  });
};

GeoMap.card = function ({ data, index, kind }) {
  const card = GeoMap.write("section", `card-of-${kind}`, "");
  GeoMap.write("h3", "", data.titles[index], card);
  if (data.tags && data.tags[index]) GeoMap.write("p", "tag", data.tags[index], card);
  if (data.rows) GeoMap.facts(data.fields.map((name, at) => [name, data.rows[index][at]]), card);
  if (data.others && data.others[index].length) {
    GeoMap.write("h4", "", GeoMap.words.others, card);
    GeoMap.facts(data.others[index], card);
  }
  return card;
};

GeoMap.open = function (entry, place) {
  const map = GeoMap.map;
  const at = (entry.kind === "gap" || entry.kind === "point" ? entry.anchor : place) || place || entry.anchor;
  GeoMap.mark(entry);
  const width = Math.min(280, map.getSize().x - 60);
  L.popup({ maxWidth: width, minWidth: Math.min(200, width), maxHeight: Math.max(140, map.getSize().y - 120), autoPanPadding: [14, 14] })
    .setLatLng(at || map.getCenter()).setContent(GeoMap.card(entry)).openOn(map);
  GeoMap.tell({ type: "selected", kind: entry.kind, id: entry.id });
};

GeoMap.mark = function (entry) {
  const old = GeoMap.marked;
  if (old && old.shape.setStyle) old.shape.setStyle({ weight: old.weight });
  if (old && old.badge) old.badge.getElement()?.classList.remove("is-selected");
  GeoMap.marked = entry;
  if (!entry.shape.setStyle) return;
  entry.weight = entry.weight || entry.shape.options.weight;
  entry.shape.setStyle({ weight: entry.weight + 2 });
  if (entry.badge) entry.badge.getElement()?.classList.add("is-selected");
};

GeoMap.goTo = function (bounds) {
  const options = { padding: [50, 50], maxZoom: 18, duration: 0.7 };
  if (GeoMap.calm) GeoMap.map.fitBounds(bounds, { ...options, animate: false });
  else GeoMap.map.flyToBounds(bounds, options);
};

GeoMap.flyTo = function (kind, id) {
  const entry = GeoMap.byKey.get(`${kind}:${id}`);
  if (!entry) return;
  const group = GeoMap.layers[`${kind}s`];
  if (group && !GeoMap.map.hasLayer(group)) group.addTo(GeoMap.map);
  const bounds = entry.shape.getBounds ? entry.shape.getBounds() : L.latLngBounds([entry.anchor, entry.anchor]);
  GeoMap.map.closePopup();
  GeoMap.map.once("moveend", () => GeoMap.open(entry, entry.anchor || bounds.getCenter()));
  GeoMap.goTo(bounds.pad(0.8));
};

/* ---- labels: the important first, none over another ---- */

GeoMap.addLabel = function (group, place, className, lines, { rank, entry, title, room }) {
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
  GeoMap.labels.push({ label, rank, room, width: entry ? 20 + widest : widest, height: entry ? 24 : 15 * lines.length });
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
  if (!group || GeoMap.many || !GeoMap.map.hasLayer(group) || GeoMap.map.getContainer().classList.contains("crowded")) return signs;
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
GeoMap.findRoom = function (taken, signs, { x, y }, { room, slack, width, height }) {
  const shifts = room ? [0, -slack / 2, slack / 2, -slack, slack] : [0];
  const touches = (box, top) => Math.abs(box.x - x) * 2 < box.width + width && Math.abs(box.y - top) * 2 < box.height + height;
  const shift = shifts.find((step) => ![...taken, ...(room ? signs : [])].some((box) => touches(box, y + step)));
  if (shift === undefined) return null;
  taken.push({ x, y: y + shift, width, height });
  return shift;
};

/* Points are dots from afar, signs with letters once they have room. */
GeoMap.sizePoints = function () {
  const group = GeoMap.layers.points;
  if (!group) return;
  const view = GeoMap.map.getBounds();
  let seen = 0;
  group.eachLayer((shape) => { seen += view.contains(shape.getLatLng()) ? 1 : 0; });
  const { x, y } = GeoMap.map.getSize();
  const crowded = seen > (x * y) / 6000;
  GeoMap.map.getContainer().classList.toggle("crowded", crowded);
  if (!GeoMap.many || GeoMap.crowded === crowded) return;
  GeoMap.crowded = crowded;
  group.eachLayer((shape) => shape.setRadius(shape.options.mine || !crowded ? 9 : 4));
};

/* ---- the bridge ---- */

GeoMap.tell = function (message) {
  if (GeoMap.framed) window.parent.postMessage({ geoservice: 1, ...message }, location.origin === "null" ? "*" : location.origin);
};

/* Browsers refuse positions to a page of its own origin, so the page around it asks for us. */
GeoMap.locate = () => (GeoMap.framed ? GeoMap.tell({ type: "locate" }) : GeoMap.map.locate());

GeoMap.showPosition = function ({ lon, lat, accuracy }) {
  GeoMap.position?.remove();
  const color = GeoMap.color("--map-position");
  const place = L.latLng(lat, lon);
  GeoMap.position = L.featureGroup([
    L.circle(place, { radius: accuracy, color, weight: 1, fillColor: color, fillOpacity: 0.12, interactive: false }),
    L.circleMarker(place, { radius: 7, color: "#fff", weight: 2, fillColor: color, fillOpacity: 1, className: "my-position" }).bindTooltip(GeoMap.write("span", "", GeoMap.words.my_position)),
  ]).addTo(GeoMap.map);
  GeoMap.goTo(place.toBounds(Math.max(accuracy * 2, 400)));
};

GeoMap.say = function (words) {
  const note = GeoMap.write("p", "map-note", words, GeoMap.map.getContainer());
  note.setAttribute("role", "status");
  setTimeout(() => note.remove(), 5000);
};

GeoMap.handlers = {
  "fly-to": ({ kind, id }) => typeof kind === "string" && typeof id === "string" && GeoMap.flyTo(kind, id),
  position(message) {
    const fine = [message.lon, message.lat, message.accuracy].every(Number.isFinite) && Math.abs(message.lat) <= 90 && Math.abs(message.lon) <= 180;
    if (fine) GeoMap.showPosition(message);
  },
  "position-failed": () => GeoMap.say(GeoMap.words.locate_failed),
  theme({ value }) {
    if (value === "light" || value === "dark") GeoMap.applyTheme(value);
  },
};

GeoMap.applyTheme = function (value) {
  if (document.documentElement.dataset.bsTheme === value) return;
  document.documentElement.dataset.bsTheme = value;
  if (!GeoMap.map || !GeoMap.many) return;
  GeoMap.painted = {};
  GeoMap.hatchedNow = undefined;
  GeoMap.repaint();
  GeoMap.map.eachLayer((layer) => layer.redraw && layer.redraw());
};

window.addEventListener("message", (event) => {
  if (!GeoMap.framed || event.source !== window.parent || event.origin !== location.origin) return;
  const message = event.data;
  if (!message || message.geoservice !== 1 || !Object.hasOwn(GeoMap.handlers, message.type)) return;
  GeoMap.handlers[message.type](message);
});

GeoMap.applyTheme(window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
