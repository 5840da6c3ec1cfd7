/* Inside the frame: what an import would do, in the view that is open. The page around it fetches the shapes.
 *
 *   out  {geoservice: 1, type: "view", bounds: [west, south, east, north]} · {…, type: "selected", kind: outcome, id}
 *   in   {geoservice: 1, type: "changes", features: […]} · {…, type: "side", value: "before", "after" or "both"}
 *        {…, type: "show", kind: outcome, id, bounds} · {…, type: "ask-view"} */
"use strict";

(() => {
  const OUTCOMES = ["unchanged", "removed", "new", "changed", "repaired", "rejected"];
  const NUMBERS = /[\d.]+/g;
  const styles = new Map();
  let side = "both";
  let features = [];
  let wanted = null;
  let moved = false;

  /* Colour, width and dashes are those of the legend's own sample. */
  const styleOf = (outcome, at) => {
    const key = `${outcome} ${at}`;
    if (!styles.has(key)) {
      const sample = getComputedStyle(document.querySelector(`.diff-${outcome}.${at}`) || document.querySelector(`.diff-${outcome}`));
      styles.set(key, {
        color: sample.stroke, weight: parseFloat(sample.strokeWidth), opacity: 1, fillColor: sample.stroke,
        fillOpacity: parseFloat(sample.fillOpacity), dashArray: (sample.strokeDasharray.match(NUMBERS) || []).join(" ") || null,
      });
    }
    return styles.get(key);
  };

  /* A place is told by its sign too: dashes on so small a ring can't be read. */
  const SIGNS = {
    new: "M-3 0H3M0-3V3", removed: "M-3 0H3", changed: "M-3-1.6H3M-3 1.6H3", repaired: "M-2.5 2.5L2.5-2.5", rejected: "M-2.5-2.5L2.5 2.5M-2.5 2.5L2.5-2.5",
    unchanged: "",
  };
  const Sign = L.CircleMarker.extend({
    _updatePath() {
      L.CircleMarker.prototype._updatePath.call(this);
      const pen = this._renderer._ctx;
      if (!pen || !this._renderer._drawing || this._empty()) return;
      pen.save();
      pen.translate(this._point.x, this._point.y);
      pen.strokeStyle = this.options.color;
      pen.lineWidth = 1.8;
      pen.stroke(new Path2D(SIGNS[this.options.outcome]));
      pen.restore();
    },
  });

  const place = (outcome, at, latlng) => new Sign(latlng, {
    ...styleOf(outcome, at), outcome, radius: 7, fillColor: "#fff", fillOpacity: at === "before" ? 0.55 : 0.95,
    dashArray: at === "before" ? "2 2" : null, weight: 1.8,
  });

  const draw = (feature) => {
    const { outcome, side: at, code, name, number } = feature.properties;
    const told = GeoMap.told[outcome];
    if (!told || !feature.geometry) return;
    const shape = L.GeoJSON.geometryToLayer(feature, { pointToLayer: (_, latlng) => place(outcome, at, latlng) });
    const data = {
      ids: [number], titles: [name || code || String(number)], tags: [`${told.word} · ${told.sides[at]}`], pairs: [[[told.code, code || ""]]],
    };
    const parts = shape.getLayers ? shape.getLayers() : [shape];
    parts.forEach((part) => {
      if (!(part instanceof Sign) && part.setStyle) part.setStyle(styleOf(outcome, at));
      GeoMap.remember(outcome, data, 0, part, null).addTo(GeoMap.layers[outcome]);
    });
  };

  const redraw = () => {
    OUTCOMES.forEach((outcome) => GeoMap.layers[outcome].clearLayers());
    GeoMap.byKey.clear();
    features.filter(({ properties }) => side === "both" || properties.side === side)
      .sort((one, other) => OUTCOMES.indexOf(one.properties.outcome) - OUTCOMES.indexOf(other.properties.outcome))
      .forEach(draw);
    GeoMap.restack();
    document.documentElement.dataset.shapes = String(features.length);
  };

  const showWanted = () => {
    const entry = wanted && GeoMap.byKey.get(`${wanted.kind}:${wanted.id}`);
    if (!entry) return;
    wanted = null;
    const center = entry.shape.getBounds ? entry.shape.getBounds().getCenter() : entry.shape.getLatLng();
    GeoMap.open(entry, center);
  };

  const tellView = () => {
    const view = GeoMap.map.getBounds().pad(0.15);
    const clamp = (number, most) => Math.max(-most, Math.min(most, number));
    GeoMap.tell({
      type: "view",
      bounds: [clamp(view.getWest(), 180), clamp(view.getSouth(), 90), clamp(view.getEast(), 180), clamp(view.getNorth(), 90)],
    });
  };

  GeoMap.told = {};
  GeoMap.order = OUTCOMES;
  OUTCOMES.forEach((outcome) => {
    GeoMap.layerOf[outcome] = outcome;
    GeoMap.makers[outcome] = (told) => { GeoMap.told[outcome] = told; };
  });

  Object.assign(GeoMap.handlers, {
    changes(message) {
      if (!Array.isArray(message.features)) return;
      features = message.features;
      redraw();
      showWanted();
    },
    side({ value }) {
      if (value === side || !["both", "before", "after"].includes(value)) return;
      side = value;
      GeoMap.map.closePopup();
      redraw();
    },
    show({ kind, id, bounds }) {
      if (!OUTCOMES.includes(kind) || !Array.isArray(bounds) || !bounds.every(Number.isFinite)) return;
      wanted = { kind, id: String(id) };
      moved = true;
      const group = GeoMap.layers[kind];
      if (!GeoMap.map.hasLayer(group)) group.addTo(GeoMap.map);
      const [west, south, east, north] = bounds;
      GeoMap.map.closePopup();
      GeoMap.goTo(L.latLngBounds([south, west], [north, east]).pad(0.4));
      tellView();
    },
    "ask-view": tellView,
  });

  /* A frame below the fold is laid out late: until somebody moves the map, it shows everything whatever its size becomes. */
  const stayHome = () => {
    const container = GeoMap.map.getContainer();
    new ResizeObserver(() => {
      if (moved) return;
      GeoMap.map.invalidateSize({ animate: false, pan: false });
      GeoMap.goHome(false);
    }).observe(container);
    ["pointerdown", "wheel", "keydown"].forEach((kind) => container.addEventListener(kind, () => { moved = true; }, { passive: true }));
  };

  window.addEventListener("DOMContentLoaded", () => {
    stayHome();
    GeoMap.map.on("moveend", tellView);
    tellView();
  });
})();
