/* Two maps of the same ground in different days: where one is moved, the other goes too. */
"use strict";

(() => {
  const frames = [...document.querySelectorAll("iframe[data-follows]")];
  const send = (frame, message) => frame.contentWindow.postMessage({ geoservice: 1, ...message }, "*");

  window.addEventListener("message", ({ source, origin, data }) => {
    const frame = origin === "null" && data?.geoservice === 1 && frames.find((each) => each.contentWindow === source);
    if (!frame) return;
    if (data.type === "ready") send(frame, { type: "follow" });
    if (data.type !== "moved") return;
    const { lat, lon, zoom } = data;
    frames.filter((each) => each !== frame).forEach((each) => send(each, { type: "view", lat, lon, zoom }));
  });

  frames.forEach((frame) => send(frame, { type: "follow" }));
})();
