/* Ground as it was seen until a day: an image whose grey is the number of the step in which each place was first seen.
 *
 *   in  {geoservice: 1, type: "growth", image: bytes of a PNG, bounds: [west, south, east, north]}
 *       {…, type: "growth-step", step: 3} · {…, type: "growth-off"} */
"use strict";

GeoMap.CanvasOverlay = L.ImageOverlay.extend({
  _initImage() {
    this._image = this._url;
    L.DomUtil.addClass(this._image, "leaflet-image-layer");
    if (this._zoomAnimated) L.DomUtil.addClass(this._image, "leaflet-zoom-animated");
    L.DomUtil.addClass(this._image, this.options.className);
  },
});

/* 0xAABBGGRR of a colour token, as the pixels of a canvas lie in memory. */
GeoMap.pixelOf = function (token) {
  const [red, green, blue] = GeoMap.color(token).match(/[0-9a-f]{2}/gi).map((part) => parseInt(part, 16));
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
};

GeoMap.readNumbers = async function (bytes) {
  const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }), { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(image, 0, 0);
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  const numbers = new Uint8Array(canvas.width * canvas.height);
  for (let at = 0; at < numbers.length; at += 1) numbers[at] = pixels[4 * at];
  return { canvas, pen, numbers };
};

GeoMap.paintGrowth = function () {
  const { growth } = GeoMap;
  if (!growth || growth.step === undefined) return;
  const [before, fresh, never] = ["--growth-before", "--growth-new", "--growth-not"].map(GeoMap.pixelOf);
  const colours = new Uint32Array(256).fill(never);
  colours.fill(before, 0, growth.step);
  colours[growth.step] = fresh;
  colours[255] = 0;
  const sheet = growth.pen.createImageData(growth.canvas.width, growth.canvas.height);
  const pixels = new Uint32Array(sheet.data.buffer);
  growth.numbers.forEach((number, at) => { pixels[at] = colours[number]; });
  growth.pen.putImageData(sheet, 0, 0);
};

GeoMap.endGrowth = function () {
  GeoMap.growth?.overlay.remove();
  GeoMap.growth = null;
  GeoMap.afterSwitch();
};

Object.assign(GeoMap.handlers, {
  async growth({ image, bounds }) {
    const fine = image instanceof ArrayBuffer && Array.isArray(bounds) && bounds.length === 4 && bounds.every(Number.isFinite);
    if (!fine) return;
    const read = await GeoMap.readNumbers(image);
    GeoMap.endGrowth();
    const [west, south, east, north] = bounds;
    const overlay = new GeoMap.CanvasOverlay(read.canvas, [[south, west], [north, east]], { className: "ages", opacity: GeoMap.agesOpacity() });
    GeoMap.growth = { ...read, overlay: overlay.addTo(GeoMap.map) };
    GeoMap.afterSwitch();
    GeoMap.tell({ type: "growth-ready" });
  },
  "growth-step"({ step }) {
    if (!GeoMap.growth || !Number.isInteger(step) || step < 0 || step > 254) return;
    GeoMap.growth.step = step;
    GeoMap.paintGrowth();
    document.documentElement.dataset.growthStep = String(step);
  },
  "growth-off": () => { if (GeoMap.growth) GeoMap.endGrowth(); },
});
