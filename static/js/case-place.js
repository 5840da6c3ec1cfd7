/* A small map in a page: where a case is, or a tap that says where a new one is. Without it the forms work by position or numbers.
 *
 *   <div data-case-place data-lon data-lat [data-around='[[lat,lon],[lat,lon]]'] data-streets="…" [data-pick]></div>
 *   with data-pick the form around it has the fields lon and lat, which a tap, the position or the arrow keys fill. */
"use strict";

(() => {
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const options = { enableHighAccuracy: true, timeout: 15000, maximumAge: 15000 };
  const CLOSE = 17;
  const STEP = 0.0001;

  const isPlace = (lat, lon) => Number.isFinite(lat) && Number.isFinite(lon) && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;

  const number = (text) => (text === "" || text === undefined ? NaN : Number(text));

  /* Streets behind the mark help to see where it is; nothing depends on them. */
  const drawStreets = async (map, box, reach) => {
    const at = map.getCenter();
    const address = new URL(box.dataset.streets, window.location.href);
    Object.entries({ lon: at.lng.toFixed(4), lat: at.lat.toFixed(4), reach: reach.toFixed(3) })
      .forEach(([name, value]) => address.searchParams.set(name, value));
    const lines = await PageStreets.fetch(address, { renderer: map.canvas, pane: "streets", weight: reach > 0.02 ? 1 : 1.5, opacity: 0.6 });
    if (!lines) return;
    map.streets?.remove();
    map.streets = lines.addTo(map);
    box.dataset.drawn = String(lines.getLatLngs().length);
  };

  /* Asked for again when the view leaves what was asked for, or shows much less of it. */
  const follow = (map, box) => {
    if (!box.dataset.streets || !map.bare || map.getZoom() < 8) return;
    const view = map.getBounds();
    const reach = Math.min(Math.max((view.getNorth() - view.getSouth()) * 0.9, 0.008), 1);
    if (map.asked && map.asked.around.contains(view) && map.asked.reach < 4 * reach) return;
    map.asked = { reach, around: L.latLngBounds(map.getCenter(), map.getCenter()).extend([map.getCenter().lat + reach, map.getCenter().lng + reach]).extend([map.getCenter().lat - reach, map.getCenter().lng - reach]) };
    drawStreets(map, box, reach);
  };

  const mark = (map, place, label) => {
    map.mark?.remove();
    const sign = document.createElement("span");
    sign.className = "case-pin";
    map.mark = L.marker(place, { icon: L.divIcon({ html: sign, className: "", iconSize: [28, 28], iconAnchor: [14, 26] }), keyboard: false, interactive: false, title: label, alt: label }).addTo(map);
  };

  const setUp = (box) => {
    const words = JSON.parse(box.dataset.words);
    const form = box.closest("form");
    const note = document.getElementById(box.getAttribute("aria-describedby"));
    const map = L.map(box, { zoomControl: false, attributionControl: false, minZoom: 3, maxZoom: 20, zoomSnap: 0.25, keyboard: !("pick" in box.dataset) });
    map.createPane("streets").style.zIndex = 350;
    map.canvas = L.canvas({ pane: "streets" });
    L.control.zoom({ position: "topleft", zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
    L.control.scale({ imperial: false, maxWidth: 90 }).addTo(map);
    const [lat, lon] = [number(box.dataset.lat), number(box.dataset.lon)];
    const around = box.dataset.around ? JSON.parse(box.dataset.around) : null;
    if (isPlace(lat, lon)) map.setView([lat, lon], CLOSE, { animate: false });
    else if (around) map.fitBounds(around, { animate: false });
    else map.setView([35, 105], 4, { animate: false });
    map.on("moveend", () => follow(map, box));
    if (isPlace(lat, lon)) mark(map, [lat, lon], words.mark);
    (JSON.parse(box.dataset.others || "[]")).forEach(({ place, title }) => {
      const told = document.createElement("span");
      told.textContent = title;
      L.circleMarker(place, { radius: 7, color: css("--warn"), weight: 2, fillColor: css("--warn-soft"), fillOpacity: 1 }).bindTooltip(told).addTo(map);
    });
    if ("pick" in box.dataset) letPick(map, box, form, note, words);
    BaseMaps.inPage(map, (bare) => {
      map.bare = bare;
      if (!bare) map.streets?.remove();
      else if (map.streets) map.streets.addTo(map);
      follow(map, box);
    });
    box.dataset.ready = "yes";
  };

  const letPick = (map, box, form, note, words) => {
    const { lon, lat } = form.elements;
    const set = (place, told) => {
      const wrapped = place.wrap();
      lon.value = wrapped.lng.toFixed(6);
      lat.value = wrapped.lat.toFixed(6);
      mark(map, wrapped, words.mark);
      if (note) note.textContent = told;
      form.dispatchEvent(new CustomEvent("place-set"));
    };
    map.on("click", ({ latlng }) => set(latlng, words.tapped));
    box.tabIndex = 0;
    box.addEventListener("keydown", (event) => {
      const way = { ArrowUp: [STEP, 0], ArrowDown: [-STEP, 0], ArrowLeft: [0, -STEP], ArrowRight: [0, STEP] }[event.key];
      if (!way) return;
      event.preventDefault();
      const from = isPlace(number(lat.value), number(lon.value)) ? L.latLng(number(lat.value), number(lon.value)) : map.getCenter();
      const to = L.latLng(from.lat + way[0], from.lng + way[1]);
      set(to, words.tapped);
      map.panTo(to, { animate: false });
    });
    [lon, lat].forEach((field) => field.addEventListener("change", () => {
      if (!isPlace(number(lat.value), number(lon.value))) return;
      const place = L.latLng(number(lat.value), number(lon.value));
      mark(map, place, words.mark);
      map.setView(place, CLOSE, { animate: false });
    }));
    const locate = () => {
      if (note) note.textContent = words.asking;
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        const place = L.latLng(coords.latitude, coords.longitude);
        map.setView(place, CLOSE, { animate: false });
        set(place, words.found);
      }, () => { if (note) note.textContent = words.failed; }, options);
    };
    const button = form.querySelector("[data-locate]");
    if (button && navigator.geolocation) {
      button.hidden = false;
      button.addEventListener("click", locate);
      if ("locateNow" in box.dataset && !lon.value) locate();
    }
  };

  if (window.L) document.querySelectorAll("[data-case-place]").forEach(setUp);
})();
