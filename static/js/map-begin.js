/* The first script of a map in a frame, written into its head. The page around hands over the others, which its browser keeps: by itself
 * a frame of an origin of its own would have to fetch them anew at every view. Where no page of ours is around, it does.
 *
 *   out  {geoservice: 1, type: "code", files: ["/static/…", …]}
 *   in   {geoservice: 1, type: "code-here"} · {…, type: "code", texts: ["…", …], or null where that did not work} */
"use strict";

(() => {
  const PATIENCE_MS = 4000;
  const files = JSON.parse(document.querySelector("meta[name=map-code]").content);
  let isTaken = false;

  const isStyle = (file) => file.endsWith(".css");

  const begin = () => {
    const last = document.createElement("script");
    last.textContent = document.getElementById("map-last").textContent;
    document.body.append(last);
    // What the map's scripts wait for has been.
    window.dispatchEvent(new Event("DOMContentLoaded"));
  };

  const fetchAll = async () => {
    await Promise.all(files.map((file) => new Promise((done) => {
      const element = isStyle(file)
        ? Object.assign(document.createElement("link"), { rel: "stylesheet", href: file })
        : Object.assign(document.createElement("script"), { async: false, src: file });
      element.addEventListener("load", done);
      element.addEventListener("error", done);
      document.head.append(element);
    })));
    begin();
  };

  /* The policy of this page names the hash of each text: another would not run. */
  const put = (texts) => {
    files.forEach((file, at) => {
      const element = document.createElement(isStyle(file) ? "style" : "script");
      element.textContent = texts[at];
      document.head.append(element);
    });
    if (typeof GeoMap === "undefined") fetchAll();
    else begin();
  };

  const take = (texts) => {
    if (isTaken) return;
    isTaken = true;
    const act = () => (texts ? put(texts) : fetchAll());
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => setTimeout(act), { once: true });
    else act();
  };

  // A page of another site around it has nothing to hand over.
  if (window.parent === window || ![undefined, location.origin].includes(location.ancestorOrigins?.[0])) {
    take(null);
    return;
  }

  const ask = () => window.parent.postMessage({ geoservice: 1, type: "code", files }, location.origin === "null" ? "*" : location.origin);
  window.addEventListener("message", ({ source, origin, data }) => {
    if (source !== window.parent || origin !== location.origin || data?.geoservice !== 1) return;
    if (data.type === "code-here" && !isTaken) ask();
    if (data.type !== "code") return;
    const { texts } = data;
    const fine = Array.isArray(texts) && texts.length === files.length && texts.every((text) => typeof text === "string");
    take(fine ? texts : null);
  });
  ask();
  setTimeout(() => take(null), PATIENCE_MS);
})();
