/* Beside a map: the card of a blind spot or a point offers "into tomorrow's plan", and the page asks for it.
 *
 *   to the frame    {geoservice: 1, type: "offer", words} · {…, type: "offered", words}
 *   from the frame  {geoservice: 1, type: "want", kind: "gap" or "point", id, lon, lat, title} */
"use strict";

(() => {
  const form = document.getElementById("want-from-map");
  const frames = () => [...document.querySelectorAll("iframe[data-map-frame]")];
  const send = (frame, message) => frame.contentWindow.postMessage({ geoservice: 1, ...message }, "*");
  const offer = (frame) => send(frame, { type: "offer", words: form.dataset.offer });

  const ask = async (frame, { kind, id, lon, lat, title }) => {
    const asked = new FormData(form);
    asked.set("kind", kind);
    asked.set("label", String(title).slice(0, 200));
    if (kind === "point") asked.set("point_id", id);
    else { asked.set("lon", Number(lon).toFixed(6)); asked.set("lat", Number(lat).toFixed(6)); }
    const done = await fetch(form.action, { method: "POST", body: asked, headers: { "HX-Request": "true" } })
      .then(async (answer) => { await answer.text(); return answer.ok; }).catch(() => false);
    send(frame, { type: "offered", words: done ? form.dataset.done : form.dataset.failed });
  };

  window.addEventListener("message", ({ source, origin, data }) => {
    const frame = origin === "null" && data?.geoservice === 1 && frames().find((each) => each.contentWindow === source);
    if (!frame) return;
    if (data.type === "ready") offer(frame);
    if (data.type === "want" && ["gap", "point"].includes(data.kind)) ask(frame, data);
  });

  frames().forEach(offer);
})();
