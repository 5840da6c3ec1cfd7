/* Libraries that a page of a map does without until its map is drawn: on a slow line they would take the place of what is looked at.
 *
 *   <meta name="late-script" content="/static/…/page-libraries.js">
 *
 * What was tapped or opened before they came is done once they are there. */
"use strict";

(() => {
  const address = document.querySelector("meta[name=late-script]")?.content;
  if (!address) return;
  let tapped = null;
  let isBrought = false;

  const keep = ({ target }) => { tapped = target.closest?.("[data-bs-toggle]") ?? null; };

  const arrived = () => {
    document.removeEventListener("click", keep);
    // htmx begins with this event, or at once in a page whose every image is there: a map's may still be on their way.
    if (document.readyState !== "complete") document.dispatchEvent(new Event("DOMContentLoaded"));
    document.querySelectorAll("details[open]").forEach((one) => one.dispatchEvent(new Event("toggle")));
    tapped?.click();
  };

  const bring = () => {
    if (isBrought) return;
    isBrought = true;
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", arrived);
    document.head.append(script);
  };

  document.addEventListener("click", keep);
  window.addEventListener("message", ({ origin, data }) => { if (origin === "null" && data?.geoservice === 1 && data.type === "ready") bring(); });
  if (document.readyState === "complete") bring();
  else window.addEventListener("load", bring);
})();
