/* Base maps: what lies under the shapes of every map, chosen by the reader, and GCJ-02 for those that are shifted.
 *
 * Shapes stay in WGS 84 whatever lies below: for a base map in GCJ-02 the map's *projection* shifts, there and back.
 * So what is tapped, drawn, edited or located comes out as WGS 84 again, and nothing shifted is ever stored or sent.
 *
 *   BaseMaps.attach(map, given, {onBare(bare), control, remember(key)})   `given` as maps/base_maps.py describes it
 *   BaseMaps.inPage(map, onBare)   what there is to choose from is on the map's element; the choice is kept in a cookie,
 *                                  by which the server draws the next map, so that nobody is asked who was switched off */
"use strict";

const BaseMaps = (() => {
  const NOTHING = "";

  /* ---- GCJ-02, as in geoservice/domain/shifts.py ---- */

  const RADIUS_M = 6378245;
  const ECCENTRICITY_SQUARED = 0.006693421622965943;
  const ROUNDS = 8;
  const { PI } = Math;

  const inChina = (lon, lat) => lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;

  /* A sum of sines, each with an amplitude in metres and a frequency in half turns per degree. */
  const waves = (angle, pairs) => pairs.reduce((sum, [metres, turns]) => sum + metres * Math.sin(turns * PI * angle), 0);
  const NORTH = [[20, 1], [40, 1 / 3], [160, 1 / 12], [320, 1 / 30]];
  const EAST = [[20, 1], [40, 1 / 3], [150, 1 / 12], [300, 1 / 30]];
  const RIPPLE = [[20, 6], [20, 2]];

  const shiftAt = (lon, lat) => {
    const x = lon - 105;
    const y = lat - 35;
    const root = Math.sqrt(Math.abs(x));
    const ripple = waves(x, RIPPLE);
    const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + (2 / 3) * (ripple + waves(y, NORTH));
    const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + (2 / 3) * (ripple + waves(x, EAST));
    const latitude = (lat * PI) / 180;
    const narrowing = 1 - ECCENTRICITY_SQUARED * Math.sin(latitude) ** 2;
    const meridian = (RADIUS_M * (1 - ECCENTRICITY_SQUARED)) / narrowing ** 1.5;
    const parallel = (RADIUS_M / Math.sqrt(narrowing)) * Math.cos(latitude);
    return [((east / parallel) * 180) / PI, ((north / meridian) * 180) / PI];
  };

  const toGcj02 = (lon, lat) => {
    if (!inChina(lon, lat)) return [lon, lat];
    const [east, north] = shiftAt(lon, lat);
    return [lon + east, lat + north];
  };

  const fromGcj02 = (lon, lat) => {
    if (!inChina(lon, lat)) return [lon, lat];
    let found = [lon, lat];
    for (let round = 0; round < ROUNDS; round += 1) {
      const [east, north] = shiftAt(...found);
      found = [lon - east, lat - north];
    }
    return found;
  };

  const PLAIN = L.CRS.EPSG3857;
  const SHIFTED = L.extend({}, PLAIN, {
    projection: L.extend({}, PLAIN.projection, {
      project({ lng, lat }) {
        const [east, north] = toGcj02(lng, lat);
        return PLAIN.projection.project(L.latLng(north, east));
      },
      unproject(point) {
        const { lng, lat } = PLAIN.projection.unproject(point);
        const [east, north] = fromGcj02(lng, lat);
        return L.latLng(north, east);
      },
    }),
  });

  /* The same view by another projection; everything on the map is laid anew. */
  const project = (map, crs) => {
    if (map.options.crs === crs) return;
    const [center, zoom] = map._loaded ? [map.getCenter(), map.getZoom()] : [];
    map.options.crs = crs;
    if (center) map.setView(center, zoom, { reset: true, animate: false });
  };

  /* ---- one base map on one map ---- */

  const escaped = (text) => {
    const span = document.createElement("span");
    span.textContent = text;
    return span.innerHTML;
  };

  const scripts = new Map();
  const load = (address) => {
    if (!scripts.has(address)) {
      scripts.set(address, new Promise((done, failed) => {
        const script = document.createElement("script");
        Object.assign(script, { src: address, async: false, onload: done, onerror: () => failed(new Error(address)) });
        document.head.append(script);
      }));
    }
    return scripts.get(address);
  };

  const Ground = L.Layer.extend({
    initialize(set, given, stage) {
      Object.assign(this, { set, given, stage, sheets: [] });
    },

    getAttribution() { return escaped(this.set.credit); },

    onAdd(map) {
      Object.assign(this, { answered: false, said: false });
      project(map, this.set.gcj02 ? SHIFTED : PLAIN);
      map.options.zoomSnap = 1;
      if (!Number.isInteger(map.getZoom())) map.setZoom(Math.floor(map.getZoom()), { animate: false });
      this.stage.show(this);
      this.set.sheets.forEach((sheet) => this.lay(sheet));
    },

    onRemove() {
      this.sheets.forEach((sheet) => sheet.remove());
      this.sheets = [];
    },

    async lay(sheet) {
      const options = { maxZoom: 22, bounds: this.set.bounds || undefined, attribution: "" };
      if (!sheet.vector) {
        const images = { ...options, minNativeZoom: sheet.min, maxNativeZoom: sheet.max, subdomains: sheet.subdomains, className: "base-images" };
        this.watch(L.tileLayer(sheet.url, images)).addTo(this._map);
        return;
      }
      try {
        for (const address of this.given.painter) await load(address);
      } catch {
        this.fail();
        return;
      }
      if (this._map && !this.sheets.length) this.watch(window.BaseMapPainter.layer(sheet, options)).addTo(this._map);
    },

    /* A tile that is missing says nothing; a view without any says that the server does not answer. */
    watch(layer) {
      let failed = 0;
      this.sheets.push(layer);
      layer.on("loading", () => { failed = 0; });
      layer.on("tileload", () => {
        this.answered = true;
        if (this.said) this.stage.bare(false);
      });
      layer.on("tileerror", () => { failed += 1; });
      layer.on("load", () => { if (failed && !this.answered) this.fail(); });
      return layer;
    },

    fail() {
      if (this.said || !this._map) return;
      this.said = true;
      this.stage.bare(true);
      this.stage.say(this.given.words.failed);
    },

    restyle() {
      if (!this._map || !this.set.sheets.some(({ vector }) => vector)) return;
      this.onRemove();
      this.set.sheets.forEach((sheet) => this.lay(sheet));
    },
  });

  /* ---- the choice ---- */

  const note = (map, words) => {
    const line = document.createElement("p");
    line.className = "base-map-note";
    line.setAttribute("role", "status");
    line.textContent = words;
    map.getContainer().append(line);
    setTimeout(() => line.remove(), 8000);
  };

  const fill = (control, bases) => bases.forEach(([name, layer]) => control.addBaseLayer(layer, escaped(name)));

  const attach = (map, given, { onBare = () => {}, control = null, remember }) => {
    const snap = map.options.zoomSnap;
    const stage = {
      show: () => onBare(false),
      bare: onBare,
      say: (words) => note(map, words),
    };
    const nothing = L.layerGroup();
    nothing.onAdd = () => {
      project(map, PLAIN);
      map.options.zoomSnap = snap;
      onBare(true);
    };
    const layers = new Map([[NOTHING, nothing], ...given.sets.map((set) => [set.key, new Ground(set, given, stage)])]);
    // Below a legend in the same corner, not above it.
    const credit = L.control.attribution({ prefix: false }).addTo(map).getContainer();
    credit.parentNode.append(credit);
    const bases = [[given.words.none, nothing], ...given.sets.map((set) => [set.name, layers.get(set.key)])];
    const own = control || L.control.layers(null, null, { position: "topright", collapsed: true }).addTo(map);
    fill(own, bases);
    if (!control) {
      const toggle = own.getContainer().querySelector(".leaflet-control-layers-toggle");
      toggle.title = given.words.choose;
      toggle.setAttribute("aria-label", given.words.choose);
    }
    let chosen = given.first;
    map.on("baselayerchange", ({ layer }) => {
      const key = [...layers.keys()].find((each) => layers.get(each) === layer);
      if (key === undefined || key === chosen) return;
      chosen = key;
      remember(key || "none");
    });
    new MutationObserver(() => layers.forEach((layer) => layer.restyle?.()))
      .observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
    map.addLayer(layers.get(chosen));
  };

  const keep = (key) => { document.cookie = `base-map=${encodeURIComponent(key)}; path=/; max-age=31536000; samesite=lax`; };

  const inPage = (map, onBare = () => {}) => {
    const given = JSON.parse(map.getContainer().dataset.baseMaps || "null");
    if (given) attach(map, given, { onBare, remember: keep });
    else onBare(true);
  };

  /* What stands in where nothing lies below: fetched once, and gone while a base map is shown. */
  const standIn = (map, fetched) => {
    let coming = null;
    let wanted = false;
    return async (bare) => {
      wanted = bare;
      if (bare) coming ??= fetched();
      const layer = await coming;
      if (layer && wanted) layer.addTo(map);
      else layer?.remove();
    };
  };

  return { attach, inPage, standIn, toGcj02, fromGcj02, SHIFTED };
})();
