/* Inside the frame of the city's map: layers that are fetched as they are looked at, cards fetched by a tap, and what is shown told
 * to the page around it, which keeps it in its address.
 *
 *   in   {geoservice: 1, type: "refresh"}
 *   out  {geoservice: 1, type: "looked", lon, lat, zoom, on: [kinds]}
 *
 * The part of the frame's address after "#" says what to open with: at=lon,lat,zoom and on=kind,kind. */
"use strict";

(() => {
  const LIVE_MS = 15000;
  const SHAPES = ["gaps", "stretches", "exclusions", "ages"];
  const KIND_OF = { gaps: "gap", stretches: "stretch", exclusions: "exclusion", devices: "device" };
  const WAIT_MS = 250;
  /* Figures are wider than letters are on average, and these names stand close together. */
  const WIDER = 1.25;
  const told = new URLSearchParams(window.location.hash.slice(1));
  const drawShapes = Object.fromEntries(SHAPES.map((kind) => [kind, GeoMap.makers[kind]]));
  const lights = { classes: new Map(), labels: new Map() };
  const loads = {};
  const look = { outlines: false, fillOf: (id) => lights.classes.get(id) ?? null };
  let began;
  const begun = new Promise((done) => { began = done; });
  let points = null;
  let zones = null;
  let said = 0;

  GeoMap.order = ["exclusions", "gaps", "stretches", "devices"];

  GeoMap.sayFailed = () => {
    if (Date.now() - said < 10000) return;
    said = Date.now();
    GeoMap.say(GeoMap.ownWords.failed);
  };

  const isOn = (kind) => Boolean(GeoMap.layers[kind]) && GeoMap.map.hasLayer(GeoMap.layers[kind]);

  /* ---- what to open with ---- */

  const given = (() => {
    const [lon, lat, zoom] = (told.get("at") || "").split(",").map(Number);
    const fine = [lon, lat, zoom].every(Number.isFinite) && Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 3 && zoom <= 20;
    return fine ? { place: L.latLng(lat, lon), zoom } : null;
  })();

  const dress = GeoMap.dress;
  GeoMap.dress = function (map) {
    GeoMap.ownWords = GeoMap.block("city-words");
    Object.entries({ ages: 340, zones: 350, streets: 360, groups: 640 }).forEach(([name, level]) => {
      map.createPane(name).style.zIndex = String(level);
    });
    dress(map);
    if (!given) return;
    map.setView(given.place, given.zoom, { animate: false });
    GeoMap.touched = true;
  };

  const goHome = GeoMap.goHome;
  let opened = !given;
  GeoMap.goHome = (animate) => {
    if (opened) goHome(animate);
    opened = true;
  };

  /* ---- lights of zones, and their names where there is room ---- */

  const loadLights = async () => {
    const { ids, classes, words, labels, as_of } = await GeoMap.ask("rates");
    const { fills } = GeoMap.zones;
    let id = 0;
    lights.classes.clear();
    lights.labels.clear();
    ids.forEach((step, at) => {
      id += step;
      lights.classes.set(id, fills.at(classes[at] === "-" ? -1 : Number(classes[at])));
      lights.labels.set(id, words[labels[at]]);
    });
    document.querySelector("#map-legend > p").replaceChildren(as_of[0], document.createElement("br"), as_of[1]);
  };

  const named = new Map();
  const nameZones = () => {
    const found = isOn("zones") ? zones.named() : new Map();
    named.forEach((label, id) => {
      if (found.has(id)) return;
      label.remove();
      GeoMap.labels = GeoMap.labels.filter((item) => item.label !== label);
      named.delete(id);
    });
    found.forEach(({ name, lon, lat, west, south, east, north }, id) => {
      if (named.has(id) || !lights.labels.has(id)) return;
      const room = L.latLngBounds(GeoMap.place([south, west]), GeoMap.place([north, east]));
      GeoMap.addLabel(GeoMap.map, GeoMap.place([lat, lon]), "zone-label", [name, lights.labels.get(id)], { rank: 1000 + named.size, room });
      const label = GeoMap.labels.at(-1);
      label.width *= WIDER;
      named.set(id, label.label);
    });
    GeoMap.tidyLabels();
    document.documentElement.dataset.zones = String(lights.classes.size);
  };
  const renameZones = () => {
    named.forEach((label) => label.remove());
    GeoMap.labels = GeoMap.labels.filter(({ label }) => ![...named.values()].includes(label));
    named.clear();
    nameZones();
  };

  /* A name gives way to a group of points. */
  GeoMap.signsInView = () => (isOn("points") ? points.obstacles() : []);

  GeoMap.makers.zones = (data, group) => {
    const bounds = GeoMap.home ? L.latLngBounds(GeoMap.home).pad(0.02) : undefined;
    const ready = loadLights();
    ready.catch(GeoMap.sayFailed);
    zones = GeoMap.zoneTiles(look, { pane: "zones", width: data.width, bounds, ready });
    zones.on("load", nameZones);
    group.addLayer(zones).on("remove", nameZones);
    dim();
  };

  GeoMap.makers.streets = (data, group) => {
    group.addLayer(GeoMap.streetTiles({ pane: "streets", minZoom: 12, width: 0 }));
  };

  const dim = () => zones?.setOpacity(GeoMap.zoneOpacity());
  const setBare = GeoMap.setBare;
  GeoMap.setBare = (bare) => {
    setBare(bare);
    dim();
  };
  const showAges = GeoMap.showAges;
  GeoMap.showAges = () => {
    showAges();
    if (look.outlines === Boolean(GeoMap.agesShown)) return;
    look.outlines = Boolean(GeoMap.agesShown);
    zones?.repaint();
  };

  /* ---- shapes that are few enough to come at once, when they are switched on ---- */

  const forget = (kind) => {
    const one = KIND_OF[kind];
    GeoMap.layers[kind].clearLayers();
    GeoMap.labels = GeoMap.labels.filter(({ label }) => label.entry?.kind !== one);
    [...GeoMap.byKey.keys()].filter((key) => key.startsWith(`${one}:`)).forEach((key) => GeoMap.byKey.delete(key));
  };

  const load = (kind) => {
    loads[kind] ??= (async () => {
      const data = await GeoMap.ask("shapes", { kind });
      forget(kind);
      drawShapes[kind](data, GeoMap.layers[kind]);
      GeoMap.restack();
      GeoMap.tidyLabels();
      GeoMap.sizePoints();
    })().catch(() => {
      delete loads[kind];
      GeoMap.sayFailed();
    });
    return loads[kind];
  };

  /* Below the zones, of which it leaves the outlines. */
  drawShapes.ages = ({ image, bounds, rows }, group) => {
    GeoMap.listAges(rows);
    if (image) L.imageOverlay(image, bounds, { className: "ages", opacity: GeoMap.agesOpacity(), pane: "ages" }).addTo(group);
  };

  SHAPES.forEach((kind) => {
    GeoMap.makers[kind] = (_, group) => {
      group.on("add", async () => {
        await begun;
        if (isOn(kind)) load(kind);
      });
    };
  });

  const drawDevices = GeoMap.makers.devices;
  GeoMap.makers.devices = (data, group) => {
    GeoMap.makers.devices = drawDevices;
    group.on("add", async () => {
      await begun;
      follow();
    });
  };

  /* Only asked for while it is switched on and looked at. */
  const follow = async () => {
    if (!isOn("devices") || document.hidden) return;
    try {
      GeoMap.handlers.live({ shapes: await GeoMap.ask("devices") });
    } catch {
      GeoMap.sayFailed();
    }
  };
  window.setInterval(follow, LIVE_MS);
  document.addEventListener("visibilitychange", follow);

  GeoMap.makers.points = (_, group) => {
    points = new GeoMap.CityPoints(group);
    group.on("add", async () => {
      await begun;
      if (isOn("points")) points.refresh();
    });
  };

  /* ---- cards ---- */

  const open = GeoMap.open;
  GeoMap.open = async (entry, place) => {
    if (entry.kind !== "point" || entry.data.rows) {
      open(entry, place);
      return;
    }
    try {
      open({ ...entry, data: await GeoMap.ask("point", { id: Number(entry.id) }), index: 0 }, place);
    } catch {
      GeoMap.sayFailed();
    }
  };

  const flyTo = GeoMap.flyTo;
  GeoMap.flyTo = async (kind, id) => {
    const layer = GeoMap.layerOf[kind];
    if (kind === "zone" && /^\d{1,9}$/.test(id)) {
      GeoMap.openZone({ id: Number(id) });
      return;
    }
    if (SHAPES.includes(layer)) {
      await begun;
      if (!isOn(layer)) GeoMap.layers[layer].addTo(GeoMap.map);
      await load(layer);
    }
    flyTo(kind, id);
  };

  /* ---- what is shown ---- */

  let telling = null;
  const tell = () => {
    window.clearTimeout(telling);
    telling = window.setTimeout(() => {
      const { lat, lng } = GeoMap.map.getCenter();
      const on = Object.keys(GeoMap.layers).filter(isOn);
      GeoMap.tell({ type: "looked", lon: lng, lat, zoom: GeoMap.map.getZoom(), on });
    }, WAIT_MS);
  };

  const switchLayers = () => {
    if (!told.has("on")) return;
    const wanted = told.get("on").split(",");
    Object.entries(GeoMap.layers).forEach(([kind, group]) => {
      if (wanted.includes(kind)) group.addTo(GeoMap.map);
      else group.remove();
    });
  };

  /* Everything as it stands now, with the view as it is. */
  GeoMap.handlers.refresh = async () => {
    const before = [...lights.classes.keys()].join();
    try {
      await loadLights();
    } catch {
      GeoMap.sayFailed();
      return;
    }
    if ([...lights.classes.keys()].join() === before) zones?.repaint();
    else zones?.forget();
    renameZones();
    Object.keys(loads).forEach((kind) => {
      delete loads[kind];
      if (isOn(kind)) load(kind);
    });
    if (isOn("points")) points.forget();
    document.documentElement.dataset.refreshed = String(Number(document.documentElement.dataset.refreshed || 0) + 1);
  };

  window.addEventListener("DOMContentLoaded", () => {
    const { map } = GeoMap;
    switchLayers();
    began();
    map.on("moveend overlayadd overlayremove", tell);
    map.on("moveend", () => points?.refresh());
    map.on("click", ({ latlng, containerPoint }) => {
      if (!isOn("zones") || GeoMap.dotAt(containerPoint)) return;
      GeoMap.openZone({ lon: latlng.lng, lat: latlng.lat }, latlng);
    });
  });
})();
