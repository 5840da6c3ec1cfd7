/* The page around a map hands its frame scripts and styles, which the browser keeps for the page and not for the frame; map-begin.js asks.
 * Only files beside this one are handed over, and they are public. */
"use strict";

(() => {
  const MOST_FILES = 12;
  const own = document.currentScript.src;
  const home = own.slice(0, own.lastIndexOf("/together/") + 1);
  const brought = new Map();
  const frames = () => [...document.querySelectorAll("iframe[data-map-frame]")];

  const fetchText = async (file) => {
    const { href } = new URL(file, home);
    if (!href.startsWith(home)) throw new Error(href);
    const answer = await fetch(href, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  };

  const bring = (file) => {
    if (!brought.has(file)) brought.set(file, fetchText(file));
    return brought.get(file);
  };

  window.addEventListener("message", async ({ source, origin, data }) => {
    if (origin !== "null" || data?.geoservice !== 1 || data.type !== "code" || !Array.isArray(data.files)) return;
    if (data.files.length > MOST_FILES || !frames().some((frame) => frame.contentWindow === source)) return;
    const texts = await Promise.all(data.files.map(bring)).catch(() => null);
    source.postMessage({ geoservice: 1, type: "code", texts }, "*");
  });

  frames().forEach((frame) => frame.contentWindow.postMessage({ geoservice: 1, type: "code-here" }, "*"));
})();
