/* "Ask for a patrol": from the card of a blind spot or a point in the map, or from its row in the list; with a note.
 *
 *   to the frame    {geoservice: 1, type: "offer", words} · {…, type: "offered", words, again}
 *   from the frame  {geoservice: 1, type: "want", kind: "gap" or "point", id, lon, lat, title} */
"use strict";

(() => {
  const box = document.getElementById("ask-box");
  if (!box) return;
  const form = box.querySelector("form");
  const trouble = document.getElementById("ask-trouble");
  const button = form.querySelector("[type=submit]");
  const frames = () => [...document.querySelectorAll("iframe[data-map-frame]")];
  const send = (frame, message) => frame.contentWindow.postMessage({ geoservice: 1, ...message }, "*");
  const offer = (frame) => send(frame, { type: "offer", words: box.dataset.offer });
  let asking = null;

  /* The words of a card go back to what they were unless the request was sent. */
  const open = ({ kind, point = "", lon = "", lat = "", title, frame = null }) => {
    asking = frame;
    form.elements.kind.value = kind;
    form.elements.point_id.value = point;
    form.elements.lon.value = lon;
    form.elements.lat.value = lat;
    form.elements.note.value = "";
    document.getElementById("ask-what").textContent = title;
    trouble.hidden = true;
    button.disabled = false;
    box.showModal();
    form.elements.note.focus();
  };

  const complain = (words) => { trouble.textContent = words; trouble.hidden = false; };

  const ask = async () => {
    button.disabled = true;
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
    button.disabled = false;
    if (!answer) { complain(box.dataset.failed); return; }
    if (!answer.ok) { complain((await answer.json().catch(() => ({}))).detail ?? box.dataset.failed); return; }
    document.getElementById("asked").outerHTML = await answer.text();
    if (asking) send(asking, { type: "offered", words: box.dataset.done });
    asking = null;
    box.close();
    document.getElementById("asked").focus({ preventScroll: true });
  };

  form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  box.addEventListener("close", () => { if (asking) send(asking, { type: "offered", words: box.dataset.offer, again: true }); asking = null; });

  /* One button for all rows: it stands below the row that was chosen last, where Tab finds it next. */
  const offerBelow = document.createElement("button");
  offerBelow.type = "button";
  offerBelow.className = "btn btn-sm btn-outline-secondary ask-button";
  offerBelow.textContent = box.dataset.offer;
  let chosen = null;
  const choose = ({ target }) => {
    const row = target.closest?.(".map-list .gap-list [data-fly-to^='gap:'], .map-list .gap-list [data-fly-to^='point:']");
    if (!row || row === chosen) return;
    chosen = row;
    row.after(offerBelow);
  };
  document.addEventListener("focusin", choose);
  document.addEventListener("click", choose);
  offerBelow.addEventListener("click", () => {
    const [kind, id] = chosen.dataset.flyTo.split(":");
    const title = [chosen.querySelector(".rank"), chosen.querySelector(".user-text")].map((part) => part?.textContent ?? "").join(" ").trim();
    const [lon, lat] = (chosen.dataset.place ?? ",").split(",");
    open(kind === "gap" ? { kind, lon, lat, title } : { kind, point: id, title });
  });

  window.addEventListener("message", ({ source, origin, data }) => {
    const frame = origin === "null" && data?.geoservice === 1 && frames().find((each) => each.contentWindow === source);
    if (!frame) return;
    if (data.type === "ready") offer(frame);
    if (data.type !== "want" || !["gap", "point"].includes(data.kind)) return;
    const title = String(data.title).slice(0, 200);
    if (data.kind === "point") open({ kind: "point", point: String(data.id), title, frame });
    else open({ kind: "gap", lon: Number(data.lon).toFixed(6), lat: Number(data.lat).toFixed(6), title, frame });
  });

  frames().forEach(offer);
})();
