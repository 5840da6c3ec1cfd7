/* Cards that open on a tap or a flight, and the mark on what is open. Text is only ever set as textContent. */
"use strict";

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

/* Words many rows share are written once, and meant by their number. */
GeoMap.cell = (data, value) => (typeof value === "number" ? data.words[value] : value);

/* What the page around the map offers to do with a thing: one button on its card; the page does it and says so. */
GeoMap.addOffer = function ({ data, index, kind, id, anchor }, card) {
  if (!GeoMap.offer || !["gap", "point"].includes(kind) || !anchor) return;
  const button = GeoMap.write("button", "card-offer", GeoMap.offer, card);
  button.type = "button";
  button.addEventListener("click", () => {
    button.disabled = true;
    GeoMap.offered = button;
    GeoMap.tell({ type: "want", kind, id, lon: anchor.lng, lat: anchor.lat, title: data.titles[index] });
  });
};

GeoMap.card = function (entry) {
  const { data, index, kind } = entry;
  const card = GeoMap.write("section", `card-of-${kind}`, "");
  GeoMap.write("h3", "", data.titles[index], card);
  if (data.tags && data.tags[index]) GeoMap.write("p", "tag", data.tags[index], card);
  if (data.rows) GeoMap.facts(data.fields.map((name, at) => [name, GeoMap.cell(data, data.rows[index][at])]), card);
  if (data.pairs) GeoMap.facts(data.pairs[index], card);
  if (data.others && data.others[index].length) {
    GeoMap.write("h4", "", GeoMap.words.others, card);
    GeoMap.facts(data.others[index], card);
  }
  GeoMap.addOffer(entry, card);
  return card;
};

/* These are pointed at where they are; a zone or a line, where it was tapped. */
GeoMap.spots = new Set(["gap", "point", "suggestion"]);

GeoMap.open = function (entry, place) {
  const map = GeoMap.map;
  const at = (GeoMap.spots.has(entry.kind) ? entry.anchor : place) || place || entry.anchor;
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
  const group = GeoMap.layers[GeoMap.layerOf[kind]];
  if (group && !GeoMap.map.hasLayer(group)) group.addTo(GeoMap.map);
  const bounds = entry.shape.getBounds ? entry.shape.getBounds() : L.latLngBounds([entry.anchor, entry.anchor]);
  GeoMap.map.closePopup();
  GeoMap.map.once("moveend", () => GeoMap.open(entry, entry.anchor || bounds.getCenter()));
  GeoMap.goTo(bounds.pad(0.8));
};
