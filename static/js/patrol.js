/* A patrol on the phone: its map, and printing its sheet. Without this script the list, the forms and the files work the same. */
"use strict";

(() => {
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const options = { enableHighAccuracy: true, timeout: 15000, maximumAge: 15000 };

  const numbered = (stop) => {
    const badge = document.createElement("span");
    badge.className = stop.next ? "way-stop is-next" : "way-stop";
    badge.dataset.state = stop.state;
    badge.textContent = stop.number;
    const size = stop.next ? 30 : 24;
    badge.style.width = badge.style.height = `${size}px`;
    return L.divIcon({ html: badge, className: "", iconSize: [size, size] });
  };

  const told = (stop) => {
    const text = document.createElement("span");
    text.textContent = `${stop.number} · ${stop.name}`;
    return text;
  };

  const button = (map, label, drawing, act) => {
    const control = L.control({ position: "topright" });
    control.onAdd = () => {
      const bar = L.DomUtil.create("div", "leaflet-bar");
      const link = L.DomUtil.create("a", "", bar);
      Object.assign(link, { href: "#", title: label });
      link.setAttribute("role", "button");
      link.setAttribute("aria-label", label);
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("viewBox", "0 0 20 20");
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", drawing);
      svg.append(path);
      link.append(svg);
      L.DomEvent.disableClickPropagation(bar);
      L.DomEvent.on(link, "click", (event) => { L.DomEvent.preventDefault(event); act(); });
      return bar;
    };
    control.addTo(map);
  };

  const showMap = (box) => {
    const { line, known, stops } = JSON.parse(box.dataset.way);
    const words = JSON.parse(box.dataset.words);
    const note = document.getElementById("way-map-note");
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const map = L.map(box, { zoomControl: false, attributionControl: false, maxZoom: 20, minZoom: 3, zoomSnap: 0.25 });
    const around = L.latLngBounds([...stops.map((stop) => stop.place), ...line]);
    const whole = () => map.fitBounds(around, { padding: [24, 24], maxZoom: 17, animate: !calm });
    map.fitBounds(around, { padding: [24, 24], maxZoom: 17, animate: false });
    map.createPane("streets").style.zIndex = 350;
    BaseMaps.inPage(map, BaseMaps.standIn(map, () => PageStreets.fetch(box.dataset.streets, { renderer: L.canvas({ pane: "streets" }), pane: "streets", opacity: 0.45 })));
    L.control.zoom({ position: "topleft", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
    L.control.scale({ imperial: false, maxWidth: 90 }).addTo(map);
    if (line.length) {
      L.polyline(line, { color: css("--sheet"), weight: 7, opacity: 0.9, interactive: false }).addTo(map);
      L.polyline(line, { color: css("--map-track"), weight: 3.5, opacity: 0.95, dashArray: known ? null : "7 6", interactive: false, className: "way-line" }).addTo(map);
    }
    stops.forEach((stop) => {
      L.marker(stop.place, { icon: numbered(stop), title: `${stop.number} · ${stop.name}`, alt: `${stop.number} · ${stop.name}`, zIndexOffset: stop.next ? 1000 : stop.state === "open" ? 500 : 0 })
        .bindTooltip(told(stop), { direction: "top", offset: [0, -12] }).addTo(map);
    });

    let mine = null;
    const showMe = ({ coords }) => {
      const place = [coords.latitude, coords.longitude];
      mine?.remove();
      const color = css("--map-position");
      mine = L.featureGroup([
        L.circle(place, { radius: Math.min(coords.accuracy, 2000), color, weight: 1, fillOpacity: 0.12, interactive: false }),
        L.circleMarker(place, { radius: 7, color: "#fff", weight: 2, fillColor: color, fillOpacity: 1, interactive: false, className: "way-me" }),
      ]).addTo(map);
      const next = stops.find((stop) => stop.next);
      map.fitBounds(L.latLngBounds([place, ...(next ? [next.place] : [])]), { padding: [48, 48], maxZoom: 17, animate: !calm });
      note.textContent = "";
    };
    button(map, words.whole, "M3 8V3h5M12 3h5v5M17 12v5h-5M8 17H3v-5", whole);
    if (navigator.geolocation) {
      button(map, words.here, "M10 1v4M10 15v4M1 10h4M15 10h4M10 5a5 5 0 1 0 .01 0z", () => {
        navigator.geolocation.getCurrentPosition(showMe, () => { note.textContent = words.no_here; }, options);
      });
    }
    box.dataset.ready = "yes";
  };

  const box = document.getElementById("way-map");
  if (box && window.L) showMap(box);
  document.querySelectorAll("[data-print]").forEach((one) => {
    one.hidden = false;
    one.addEventListener("click", () => window.print());
  });
})();
