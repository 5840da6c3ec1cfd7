/* The service worker of /field/: the member's pages and what they load, kept for when there is no network, and the queue sent by the
   browser itself where it can. `self.KEPT` comes before this file: its version and the addresses of what pages load. */
"use strict";

(() => {
  const ASSETS = `geoservice-assets-${self.KEPT.version}`;
  const PAGES = "geoservice-pages-";
  const STATE = "geoservice-pages-of";
  const ACCOUNT = "Geoservice-Account";
  const KEPT_FOR = "Geoservice-Kept-For";
  const KEPT_UNTIL = "Geoservice-Kept-Until";
  const SHELL = "/field/offline";
  const PATIENCE_MS = 6000;
  const FRESH_MS = 10 * 60 * 1000;
  const MOST_PAGES = 150;

  self.addEventListener("install", (event) => {
    event.waitUntil((async () => {
      const cache = await caches.open(ASSETS);
      await cache.addAll(self.KEPT.assets);
      await self.skipWaiting();
    })());
  });

  self.addEventListener("activate", (event) => {
    event.waitUntil((async () => {
      const names = await caches.keys();
      await Promise.all(names.filter((name) => name.startsWith("geoservice-assets-") && name !== ASSETS).map((name) => caches.delete(name)));
      await self.clients.claim();
    })());
  });

  const owner = async () => (await (await caches.open(STATE)).match("/field/account"))?.text() ?? "";

  const forget = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith(PAGES)).map((name) => caches.delete(name)));
  };

  /* Pages of whoever was here before go as soon as somebody else is. */
  const setOwner = async (account) => {
    if (account === await owner()) return;
    await forget();
    await (await caches.open(STATE)).put("/field/account", new Response(account));
  };

  const isPage = (answer) => answer.ok && !answer.redirected && (answer.headers.get("Content-Type") || "").startsWith("text/html");

  /* What is for today only says for how long it may be shown; by the phone's own clock, which may be wrong, that is until then. */
  const dated = (answer) => {
    const seconds = answer.headers.get(KEPT_FOR);
    if (seconds === null) return answer;
    const headers = new Headers(answer.headers);
    headers.set(KEPT_UNTIL, String(Date.now() + 1000 * Number(seconds)));
    return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
  };

  const isOver = (answer) => answer.headers.has(KEPT_UNTIL) && Date.now() >= Number(answer.headers.get(KEPT_UNTIL));

  const keep = async (address, answer) => {
    const account = isPage(answer) ? answer.headers.get(ACCOUNT) : answer.ok && !answer.redirected ? await owner() : null;
    if (!account) return;
    await setOwner(account);
    const cache = await caches.open(PAGES + account);
    await cache.put(address, dated(answer));
    const known = await cache.keys();
    await Promise.all(known.slice(0, Math.max(0, known.length - MOST_PAGES)).map((asked) => cache.delete(asked)));
  };

  const kept = async (address) => {
    const account = await owner();
    if (!account) return undefined;
    const cache = await caches.open(PAGES + account);
    const found = await cache.match(address);
    if (!found || !isOver(found)) return found;
    await cache.delete(address);
    return undefined;
  };

  /* A network that does not answer in time is none, if the page is here. */
  const fromNetwork = async (request) => {
    const answer = await fetch(request);
    if (answer.status === 200) await keep(request.url, answer.clone()).catch(() => {});
    return answer;
  };

  const patience = () => new Promise((_, failed) => { setTimeout(() => failed(new Error("no answer in time")), PATIENCE_MS); });

  const page = async (request) => {
    const here = await kept(request.url);
    try {
      return await (here ? Promise.race([fromNetwork(request), patience()]) : fromNetwork(request));
    } catch (fault) {
      const shown = here || (request.mode === "navigate" ? await kept(new URL(SHELL, self.location).href) : undefined);
      if (shown) return shown;
      throw fault;
    }
  };

  /* A page that was kept before the last change names older addresses: without a network the newer file does as well. */
  const asset = async (request) => {
    const found = await caches.match(request);
    if (found) return found;
    try {
      return await fetch(request);
    } catch (fault) {
      const newer = await caches.match(request, { ignoreSearch: true });
      if (newer) return newer;
      throw fault;
    }
  };

  const isKept = (url) => (/^\/field\/(?!worker\.js|who)/).test(url.pathname);

  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== self.location.origin) return;
    if (url.pathname.startsWith("/static/")) {
      event.respondWith(asset(request));
    } else if (isKept(url) && (request.mode === "navigate" || url.pathname.endsWith("/streets.json"))) {
      event.respondWith(page(request));
    }
  });

  /* One after the other, and not what was fetched a moment ago: a phone's pages cost the server work. Where somebody has logged out
     meanwhile, nobody follows to the login: that would begin another session under the form he fills in. */
  let departures = 0;
  let keeping = Promise.resolve();
  const keepAll = async (addresses) => {
    const before = departures;
    for (const address of addresses) {
      const url = new URL(address, self.location);
      if (!isKept(url) || url.origin !== self.location.origin) continue;
      const known = await kept(url.href);
      const age = known ? Date.now() - Date.parse(known.headers.get("Date")) : Infinity;
      if (age < FRESH_MS) continue;
      const answer = await fetch(url.href, { headers: { Accept: url.pathname.endsWith(".json") ? "application/json" : "text/html" }, redirect: "manual" });
      if (departures !== before) return;
      if (answer.status === 200) await keep(url.href, answer);
    }
  };

  self.addEventListener("message", (event) => {
    if (Array.isArray(event.data?.keep)) {
      keeping = keepAll(event.data.keep).catch(() => {});
      event.waitUntil(keeping);
    }
    /* Somebody left: what was just being kept goes too. */
    if (event.data?.forget) {
      departures += 1;
      event.waitUntil(keeping.then(forget));
    }
  });

  self.addEventListener("sync", (event) => {
    if (event.tag !== "geoservice-send") return;
    event.waitUntil(self.FieldQueue.sendAll().then(({ state }) => {
      if (state === "offline" || state === "later") throw new Error(state);
    }));
  });
})();
