/* Draws the layers of a map page from the JSON blocks that geoservice/maps/layers.py writes.
 *
 * Coordinates come as whole millionths of a degree, latitude first, each place as a step from the one before.
 * Text is only ever set as textContent: nothing from the data is read as markup. */
"use strict";

const GeoMap = {
  order: ["exclusions", "streets", "tracks", "gaps", "stretches", "suggestions"],
  layerOf: {
    zone: "zones", gap: "gaps", point: "points", street: "streets", track: "tracks",
    exclusion: "exclusions", stretch: "stretches", suggestion: "suggestions",
  },
  layers: {},
  byKey: new Map(),
  labels: [],
};

GeoMap.block = (id) => JSON.parse(document.getElementById(id).textContent);
GeoMap.settings = GeoMap.block.bind(null, "map-settings");

GeoMap.unpack = function (steps) {
  const places = [];
  let lat = 0;
  let lon = 0;
  for (let at = 0; at < steps.length; at += 2) {
    lat += steps[at];
    lon += steps[at + 1];
    places.push(L.latLng(lat / 1e6, lon / 1e6));
  }
  return places;
};

GeoMap.polygons = (polygons) => polygons.map((rings) => rings.map(GeoMap.unpack));
GeoMap.place = (pair) => (pair.length ? L.latLng(pair[0] / 1e6, pair[1] / 1e6) : null);

/* ---- fills: an SVG pattern by reference, or the same pattern painted once for the bitmap ---- */

GeoMap.ink = (name, part) => getComputedStyle(document.querySelector(`#fill-${name} .fill-${part}`));

GeoMap.paintPattern = function (name) {
  const tile = document.createElement("canvas");
  const ratio = window.devicePixelRatio > 1 ? 2 : 1;
  tile.width = tile.height = 8 * ratio;
  const pen = tile.getContext("2d");
  pen.scale(ratio, ratio);
  pen.fillStyle = GeoMap.ink(name, "ground").fill;
  pen.fillRect(0, 0, 8, 8);
  const line = GeoMap.ink(name, "line");
  pen.strokeStyle = line.stroke;
  pen.lineWidth = parseFloat(line.strokeWidth) || 1;
  pen.lineCap = line.strokeLinecap;
  const path = document.querySelector(`#fill-${name} .fill-line`).getAttribute("d");
  if (path) pen.stroke(new Path2D(path));
  const pattern = pen.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
};

GeoMap.fill = function (name, hatched) {
  if (!GeoMap.many) return `url(#fill-${name})`;
  if (!hatched) return GeoMap.ink(name, "ground").fill;
  GeoMap.painted = GeoMap.painted || {};
  return (GeoMap.painted[name] = GeoMap.painted[name] || GeoMap.paintPattern(name));
};

GeoMap.color = (token) => getComputedStyle(document.documentElement).getPropertyValue(token).trim();

/* What covers the ground lets a base map through. */
GeoMap.zoneOpacity = () => (GeoMap.bare ? 1 : 0.72);
GeoMap.agesOpacity = () => (GeoMap.bare ? 1 : 0.75);

/* ---- one maker per kind of layer ---- */

GeoMap.remember = function (kind, data, index, shape, anchor) {
  const entry = { kind, id: String(data.ids[index]), shape, anchor, data, index };
  GeoMap.byKey.set(`${kind}:${entry.id}`, entry);
  shape.entry = entry;
  return shape;
};

GeoMap.makers = {
  zones(data, group) {
    const hatched = GeoMap.hatchedNow;
    const edge = GeoMap.color("--map-zone-edge");
    const fills = {};
    data.polygons.forEach((polygons, index) => {
      const name = data.fills.at(data.classes[index]);
      fills[name] = fills[name] || GeoMap.fill(name, hatched);
      const shape = L.polygon(GeoMap.polygons(polygons), {
        className: `zone ${name}`, stroke: hatched, color: edge, weight: GeoMap.many ? 0.6 : 1.2, opacity: 1,
        fillColor: fills[name], fillOpacity: GeoMap.zoneOpacity(), smoothFactor: GeoMap.many ? 0 : 0.6,
      });
      shape.fillNamed = name;
      GeoMap.remember("zone", data, index, shape, GeoMap.place(data.anchors[index])).addTo(group);
      if (!GeoMap.many) {
        GeoMap.addLabel(group, GeoMap.place(data.anchors[index]), "zone-label",
          [data.titles[index], data.rates[index]], { rank: 1000 + index, room: shape.getBounds() });
      }
    });
  },

  exclusions(data, group) {
    const edge = GeoMap.color("--map-exclusion-line");
    data.polygons.forEach((polygons, index) => {
      const shape = L.polygon(GeoMap.polygons(polygons), {
        className: "exclusion", color: edge, weight: 1, dashArray: "3 3", fillColor: GeoMap.fill("exclusion", true), fillOpacity: 0.9,
      });
      GeoMap.remember("exclusion", data, index, shape, null).addTo(group);
    });
  },

  gaps(data, group) {
    const color = GeoMap.color("--map-gap");
    data.polygons.forEach((polygons, index) => {
      const shape = L.polygon(GeoMap.polygons(polygons), {
        className: "gap", color, weight: GeoMap.many ? 1.6 : 2.4, opacity: 1, fillColor: GeoMap.fill("gap", true), fillOpacity: 0.85,
      });
      const anchor = GeoMap.place(data.anchors[index]);
      const entry = GeoMap.remember("gap", data, index, shape, anchor).addTo(group).entry;
      GeoMap.addLabel(group, anchor, "gap-badge", [String(data.ranks[index])],
        { rank: data.ranks[index], entry, title: data.titles[index] });
    });
  },

  ages(data, group) {
    L.imageOverlay(data.image, data.bounds, { className: "ages", opacity: GeoMap.agesOpacity() }).addTo(group);
  },
};

GeoMap.layer = function (map, kind) {
  const group = L.featureGroup();
  GeoMap.layers[kind] = group;
  group.on("click", (event) => {
    L.DomEvent.stopPropagation(event);
    const { entry, options } = event.propagatedFrom;
    GeoMap.open((!options.icon && GeoMap.dotAt(event.containerPoint)) || entry, event.latlng);
  });
  group.on("keypress", (event) => {
    if (event.originalEvent.key === "Enter") GeoMap.open(event.propagatedFrom.entry);
  });
  const data = GeoMap.block(`shapes-${kind}`);
  if (kind === "zones") GeoMap.hatchedNow = GeoMap.hatchedAt((GeoMap.zones = data));
  GeoMap.makers[kind](data, group);
  return group;
};

/* Hatching and edges on a cell of a few pixels are only noise: the colour alone is shown until there is room. */
GeoMap.hatchedAt = function (data) {
  if (!GeoMap.many || !data.polygons.length) return true;
  const ring = GeoMap.unpack(data.polygons[Math.floor(data.polygons.length / 2)][0][0]);
  const box = L.latLngBounds(ring);
  const map = GeoMap.map;
  const size = map.project(box.getNorthEast()).subtract(map.project(box.getSouthWest()));
  return Math.abs(size.x) >= 18;
};

GeoMap.repaint = function () {
  const zones = GeoMap.layers.zones;
  if (!GeoMap.many || !zones) return;
  const hatched = GeoMap.hatchedAt(GeoMap.zones);
  if (hatched === GeoMap.hatchedNow) return;
  GeoMap.hatchedNow = hatched;
  zones.eachLayer((shape) => {
    shape.options.fillColor = GeoMap.fill(shape.fillNamed, hatched);
    shape.options.stroke = hatched;
  });
};

/* The image takes the place of the fills: outlines, badges and lines stay. */
GeoMap.showAges = function () {
  const shown = Boolean(GeoMap.growth) || (Boolean(GeoMap.layers.ages) && GeoMap.map.hasLayer(GeoMap.layers.ages));
  if (shown === Boolean(GeoMap.agesShown)) return;
  GeoMap.agesShown = shown;
  GeoMap.map.getContainer().classList.toggle("ages-shown", shown);
  if (!GeoMap.many) return;
  ["zones", "gaps"].forEach((kind) => GeoMap.layers[kind].eachLayer((shape) => {
    if (!shape.setStyle) return;
    shape.usual = shape.usual ?? { fillOpacity: shape.options.fillOpacity, color: shape.options.color };
    shape.setStyle(shown ? { fillOpacity: 0, color: GeoMap.color("--map-zone-edge") } : shape.usual);
  }));
};
