/* The life of a map page: controls, legend, and the bridge to the page around it.
 *
 * The page runs in a frame with an origin of its own ("null"). It speaks to its parent by messages only:
 *   in   {geoservice: 1, type: "fly-to", kind: one of GeoMap.layerOf, id: "…"}
 *        {geoservice: 1, type: "position", lon, lat, accuracy} · {…, type: "position-failed"} · {…, type: "theme", value}
 *        {…, type: "offer", words} (a button on cards of blind spots and points) · {…, type: "offered", words, again} (what came of it; again: it may be taken once more)
 *   out  {geoservice: 1, type: "ready"} · {…, type: "selected", kind, id} · {…, type: "locate"} · {…, type: "full-screen", on}
 *        {…, type: "base-map", value} once the reader chose
 *        {…, type: "want", kind, id, lon, lat, title} once the offer was taken
 * Only messages of the parent window, from the address this page came from, are read. */
"use strict";

GeoMap.calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
// By a page of ours: one of another site has nothing to say to a map, nor a map to it.
GeoMap.framed = window.parent !== window
  && (location.origin === "null" || [undefined, location.origin].includes(location.ancestorOrigins?.[0]));

GeoMap.dress = function (map) {
  const settings = GeoMap.settings();
  Object.assign(GeoMap, { map, home: settings.home, many: settings.many, bare: settings.bare, words: settings.words });
  map.getContainer().classList.toggle("bare", settings.bare);
  map.createPane("points");
  L.control.zoom({ zoomInTitle: GeoMap.words.zoom_in, zoomOutTitle: GeoMap.words.zoom_out }).addTo(map);
  GeoMap.button(map, "fit", GeoMap.words.fit, () => GeoMap.goHome(!GeoMap.calm));
  GeoMap.button(map, "locate", GeoMap.words.locate, GeoMap.locate);
  L.control.scale({ imperial: false, maxWidth: 90 }).addTo(map);
  GeoMap.placeLegend(map);
  GeoMap.goHome(false);
  map.once("mousedown touchstart wheel keydown", () => { GeoMap.touched = true; });
  map.on("zoomend moveend overlayadd overlayremove", GeoMap.tidyLabels);
  map.on("zoomend", GeoMap.sizePoints);
  map.on("zoomend", GeoMap.repaint);
  map.on("overlayadd", GeoMap.restack);
  map.on("overlayadd overlayremove", GeoMap.afterSwitch);
  map.on("click", (event) => {
    const dot = GeoMap.dotAt(event.containerPoint);
    if (dot) GeoMap.open(dot);
  });
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
  GeoMap.offerBaseMaps();
  GeoMap.restack();
  GeoMap.afterSwitch();
  GeoMap.sizePoints();
  GeoMap.tidyLabels();
  document.documentElement.dataset.mapReady = "yes";
  GeoMap.tell({ type: "ready" });
};

/* The legend speaks only of what is drawn; an image of ages stands in for the zones' colours. */
GeoMap.afterSwitch = function () {
  GeoMap.showAges();
  document.querySelectorAll("#map-legend [data-layer]").forEach((row) => {
    const { layer } = row.dataset;
    row.hidden = !GeoMap.map.hasLayer(GeoMap.layers[layer]) || (layer === "zones" && GeoMap.agesShown);
  });
};

/* Where the browser offers no full screen (phones by Apple), the page around lets the frame fill the window. */
GeoMap.afterFullScreen = function (event) {
  const on = event.type === "enterFullscreen";
  GeoMap.map.fullscreenControl.link.setAttribute("aria-label", on ? GeoMap.words.exit_full_screen : GeoMap.words.full_screen);
  if (!document.fullscreenEnabled) GeoMap.tell({ type: "full-screen", on });
};

/* ---- base maps ---- */

/* folium's control of layers is a name in its script only: it is noted as it is made. */
L.Control.Layers.addInitHook(function () { GeoMap.chooser = this; });

/* The page around keeps what the reader chooses. */
GeoMap.offerBaseMaps = function () {
  const given = GeoMap.settings().base_map;
  if (!given) return;
  const onBare = (bare) => {
    GeoMap.setBare(bare);
    if (!GeoMap.touched) GeoMap.goHome(false);
  };
  BaseMaps.attach(GeoMap.map, given, { onBare, control: GeoMap.chooser, remember: (value) => GeoMap.tell({ type: "base-map", value }) });
};

/* With nothing below, zones are opaque; on a base map it shows through them. */
GeoMap.setBare = function (bare) {
  if (bare === GeoMap.bare) return;
  GeoMap.bare = bare;
  GeoMap.map.getContainer().classList.toggle("bare", bare);
  const fillOpacity = GeoMap.zoneOpacity();
  GeoMap.layers.zones?.eachLayer((shape) => {
    if (!shape.setStyle) return;
    if (shape.usual) Object.assign(shape.usual, { fillOpacity });
    if (!shape.usual || !GeoMap.agesShown) shape.setStyle({ fillOpacity });
  });
  GeoMap.layers.ages?.eachLayer((image) => image.setOpacity(GeoMap.agesOpacity()));
  GeoMap.growth?.overlay.setOpacity(GeoMap.agesOpacity());
};

GeoMap.restack = function () {
  GeoMap.order.forEach((kind) => {
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
  offer: ({ words }) => { if (typeof words === "string") GeoMap.offer = words; },
  offered({ words, again }) {
    if (!GeoMap.offered || typeof words !== "string") return;
    GeoMap.offered.textContent = words;
    GeoMap.offered.disabled = again !== true;
  },
  theme({ value }) {
    if (value === "light" || value === "dark") GeoMap.applyTheme(value);
  },
};

GeoMap.applyTheme = function (value) {
  if (document.documentElement.dataset.bsTheme === value) return;
  document.documentElement.dataset.bsTheme = value;
  if (GeoMap.dots) GeoMap.dots.repaint();
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
