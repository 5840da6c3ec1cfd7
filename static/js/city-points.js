/* Points of the view, from tiles of the server: where they are crowded it puts them together and says how many, else each is
 * painted with its own sign. */
"use strict";

(() => {
  const SIDE = 512;
  const PLAIN = L.CRS.EPSG3857;
  const COLUMNS = ["ids", "places", "sign", "state", "late"];

  const nothing = () => ({ signs: [], states: [], groups: [], mine: [], ...Object.fromEntries(COLUMNS.map((name) => [name, []])) });

  /* Tiles of a view as one set of columns. */
  const together = (tiles) => tiles.reduce((all, tile) => {
    COLUMNS.forEach((name) => { all[name] = all[name].concat(tile[name]); });
    all.groups = all.groups.concat(tile.groups);
    return Object.assign(all, { signs: tile.signs, states: tile.states });
  }, nothing());

  const tilesInView = (map) => {
    const zoom = Math.max(2, Math.round(map.getZoom()));
    const bounds = map.getBounds();
    const low = PLAIN.latLngToPoint(bounds.getNorthWest(), zoom).divideBy(SIDE).floor();
    const high = PLAIN.latLngToPoint(bounds.getSouthEast(), zoom).divideBy(SIDE).floor();
    const most = 2 ** (zoom - 1) - 1;
    const found = [];
    for (let x = Math.max(0, low.x); x <= Math.min(most, high.x); x += 1) {
      for (let y = Math.max(0, low.y); y <= Math.min(most, high.y); y += 1) found.push({ z: zoom - 1, x, y });
    }
    return found;
  };

  const write = (words, count, late) => words.replace("{count}", count.toLocaleString()).replace("{late}", late.toLocaleString());

  const groupMarker = ([lat, lon, count, late]) => {
    const size = 26 + Math.min(26, 6 * Math.log10(count));
    const disc = GeoMap.write("span", "disc", "");
    disc.style.setProperty("--late", `${Math.round((100 * late) / count)}%`);
    const words = GeoMap.write("span", "words", "", disc);
    GeoMap.write("strong", "", count.toLocaleString(), words);
    if (late) GeoMap.write("span", "late", `!${late.toLocaleString()}`, words);
    const icon = L.divIcon({ html: disc, className: "point-group", iconSize: [size, size] });
    const title = write(GeoMap.ownWords.group, count, late);
    // Keys go closer with + and find points in the table: hundreds of stops would be no way to anywhere.
    const marker = L.marker(GeoMap.place([lat, lon]), { icon, title, keyboard: false, pane: "groups", zIndexOffset: Math.min(count, 900) });
    marker.on("click", () => {
      GeoMap.map.setView(marker.getLatLng(), Math.min(GeoMap.map.getZoom() + 2, 19), { animate: !GeoMap.calm });
    });
    return marker;
  };

  class Points {
    constructor(group) {
      Object.assign(this, { held: new Map(), markers: new Map(), round: 0 });
      this.groups = L.layerGroup().addTo(group);
      GeoMap.dots = new GeoMap.Dots(nothing()).addTo(group);
    }

    async refresh() {
      const map = GeoMap.map;
      const round = this.round += 1;
      if (!map.hasLayer(GeoMap.dots)) return;
      const wanted = tilesInView(map).map((place) => [Object.values(place).join("/"), place]);
      const keys = new Set(wanted.map(([key]) => key));
      this.held.forEach((answer, key) => {
        if (keys.has(key) || this.held.size < 80) return;
        this.held.delete(key);
      });
      wanted.forEach(([key, place]) => {
        if (this.held.has(key)) return;
        const answer = GeoMap.ask("points", place);
        this.held.set(key, answer);
        answer.catch(() => this.held.delete(key));
      });
      try {
        const tiles = await Promise.all(wanted.map(([key]) => this.held.get(key)));
        if (round === this.round) this.show(together(tiles));
      } catch {
        GeoMap.sayFailed();
      }
    }

    show(data) {
      GeoMap.dots.take(data);
      const groups = new Map(data.groups.map((one) => [one.join(), one]));
      this.markers.forEach((marker, key) => {
        if (groups.has(key)) return;
        this.groups.removeLayer(marker);
        this.markers.delete(key);
      });
      groups.forEach((one, key) => {
        if (this.markers.has(key)) return;
        const marker = groupMarker(one);
        this.markers.set(key, marker);
        this.groups.addLayer(marker);
      });
      GeoMap.listSigns(data.signs);
      GeoMap.tidyLabels();
      document.documentElement.dataset.points = String(data.ids.length);
      document.documentElement.dataset.groups = String(groups.size);
    }

    /* Where groups are on the screen. */
    obstacles() {
      return [...this.markers.values()].map((marker) => {
        const [width, height] = marker.options.icon.options.iconSize;
        return { ...GeoMap.map.latLngToContainerPoint(marker.getLatLng()), width, height };
      });
    }

    /* As they stand now. */
    forget() {
      this.held.clear();
      this.refresh();
    }
  }

  GeoMap.CityPoints = Points;
})();
