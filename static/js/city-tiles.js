/* Zones and streets from vector tiles, painted on one canvas a tile: moving the map paints only what comes into view.
 *
 * Tiles are cut in Web Mercator. Under a base map in GCJ-02 the map's own grid is shifted against theirs: a canvas is then
 * painted from the up to four tiles below it, each laid where the projection puts the canvas's corners. Within one canvas the
 * shift differs from that by less than a pixel. */
"use strict";

(() => {
  const SIDE = 512;
  /* Canvases reach a pixel under their neighbours: between whole zooms there would be hairlines. */
  const SPAN = SIDE + 1;
  const PLAIN = L.CRS.EPSG3857;
  const HATCHED_FROM = 18;
  const EDGED_FROM = 7;
  const NAMED_FROM = 72;
  const MOST_NAMES = 300;

  /* What takes some milliseconds each is done a few at a time, so that a hand on the map never waits for all of it. */
  const BUDGET_MS = 8;
  const waiting = [];
  const work = () => {
    const end = performance.now() + BUDGET_MS;
    while (waiting.length && performance.now() < end) waiting.shift()();
    if (waiting.length) window.setTimeout(work);
  };
  const soon = (act) => new Promise((done, failed) => {
    if (waiting.push(() => { try { done(act()); } catch (error) { failed(error); } }) === 1) window.setTimeout(work);
  });

  GeoMap.Tiles = L.GridLayer.extend({
    options: { tileSize: SIDE, noWrap: true, keepBuffer: 1, updateWhenZooming: false, updateInterval: 100, minZoom: 2, maxZoom: 21 },

    /* `what` is asked for; `paint(pen, pieces, zoom)` paints features laid by `lay`. */
    initialize(what, paint, options) {
      L.GridLayer.prototype.initialize.call(this, options);
      Object.assign(this, { what, paint, held: new Map() });
    },

    /* How many pixels a usual zone is wide at a zoom. */
    width(zoom) { return (this.options.width / 360) * 256 * 2 ** zoom; },

    createTile(coords, done) {
      const canvas = L.DomUtil.create("canvas", "city-tile");
      const ratio = window.devicePixelRatio > 1 ? 2 : 1;
      canvas.width = canvas.height = SPAN * ratio;
      const places = this.places(coords);
      Promise.all([this.options.ready, ...places.map((place) => this.fetch(place))]).then(async ([, ...tiles]) => {
        canvas.shown = tiles.map((tile, at) => ({ ...tile, ...places[at] }));
        await soon(() => this.draw(canvas, coords.z));
        done(null, canvas);
      }).catch((error) => {
        done(error, canvas);
        GeoMap.sayFailed();
      });
      return canvas;
    },

    _initTile(canvas) {
      L.GridLayer.prototype._initTile.call(this, canvas);
      L.Util.extend(canvas.style, { width: `${SPAN}px`, height: `${SPAN}px` });
    },

    draw(canvas, zoom) {
      const pen = canvas.getContext("2d");
      const ratio = canvas.width / SPAN;
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, canvas.width, canvas.height);
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      canvas.shown.forEach((piece) => this.paint(pen, piece, zoom));
    },

    /* What is on the screen in other colours, without asking again. */
    repaint() {
      Object.values(this._tiles).forEach(({ el, coords }) => { if (el.shown) soon(() => this.draw(el, coords.z)); });
    },

    /* The tiles below a canvas, each with where its own corner and its sides come to lie on it. */
    places({ x, y, z }) {
      const { crs } = this._map.options;
      if (crs === PLAIN) return [{ x, y, z: z - 1, lay: [1, 0, 0, 1, 0, 0] }];
      const under = (column, row) => PLAIN.latLngToPoint(crs.pointToLatLng(L.point(column * SIDE, row * SIDE), z), z);
      const corner = under(x, y);
      const right = under(x + 1, y).subtract(corner).divideBy(SIDE);
      const down = under(x, y + 1).subtract(corner).divideBy(SIDE);
      const far = under(x + 1, y + 1);
      const size = right.x * down.y - right.y * down.x;
      const turn = [down.y / size, -right.y / size, -down.x / size, right.x / size];
      const found = [];
      for (let column = Math.floor(corner.x / SIDE); column <= Math.floor(far.x / SIDE); column += 1) {
        for (let row = Math.floor(corner.y / SIDE); row <= Math.floor(far.y / SIDE); row += 1) {
          const off = L.point(column * SIDE, row * SIDE).subtract(corner);
          const lay = [...turn, turn[0] * off.x + turn[2] * off.y, turn[1] * off.x + turn[3] * off.y];
          found.push({ x: column, y: row, z: z - 1, lay });
        }
      }
      return found;
    },

    fetch({ x, y, z }) {
      const named = this.width(z + 1) >= NAMED_FROM;
      const key = [z, x, y, named].join("/");
      if (!this.held.has(key)) {
        const asked = GeoMap.ask(this.what, { z, x, y, named });
        this.held.set(key, asked.then((buffer) => soon(() => VectorTile.read(buffer))));
        this.held.get(key).catch(() => this.held.delete(key));
        while (this.held.size > 120) this.held.delete(this.held.keys().next().value);
      }
      return this.held.get(key);
    },

    /* Everything anew: borders have changed. */
    forget() {
      this.held.clear();
      this.redraw();
    },

    /* Every feature that is on the screen with its name and place, once. */
    named() {
      const found = new Map();
      Object.values(this._tiles).forEach(({ el }) => el.shown?.forEach(({ features }) => features.forEach(({ id, tags }) => {
        if (tags.name && found.size < MOST_NAMES) found.set(id, tags);
      })));
      return found;
    },
  });

  /* Features as one path; the pen is clipped to their tile, for beyond its edge they go on only a little. */
  const trace = (pen, features, { extent, lay: [a, b, c, d, e, f] }, close) => {
    const unit = SIDE / extent;
    pen.beginPath();
    features.forEach(({ parts }) => parts.forEach((part) => {
      for (let at = 0; at < part.length; at += 2) {
        const x = part[at] * unit;
        const y = part[at + 1] * unit;
        const [left, top] = [a * x + c * y + e, b * x + d * y + f];
        if (at === 0) pen.moveTo(left, top);
        else pen.lineTo(left, top);
      }
      if (close) pen.closePath();
    }));
  };

  const within = (pen, { lay: [a, b, c, d, e, f] }, act) => {
    pen.save();
    pen.beginPath();
    [[0, 0], [SPAN, 0], [SPAN, SPAN], [0, SPAN]].forEach(([x, y], corner) => {
      const place = [a * x + c * y + e, b * x + d * y + f];
      if (corner === 0) pen.moveTo(...place);
      else pen.lineTo(...place);
    });
    pen.clip();
    act();
    pen.restore();
  };

  /* Zones in the pattern of their light; `look` knows it: {classOf(id), fills, opacity, bare outlines}. */
  GeoMap.zoneTiles = (look, options) => new GeoMap.Tiles("zones", function (pen, piece, zoom) {
    const wide = this.width(zoom);
    const byClass = new Map();
    piece.features.forEach((feature) => {
      const name = look.fillOf(feature.id);
      if (name === null) return;
      if (!byClass.has(name)) byClass.set(name, []);
      byClass.get(name).push(feature);
    });
    within(pen, piece, () => {
      const edge = GeoMap.color(look.outlines ? "--map-ages-edge" : "--map-zone-edge");
      byClass.forEach((features, name) => {
        trace(pen, features, piece, true);
        if (!look.outlines) {
          pen.fillStyle = GeoMap.fill(name, wide >= HATCHED_FROM);
          pen.fill();
        }
        if (!look.outlines && wide < EDGED_FROM) {
          // Neighbours of another light meet without a pale seam between them.
          Object.assign(pen, { strokeStyle: pen.fillStyle, lineWidth: 0.5 });
          pen.stroke();
        } else {
          Object.assign(pen, { strokeStyle: edge, lineWidth: wide >= HATCHED_FROM ? 1 : 0.4 });
          pen.stroke();
        }
      });
    });
  }, options);

  GeoMap.streetTiles = (options) => new GeoMap.Tiles("streets", (pen, piece, zoom) => within(pen, piece, () => {
    trace(pen, piece.features, piece, false);
    Object.assign(pen, { strokeStyle: GeoMap.color("--map-street"), lineWidth: zoom >= 16 ? 1.8 : zoom >= 14 ? 1.1 : 0.6, globalAlpha: 0.8 });
    pen.stroke();
  }), options);
})();
