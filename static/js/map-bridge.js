/* The page around a map: connects list rows with the map in its frame.
 *
 *   <iframe id="leader-map" data-map-frame sandbox="allow-scripts" allow="fullscreen" src="…"></iframe>
 *   <button data-fly-to="gap:12" data-map="leader-map">…</button>      (data-map may be left out: first map)
 *
 * A tap on a [data-fly-to] element flies the map there; a tap on the map marks that element with
 * aria-current="true" and brings it into view. Rows that htmx brings later work too. */
"use strict";

(() => {
  const KINDS = ["gap", "zone", "point", "street", "track", "exclusion", "stretch", "suggestion", "device", "way", "stop", "unserved", "case"];
  const waiting = new Map();
  const ready = new WeakSet();

  const frames = () => [...document.querySelectorAll("iframe[data-map-frame]")];
  const frameOf = (element) => document.getElementById(element.dataset.map || "") || frames()[0];

  /* The frame's origin is opaque, so it cannot be named; what we send holds nothing secret but a position asked for. */
  const send = (frame, message) => frame.contentWindow.postMessage({ geoservice: 1, ...message }, "*");

  const theme = () => document.documentElement.dataset.bsTheme || "light";

  const fly = (element) => {
    const frame = frameOf(element);
    const [, kind, id] = /^(\w+):(.+)$/.exec(element.dataset.flyTo) || [];
    if (!frame || !KINDS.includes(kind)) return;
    const message = { type: "fly-to", kind, id };
    if (ready.has(frame)) send(frame, message);
    else waiting.set(frame, message);
    const { top, bottom, height } = frame.getBoundingClientRect();
    const visible = Math.min(bottom, window.innerHeight) - Math.max(top, 0);
    if (visible < Math.min(height, window.innerHeight) / 2) frame.scrollIntoView({ block: "center" });
  };

  const mark = (frame, key) => {
    let marked = null;
    document.querySelectorAll("[data-fly-to]").forEach((element) => {
      if (frameOf(element) !== frame) return;
      const chosen = element.dataset.flyTo === key;
      if (chosen) element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
      element.classList.toggle("is-selected", chosen);
      if (chosen && !marked) marked = element;
    });
    // Only a list beside the map: below it, as on a phone, scrolling to the row would take the map out of sight.
    const beside = marked && marked.getBoundingClientRect().left >= frame.getBoundingClientRect().right;
    if (beside) marked.scrollIntoView({ block: "nearest" });
  };

  const handlers = {
    ready(frame) {
      ready.add(frame);
      send(frame, { type: "theme", value: theme() });
      if (waiting.has(frame)) send(frame, waiting.get(frame));
      waiting.delete(frame);
    },
    selected(frame, { kind, id }) {
      if (KINDS.includes(kind) && typeof id === "string" && id.length <= 200) mark(frame, `${kind}:${id}`);
    },
    locate(frame) {
      const fail = () => send(frame, { type: "position-failed" });
      if (!navigator.geolocation) { fail(); return; }
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => send(frame, { type: "position", lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy }),
        fail,
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
      );
    },
    /* A cookie: the server draws the next map with it, so that nobody is asked who was switched off. */
    "base-map"(frame, { value }) {
      if (typeof value === "string" && value.length <= 200) document.cookie = `base-map=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`;
    },
    "full-screen"(frame, { on }) {
      frame.classList.toggle("map-fills-page", on === true);
    },
  };

  window.addEventListener("message", (event) => {
    if (event.origin !== "null") return;
    const frame = frames().find((candidate) => candidate.contentWindow === event.source);
    const message = event.data;
    if (!frame || !message || message.geoservice !== 1 || !Object.hasOwn(handlers, message.type)) return;
    handlers[message.type](frame, message);
  });

  document.addEventListener("click", (event) => {
    const element = event.target.closest?.("[data-fly-to]");
    if (element) fly(element);
  });

  new MutationObserver(() => frames().forEach((frame) => ready.has(frame) && send(frame, { type: "theme", value: theme() })))
    .observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
})();
