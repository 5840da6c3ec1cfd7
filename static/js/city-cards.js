/* Inside the frame of the city's map: what only fetched shapes know, for the legend, and the card of a zone. */
"use strict";

(() => {
  const list = (layer) => document.querySelector(`#map-legend section[data-layer="${layer}"] ul`);

  GeoMap.listAges = (rows) => list("ages").replaceChildren(...rows.map(([fill, words]) => {
    const row = GeoMap.write("li", "", "");
    const swatch = GeoMap.svg("svg", { width: 28, height: 18, "aria-hidden": "true" }, row);
    GeoMap.svg("rect", { class: "swatch", x: 1, y: 1, width: 26, height: 16, rx: 2, fill }, swatch);
    GeoMap.write("span", "", words, row);
    return row;
  }));

  GeoMap.listSigns = (signs) => list("points").replaceChildren(...signs.map(([letter, glyph, name]) => {
    const row = GeoMap.write("li", "", "");
    const sign = GeoMap.svg("svg", { width: 18, height: 18, viewBox: "-1 -1 18 18", "aria-hidden": "true" }, row);
    GeoMap.svg("use", { class: "glyph", href: `#glyph-${glyph}` }, sign);
    GeoMap.svg("text", { class: "glyph-letter", x: 8, y: 8 }, sign).textContent = letter;
    GeoMap.write("span", "", name, row);
    return row;
  }));

  const outline = (data) => L.polygon(data.polygons.flatMap(GeoMap.polygons), {
    interactive: false, fill: false, weight: 1, color: GeoMap.color("--focus"), opacity: 1,
  });

  /* Of the zone that is named, or of the one at the place. */
  GeoMap.openZone = async (values, place) => {
    try {
      const data = await GeoMap.ask("zone", values);
      if (!data.ids) return;
      const shape = outline(data);
      const entry = { kind: "zone", id: String(data.ids[0]), shape, anchor: GeoMap.place(data.anchors[0]), data, index: 0 };
      if (!place) {
        await new Promise((done) => { GeoMap.map.once("moveend", done); GeoMap.goTo(shape.getBounds().pad(0.4)); });
      }
      shape.addTo(GeoMap.map);
      GeoMap.open(entry, place);
      GeoMap.map.once("popupclose", () => shape.remove());
    } catch {
      GeoMap.sayFailed();
    }
  };
})();
