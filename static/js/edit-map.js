/* The map: every thing a layer of its own, exact to the last digit; the chosen one can be dragged and its corners moved. */
"use strict";

GeoEdit.map = (() => {
  const model = GeoEdit.model;
  const MOST_LABELS = 250;
  const STREET_WEIGHT = window.matchMedia("(pointer: coarse)").matches ? 8 : 4; // a finger has to hit it
  const layers = new Map();
  const chosen = new Set();
  let map = null;
  let mode = "choose";
  let onChoose = () => {};
  let onDrawn = () => {};
  let overlay = null;
  let arrow = null;

  const styleOf = (thing) => {
    const css = getComputedStyle(document.documentElement);
    const isChosen = chosen.has(thing.key);
    const color = css.getPropertyValue(thing.change ? "--focus" : "--accent").trim();
    const faded = thing.ended || thing.merged ? 0.45 : 1;
    if (thing.noun === "street") {
      return { color, weight: STREET_WEIGHT + (isChosen ? 3 : 0), fill: false, dashArray: thing.ended || thing.op ? "6 8" : null, opacity: isChosen || thing.change ? faded : 0.6 };
    }
    return {
      color, weight: isChosen ? 4 : 1.5, fillColor: color, fillOpacity: isChosen ? 0.25 : thing.change ? 0.18 : 0.06,
      dashArray: thing.ended || thing.op ? "6 5" : null, opacity: faded,
    };
  };

  const geometryOf = (layer) => layer.toGeoJSON(false).geometry;

  const build = (thing) => {
    const made = L.GeoJSON.geometryToLayer({ type: "Feature", geometry: thing.geometry }, {
      pointToLayer: (_feature, place) => L.circleMarker(place, { radius: 7 }),
    });
    made.key = thing.key;
    made.shape = JSON.stringify(thing.geometry);
    if (thing.noun === "zone" && model.loaded.size <= MOST_LABELS) made.bindTooltip("", { permanent: true, direction: "center", className: "edit-label" });
    made.on("click", (event) => {
      if (mode === "draw") return;
      L.DomEvent.stopPropagation(event);
      onChoose(thing.key);
    });
    const moved = () => {
      made.shape = JSON.stringify(geometryOf(made));
      model.edit(made.key, { geometry: geometryOf(made) });
    };
    made.on("pm:markerdragend pm:vertexadded pm:vertexremoved pm:dragend", moved);
    return made;
  };

  /* A code is written where there is room for it. */
  const label = (thing, layer) => {
    const box = document.createElement("span");
    const bounds = layer.getBounds();
    const width = map.latLngToContainerPoint(bounds.getNorthEast()).x - map.latLngToContainerPoint(bounds.getSouthWest()).x;
    box.textContent = width > 7 * (thing.code || "").length ? thing.code : "";
    return box;
  };

  const draw = () => {
    const keys = model.keys();
    let added = false;
    [...layers.keys()].filter((key) => !keys.has(key)).forEach((key) => { layers.get(key).remove(); layers.delete(key); });
    keys.forEach((key) => {
      const thing = model.effective(key);
      let layer = layers.get(key);
      if (layer && layer.shape !== JSON.stringify(thing.geometry)) {
        layer.pm.disable();
        layer.remove();
        layer = null;
      }
      if (!layer) {
        layer = build(thing).addTo(map);
        added = true;
        layers.set(key, layer);
      }
      layer.setStyle(styleOf(thing));
      if (layer.getTooltip()) layer.setTooltipContent(label(thing, layer));
    });
    if (added) raise();
    pointTheWay();
    grip();
  };

  /* What is thin lies on what is wide, or nobody could tap it. */
  const raise = () => ["street:", "point:"].forEach((noun) => {
    layers.forEach((layer, key) => { if (key.startsWith(noun)) layer.bringToFront(); });
  });

  /* An arrow in the middle of the chosen street, if traffic goes one way only. */
  const pointTheWay = () => {
    if (arrow) arrow.remove();
    arrow = null;
    const thing = chosen.size === 1 ? model.effective([...chosen][0]) : null;
    if (!thing || thing.noun !== "street" || !thing.one_way || thing.geometry.type !== "LineString") return;
    const places = thing.geometry.coordinates;
    const at = Math.max(1, Math.floor(places.length / 2));
    const [from, to] = [places[at - 1], places[at]];
    const narrowing = Math.cos(from[1] * Math.PI / 180);
    const turn = Math.atan2(-(to[1] - from[1]), (to[0] - from[0]) * narrowing);
    const sign = document.createElement("span");
    sign.className = "edit-arrow";
    sign.textContent = "➤";
    sign.style.transform = `rotate(${turn}rad)`;
    arrow = L.marker([(from[1] + to[1]) / 2, (from[0] + to[0]) / 2], {
      icon: L.divIcon({ html: sign, className: "", iconSize: [22, 22] }), interactive: false, keyboard: false, pmIgnore: true,
    }).addTo(map);
  };

  /* Only what is chosen has handles: a city has a hundred thousand corners. */
  const grip = () => {
    layers.forEach((layer, key) => {
      const mine = chosen.has(key) && chosen.size === 1;
      const thing = model.effective(key);
      const free = mine && !thing.op && !thing.ended;
      const corners = free && mode === "vertices";
      const drag = free && (mode === "drag" || (mode === "vertices" && thing.noun === "point"));
      if (corners && thing.noun !== "point") {
        if (!layer.pm.enabled()) layer.pm.enable({ snappable: true, snapDistance: 15, allowSelfIntersection: true, limitMarkersToCount: 60 });
      } else if (layer.pm.enabled()) layer.pm.disable();
      if (drag) layer.pm.enableLayerDrag();
      else if (layer.pm.layerDragEnabled()) layer.pm.disableLayerDrag();
    });
  };

  const setMode = (next) => {
    if (map.pm.globalDrawModeEnabled()) map.pm.disableDraw();
    mode = next;
    grip();
  };

  const startDrawing = (shape) => {
    setMode("draw");
    map.pm.enableDraw(shape, { snappable: true, snapDistance: 15, allowSelfIntersection: true, tooltips: true, markerStyle: {}, continueDrawing: false });
  };

  const choose = (keys) => {
    chosen.clear();
    keys.forEach((key) => chosen.add(key));
    draw();
  };

  const show = (geometry) => {
    if (overlay) overlay.remove();
    overlay = null;
    if (!geometry) return;
    const color = getComputedStyle(document.documentElement).getPropertyValue("--bad").trim();
    overlay = L.geoJSON(geometry, { style: { color, weight: 3, dashArray: "4 4", fillOpacity: 0.1 }, pmIgnore: true, interactive: false }).addTo(map);
  };

  /* Square metres on the sphere: for showing how much a change changes, not for measuring. */
  const ringArea = (ring) => {
    const radians = Math.PI / 180;
    let sum = 0;
    for (let i = 0; i + 1 < ring.length; i += 1) {
      sum += (ring[i + 1][0] - ring[i][0]) * radians * (2 + Math.sin(ring[i][1] * radians) + Math.sin(ring[i + 1][1] * radians));
    }
    return Math.abs(sum) * 6371008.8 ** 2 / 2;
  };
  const areaOf = (geometry) => {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
    return polygons.reduce((sum, [outer, ...holes]) => sum + ringArea(outer) - holes.reduce((all, hole) => all + ringArea(hole), 0), 0);
  };

  /* Metres along a line, on the sphere. */
  const lengthOf = (geometry) => {
    const lines = geometry.type === "LineString" ? [geometry.coordinates] : geometry.type === "MultiLineString" ? geometry.coordinates : [];
    return lines.reduce((sum, line) => sum + line.slice(1).reduce(
      (metres, [lon, lat], at) => metres + L.latLng(lat, lon).distanceTo([line[at][1], line[at][0]]), 0,
    ), 0);
  };

  const start = (element, view, lang) => {
    map = L.map(element, { zoomSnap: 0.5, attributionControl: false, preferCanvas: false });
    map.pm.setLang(lang);
    map.pm.setGlobalOptions({ layerGroup: map });
    if (view) map.fitBounds([[view[1], view[0]], [view[3], view[2]]], { padding: [12, 12] });
    else map.setView([35, 105], 4);
    map.on("pm:create", ({ layer }) => {
      const geometry = geometryOf(layer);
      layer.remove();
      setMode("choose");
      onDrawn(geometry);
    });
    L.control.scale({ imperial: false }).addTo(map);
    BaseMaps.inPage(map);
    return map;
  };

  return {
    start, draw, choose, chosen, setMode, startDrawing, show, areaOf, lengthOf,
    mode: () => mode, layers,
    onChoose: (call) => { onChoose = call; },
    onDrawn: (call) => { onDrawn = call; },
    goTo: (key) => { const layer = layers.get(key); if (layer) map.fitBounds((layer.getBounds ? layer.getBounds() : layer.getLatLng().toBounds(200)).pad(0.5)); },
  };
})();
