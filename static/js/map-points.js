/* Points: a sign for the category, a badge for the state, an exclamation mark for what is late.
 * Few are elements of the page; many are painted on one canvas, those in view only. */
"use strict";

GeoMap.svg = function (name, attributes, parent) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  if (parent) parent.append(element);
  return element;
};

/* What a point shows, from the columns of the data block. */
GeoMap.look = function (data, index) {
  const [letter, glyph] = data.signs[data.sign[index]];
  return { letter, glyph, state: data.states[data.state[index]] || "", late: Boolean(data.late[index]), mine: Boolean(data.mine[index]) };
};

GeoMap.makers.points = function (data, group) {
  if (data.painted) {
    GeoMap.dots = new GeoMap.Dots(data).addTo(group);
    return;
  }
  data.places.forEach((pair, index) => {
    const place = GeoMap.place(pair);
    GeoMap.remember("point", data, index, GeoMap.pointMarker(place, GeoMap.look(data, index)), place).addTo(group);
  });
};

/* ---- one element each ---- */

GeoMap.signSize = (mine) => (mine ? 37 : 27);

GeoMap.pointMarker = function (place, { letter, glyph, state, late, mine }) {
  const size = GeoMap.signSize(mine);
  const sign = GeoMap.svg("svg", { viewBox: "-4 -4 24 24", width: size, height: size, "aria-hidden": "true" });
  const kind = GeoMap.svg("g", { class: "kind" }, sign);
  GeoMap.svg("use", { href: `#glyph-${glyph}`, class: "glyph" }, kind);
  GeoMap.svg("text", { x: 8, y: 8, class: "glyph-letter" }, kind).textContent = letter;
  if (state) GeoMap.svg("use", { href: `#badge-${state}`, class: "badge" }, sign);
  if (late) GeoMap.svg("use", { href: "#badge-late", class: "late" }, sign);
  const className = ["point", mine && "mine", state && "stated", late && "is-late"].filter(Boolean).join(" ");
  const icon = L.divIcon({ html: sign, className, iconSize: [size, size] });
  return L.marker(place, { icon, keyboard: false, zIndexOffset: mine ? 200 : late ? 100 : 0 });
};

/* How many square pixels of the screen a point must have: signs with letters where they have room, badges alone
 * where they are crowded, small ones where they are packed, plain dots where they are strewn. */
GeoMap.rooms = [[6000, "near"], [1500, "crowded"], [250, "packed"], [0, "strewn"]];

GeoMap.distance = function (seen) {
  const { x, y } = GeoMap.map.getSize();
  return GeoMap.rooms.find(([room]) => x * y >= room * seen)[1];
};

GeoMap.sizePoints = function () {
  const group = GeoMap.layers.points;
  if (!group || GeoMap.dots) return;
  const view = GeoMap.map.getBounds();
  let seen = 0;
  group.eachLayer((shape) => { seen += view.contains(shape.getLatLng()) ? 1 : 0; });
  const now = GeoMap.distance(seen);
  const { classList } = GeoMap.map.getContainer();
  classList.toggle("crowded", now !== "near");
  classList.toggle("packed", now === "packed" || now === "strewn");
};

/* ---- all on one canvas ---- */

GeoMap.Dots = L.Renderer.extend({
  options: { pane: "points", padding: 0.1 },

  initialize(data) {
    L.Renderer.prototype.initialize.call(this);
    this._sprites = new Map();
    this.take(data);
  },

  /* These points in place of those before. */
  take(data) {
    this._data?.ids.forEach((id) => GeoMap.byKey.delete(`point:${id}`));
    this._data = data;
    this._crs = null;
    this._looks = data.ids.map((_, index) => GeoMap.look(data, index));
    // What matters most comes last and lies on top; equal looks follow one another, which paints faster.
    const weight = ({ mine, late, state }) => (mine ? 20 : 0) + (late ? 10 : 0) + data.states.indexOf(state);
    this._order = Uint32Array.from(data.ids.keys()).sort((one, other) => weight(this._looks[one]) - weight(this._looks[other]));
    this._world = new Float64Array(2 * data.ids.length);
    data.places.forEach((pair, index) => {
      const anchor = GeoMap.place(pair);
      const id = String(data.ids[index]);
      GeoMap.byKey.set(`point:${id}`, { kind: "point", id, shape: this, anchor, data, index });
    });
    if (this._map) this._update();
  },

  _initContainer() {
    this._container = L.DomUtil.create("canvas", "dots");
    this._pen = this._container.getContext("2d");
  },

  _destroyContainer() {
    L.DomUtil.remove(this._container);
    delete this._container;
    delete this._pen;
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const { min } = this._bounds;
    const size = this._bounds.getSize();
    this._ratio = window.devicePixelRatio > 1 ? 2 : 1;
    L.DomUtil.setPosition(this._container, min);
    Object.assign(this._container, { width: size.x * this._ratio, height: size.y * this._ratio });
    L.Util.extend(this._container.style, { width: `${size.x}px`, height: `${size.y}px` });
    this._place(min, size);
    this._draw();
  },

  /* Where each point lies in the world, by the projection of the base map below. */
  _project(crs) {
    this._crs = crs;
    this._data.places.forEach((pair, index) => {
      const { x, y } = crs.latLngToPoint(GeoMap.place(pair), 0);
      this._world.set([x, y], 2 * index);
    });
  },

  /* Where each point lies on the canvas, those outside left out. */
  _place(min, size) {
    if (this._crs !== this._map.options.crs) this._project(this._map.options.crs);
    const scale = 2 ** this._map.getZoom();
    const shift = this._map.getPixelOrigin().add(min);
    this._shown = [];
    this._order.forEach((index) => {
      const x = this._world[2 * index] * scale - shift.x;
      const y = this._world[2 * index + 1] * scale - shift.y;
      if (x >= 0 && y >= 0 && x <= size.x && y <= size.y) this._shown.push([index, x, y]);
    });
    this._from = GeoMap.distance(this._shown.length);
  },

  /* Whole pixels: a sign stays sharp, and painting it is a plain copy. */
  _draw() {
    const pen = this._pen;
    const ratio = this._ratio;
    const inks = this._from === "strewn" ? GeoMap.dotInks() : null;
    const dot = Math.round(2.4 * ratio);
    this._shown.forEach(([index, x, y]) => {
      const look = this._looks[index];
      const sprite = inks && !look.mine ? null : this._sprite(look);
      const half = (sprite ? sprite.width : dot) / 2;
      const left = Math.round(x * ratio - half);
      const top = Math.round(y * ratio - half);
      if (sprite) {
        pen.drawImage(sprite, left, top);
        return;
      }
      const ink = look.late ? inks.late : inks[look.state];
      if (pen.fillStyle !== ink) pen.fillStyle = ink;
      pen.fillRect(left, top, dot, dot);
    });
  },

  _sprite(look) {
    const from = look.mine ? "near" : this._from;
    const key = [from, look.letter, look.glyph, look.state, look.late, look.mine].join();
    if (!this._sprites.has(key)) this._sprites.set(key, GeoMap.paintSign(look, from, this._ratio));
    return this._sprites.get(key);
  },

  repaint() {
    this._sprites.clear();
    if (this._map) this._update();
  },

  at(place) {
    const { x, y } = this._map.containerPointToLayerPoint(place).subtract(this._bounds.min);
    let nearest = null;
    let reach = this._from === "near" ? 13 : 9;
    this._shown.forEach(([index, atX, atY]) => {
      const far = Math.hypot(atX - x, atY - y);
      if (far <= reach) [nearest, reach] = [index, far];
    });
    return nearest === null ? null : GeoMap.byKey.get(`point:${this._data.ids[nearest]}`);
  },
});

/* The painted point under a finger, if any. */
GeoMap.dotAt = (place) => (GeoMap.dots && GeoMap.map.hasLayer(GeoMap.dots) && place ? GeoMap.dots.at(place) : null);

/* Size of the sign, and x, y and size of its badges, as map.css has them. */
GeoMap.arrangement = {
  near: { kind: 1, badge: [16, 15, 1], late: [16.5, 0.5, 0.9] },
  crowded: { kind: 0.42, badge: [8, 8, 1], late: [13, 4, 0.8] },
  packed: { kind: 0.3, badge: [8, 8, 0.55], late: [8, 8, 0.7] },
};

/* The same signs as the elements, painted once per look and distance. */
GeoMap.paintSign = function (look, from, ratio) {
  const side = (GeoMap.signSize(look.mine) * 28) / 24;
  const sprite = document.createElement("canvas");
  sprite.width = sprite.height = Math.round(side * ratio);
  const pen = sprite.getContext("2d");
  const zoom = (side * ratio) / 28;
  pen.setTransform(zoom, 0, 0, zoom, 6 * zoom, 6 * zoom);
  const { kind, badge, late } = GeoMap.arrangement[from];
  if (from === "near" || !look.state) GeoMap.paintGlyph(pen, look, kind);
  if (look.state && !(look.late && from === "packed")) GeoMap.paintBadge(pen, look.state, badge);
  if (look.late) GeoMap.paintBadge(pen, "late", late);
  return sprite;
};

/* What each state is painted in from so far that only its colour is left. */
GeoMap.dotInks = function () {
  const tokens = { "": "point", late: "late", visited_findings: "findings", visited_clean: "clean", probable: "probable", not_visited: "missed" };
  return Object.fromEntries(Object.entries(tokens).map(([state, token]) => [state, GeoMap.color(`--map-${token}`)]));
};

GeoMap.paintGlyph = function (pen, { glyph, letter, mine }, size) {
  pen.save();
  pen.translate(8 - 8 * size, 8 - 8 * size);
  pen.scale(size, size);
  const path = new Path2D(document.getElementById(`glyph-${glyph}`).getAttribute("d"));
  pen.fillStyle = GeoMap.color(mine ? "--map-mine" : "--map-point");
  pen.strokeStyle = GeoMap.color("--map-point-edge");
  pen.lineWidth = 1.2 / size;
  pen.stroke(path);
  pen.fill(path);
  if (size === 1) {
    Object.assign(pen, { font: "600 9px sans-serif", textAlign: "center", textBaseline: "middle", fillStyle: GeoMap.color("--map-point-ink") });
    pen.fillText(letter, 8, 8.5);
  }
  pen.restore();
};

GeoMap.paintBadge = function (pen, name, [x, y, size]) {
  pen.save();
  pen.translate(x, y);
  pen.scale(size, size);
  document.querySelectorAll(`#badge-${name} path`).forEach((part) => {
    const style = getComputedStyle(part);
    const path = new Path2D(part.getAttribute("d"));
    Object.assign(pen, { fillStyle: style.fill, strokeStyle: style.stroke, lineWidth: parseFloat(style.strokeWidth), lineCap: style.strokeLinecap, lineJoin: style.strokeLinejoin });
    if (style.stroke !== "none") pen.stroke(path);
    if (style.fill !== "none") pen.fill(path);
  });
  pen.restore();
};
