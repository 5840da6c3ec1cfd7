/* Paints vector tiles as a calm ground below our shapes. Tiles after Protomaps have a style of their own; others, such as
 * those after OpenMapTiles or Shortbread, are painted by the names of their layers. Loaded after protomaps-leaflet. */
"use strict";

window.BaseMapPainter = (() => {
  const LIGHT = {
    ground: "#f2f1ec", water: "#bcd4dc", green: "#dde7d3", built: "#e6e3dc", building: "#d9d4ca", minor: "#ffffff", major: "#fbe6b8",
    casing: "#d3cec2", rail: "#b3afa8", border: "#a49a9a", ink: "#4d5254", halo: "#ffffff",
  };
  const DARK = {
    ground: "#24292c", water: "#1b3540", green: "#26332b", built: "#2b3033", building: "#343a3e", minor: "#444b4f", major: "#6a6046",
    casing: "#1c2022", rail: "#53595c", border: "#6f6a70", ink: "#c3c9cb", halo: "#1c2022",
  };

  const isDark = () => document.documentElement.dataset.bsTheme === "dark";
  const MAJOR = /^(motorway|trunk|primary|secondary)/;
  const kindOf = ({ props }) => String(props.class ?? props.kind ?? props.highway ?? "");
  const isMajor = (_, feature) => MAJOR.test(kindOf(feature));
  const isRail = (_, feature) => /rail|subway|tram/.test(kindOf(feature));
  const isMinor = (zoom, feature) => !isMajor(zoom, feature) && !isRail(zoom, feature);

  const paint = (c) => {
    const { PolygonSymbolizer, LineSymbolizer, exp } = protomapsL;
    const area = (dataLayer, fill, minzoom) => ({ dataLayer, minzoom, symbolizer: new PolygonSymbolizer({ fill }) });
    const line = (dataLayer, color, width, filter) => ({ dataLayer, filter, symbolizer: new LineSymbolizer({ color, width }) });
    const thin = exp(1.6, [[10, 0.4], [14, 2], [18, 12]]);
    const thick = exp(1.6, [[8, 0.8], [14, 4], [18, 20]]);
    const wider = (width) => (zoom) => width(zoom) + 1.5;
    const roads = (name) => [
      line(name, c.casing, wider(thin), isMinor), line(name, c.casing, wider(thick), isMajor),
      line(name, c.minor, thin, isMinor), line(name, c.major, thick, isMajor), line(name, c.rail, 1, isRail),
    ];
    return [
      ...["landuse", "land", "sites"].map((name) => area(name, c.built)),
      ...["landcover", "park"].map((name) => area(name, c.green)),
      ...["ocean", "water", "water_polygons"].map((name) => area(name, c.water)),
      ...["waterway", "water_lines"].map((name) => line(name, c.water, 1.5)),
      ...["building", "buildings"].map((name) => area(name, c.building, 14)),
      ...["transportation", "streets", "roads", "road"].flatMap(roads),
      ...["boundary", "boundaries"].map((name) => line(name, c.border, 1)),
    ];
  };

  const write = (c, lang) => {
    const { CenteredTextSymbolizer, LineLabelSymbolizer } = protomapsL;
    const look = { labelProps: [`name:${lang}`, "name"], fill: c.ink, stroke: c.halo, width: 2 };
    return [
      ...["place", "places", "place_labels", "boundary_labels"].map((dataLayer) => ({ dataLayer, symbolizer: new CenteredTextSymbolizer({ ...look, font: "600 13px sans-serif" }) })),
      ...["transportation_name", "street_labels"].map((dataLayer) => ({ dataLayer, minzoom: 14, symbolizer: new LineLabelSymbolizer({ ...look, font: "400 12px sans-serif" }) })),
    ];
  };

  const layer = (sheet, options) => {
    const chinese = document.documentElement.lang.startsWith("zh");
    const given = { ...options, url: sheet.url, maxDataZoom: sheet.max };
    if (sheet.layers.includes("earth")) {
      return protomapsL.leafletLayer({ ...given, flavor: isDark() ? "dark" : "light", lang: chinese ? "zh-Hans" : "en" });
    }
    const colours = isDark() ? DARK : LIGHT;
    return protomapsL.leafletLayer({
      ...given, paintRules: paint(colours), labelRules: write(colours, chinese ? "zh" : "en"), backgroundColor: colours.ground,
    });
  };

  return { layer };
})();
