/* The page of the city's map: fetches for the frame what it asks for, keeps what is shown in the address, and refreshes a kiosk.
 *
 * The frame may name a kind of answer and whole numbers or a place, never an address: those are made here.
 *   in   {geoservice: 1, type: "hello"} · {…, type: "ask", number, what, …values}
 *        {…, type: "looked", lon, lat, zoom, on}
 *   out  {geoservice: 1, type: "here"} · {…, type: "answer", number, body or failed} · {…, type: "refresh"} */
"use strict";

(() => {
  const frame = document.getElementById("city-map");
  const page = document.querySelector("[data-city-page]");
  const { zones, streets, points, rates, shapes, card, devices } = frame.dataset;
  const KINDS = /^(zones|ages|exclusions|streets|gaps|stretches|points|devices)$/;
  const SHAPES = ["gaps", "stretches", "exclusions", "ages"];
  const REFRESH_MS = 60000;

  const send = (message, passed = []) => frame.contentWindow.postMessage({ geoservice: 1, ...message }, "*", passed);

  const whole = (value, most) => Number.isInteger(value) && value >= 0 && value <= most;
  const tile = ({ z, x, y }) => (whole(z, 22) && whole(x, 2 ** z - 1) && whole(y, 2 ** z - 1) ? `${z}/${x}/${y}` : null);
  const on = (address, more) => `${address}${address.includes("?") ? "&" : "?"}${more}`;
  const into = (address, path) => address.replace("0/0/0", path);

  /* What may be asked → its address, null where the question makes no sense. */
  const addresses = {
    zones: (asked) => tile(asked) && (asked.named ? on(into(zones, tile(asked)), "names=1") : into(zones, tile(asked))),
    streets: (asked) => tile(asked) && into(streets, tile(asked)),
    points: (asked) => tile(asked) && into(points, tile(asked)),
    rates: () => rates,
    shapes: ({ kind }) => (SHAPES.includes(kind) ? shapes.replace("gaps", kind) : null),
    zone({ id, lon, lat }) {
      if (whole(id, 2147483647)) return on(card, `id=${id}`);
      return Number.isFinite(lon) && Number.isFinite(lat) ? on(card, `at=${lon.toFixed(7)},${lat.toFixed(7)}`) : null;
    },
    point: ({ id }) => (whole(id, 2147483647) ? card.replace("card/zone", `card/point/${id}`) : null),
    devices: () => devices || null,
  };

  const handlers = {
    hello: () => send({ type: "here" }),

    async ask({ number, what, ...asked }) {
      if (!Number.isInteger(number) || !Object.hasOwn(addresses, what)) return;
      const address = addresses[what](asked);
      try {
        if (!address) throw new Error(what);
        const answer = await fetch(address, { credentials: "same-origin", headers: { "HX-Request": "true" } });
        if (answer.status === 401) { window.location.reload(); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        // A place without a zone, like a tile without anything, is an answer of no bytes.
        const isTile = !answer.headers.get("Content-Type")?.startsWith("application/json");
        const body = isTile ? await answer.arrayBuffer() : await answer.json();
        send({ type: "answer", number, body }, isTile ? [body] : []);
      } catch {
        send({ type: "answer", number, failed: true });
      }
    },

    /* The address of the map's own page always shows what is on the screen, so that it can be sent to somebody. */
    looked(message) {
      if (!page) return;
      const { lon, lat, zoom, on: shown } = message;
      if (![lon, lat, zoom].every(Number.isFinite) || !Array.isArray(shown) || !shown.every((kind) => KINDS.test(kind))) return;
      const address = new URL(window.location.href);
      address.searchParams.set("at", `${lon.toFixed(5)},${lat.toFixed(5)},${zoom}`);
      address.searchParams.set("on", shown.join());
      window.history.replaceState(window.history.state, "", readable(address));
    },
  };

  /* Commas need no escape here, and an address is also read by people. */
  const readable = (address) => address.href.replaceAll("%2C", ",");

  window.addEventListener("message", ({ source, origin, data }) => {
    if (origin !== "null" || source !== frame.contentWindow || data?.geoservice !== 1 || !Object.hasOwn(handlers, data.type)) return;
    handlers[data.type](data);
  });
  send({ type: "here" });

  /* ---- other days, levels or layers keep the view; another layer is switched on by itself ---- */

  const kept = (goal) => {
    const now = new URL(window.location.href).searchParams;
    const names = goal.get("show") === now.get("show") || !goal.has("show") ? ["at", "on", "kiosk"] : ["at", "kiosk"];
    return names.filter((name) => now.get(name)).map((name) => [name, now.get(name)]);
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || link.pathname !== window.location.pathname || link.origin !== window.location.origin) return;
    const goal = new URL(link.href);
    kept(goal.searchParams).forEach(([name, value]) => goal.searchParams.set(name, value));
    if (link.dataset.leaves !== undefined) goal.searchParams.delete("kiosk");
    link.href = readable(goal);
  }, true);
  document.addEventListener("formdata", ({ target, formData }) => {
    if (new URL(target.action).pathname !== window.location.pathname) return;
    kept(new URLSearchParams(formData)).forEach(([name, value]) => formData.set(name, value));
  });

  /* ---- a kiosk ---- */

  const fullScreen = document.querySelector("[data-full-screen]");
  if (fullScreen && document.fullscreenEnabled) {
    const say = () => { fullScreen.textContent = document.fullscreenElement ? fullScreen.dataset.leave : fullScreen.dataset.enter; };
    fullScreen.hidden = false;
    fullScreen.addEventListener("click", () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen();
    });
    document.addEventListener("fullscreenchange", say);
    say();
  }

  const pause = document.querySelector("[data-pause]");
  if (!pause) return;
  let paused = false;

  /* Figures and lists are put in place of the old ones; the map fetches its own anew, with its view as it is. */
  const refresh = async () => {
    if (paused || document.hidden) return;
    try {
      const answer = await fetch(window.location.href, { credentials: "same-origin" });
      if (answer.redirected) { window.location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      page.querySelectorAll("[data-fresh]").forEach((part) => {
        const held = part.contains(document.activeElement) ? document.activeElement.dataset.flyTo : null;
        part.replaceChildren(...(fresh.querySelector(`[data-fresh="${part.dataset.fresh}"]`)?.childNodes ?? []));
        if (held) part.querySelector(`[data-fly-to="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
      });
      send({ type: "refresh" });
    } catch {
      // The next minute may go better; the page says as of when it is.
    }
  };
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? pause.dataset.resume : pause.dataset.stop;
    refresh();
  });
  window.setInterval(refresh, REFRESH_MS);
})();
