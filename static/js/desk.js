/* The import desk in the page: dropping files, watching a job to its end, and feeding the map in its frame.
 * Without it every step works by form and reload. */
"use strict";

(() => {
  /* ---- files: dropped or chosen, kept as one list, sent with their progress ---- */

  const zone = document.querySelector("form[data-drop]");

  const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

  const offer = (form) => {
    const input = form.querySelector("input[type=file]");
    const list = form.querySelector("[data-chosen]");
    const tooLarge = form.querySelector("[data-too-large]");
    const send = form.querySelector("button[type=submit]");
    const most = Number(form.dataset.mostBytes);
    let files = new Map();

    const show = () => {
      const kept = new DataTransfer();
      files.forEach((file) => kept.items.add(file));
      input.files = kept.files;
      list.replaceChildren(...[...files].map(([name, file]) => {
        const row = document.createElement("li");
        const label = document.createElement("span");
        label.className = "user-text";
        label.textContent = name;
        const weight = document.createElement("span");
        weight.className = "soft num";
        weight.textContent = size(file.size);
        const remove = document.createElement("button");
        Object.assign(remove, { type: "button", className: "btn btn-sm btn-outline-secondary", textContent: form.dataset.removeWord });
        remove.setAttribute("aria-label", `${form.dataset.removeWord} ${name}`);
        remove.addEventListener("click", () => { files.delete(name); show(); input.focus(); });
        row.append(label, weight, remove);
        return row;
      }));
      const heavy = [...files.values()].reduce((sum, file) => sum + file.size, 0) > most;
      tooLarge.hidden = !heavy;
      send.disabled = heavy;
    };

    const add = (more) => {
      [...more].forEach((file) => files.set(file.name, file));
      show();
      if (files.size && !send.disabled) send.focus();
    };

    input.addEventListener("change", () => add(input.files));
    ["dragenter", "dragover"].forEach((kind) => document.addEventListener(kind, (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      form.classList.add("is-over");
    }));
    document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) form.classList.remove("is-over"); });
    document.addEventListener("drop", (event) => {
      form.classList.remove("is-over");
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      // A folder looks like a file of no type that can't be read: only what has an extension is taken.
      add([...event.dataTransfer.files].filter(({ name }) => name.includes(".")));
    });
    form.addEventListener("submit", (event) => { event.preventDefault(); upload(form, send); });
  };

  const upload = (form, send) => {
    const progress = form.querySelector("progress");
    const request = new XMLHttpRequest();
    const restore = () => { progress.hidden = true; send.disabled = false; };
    progress.hidden = false;
    send.disabled = true;
    request.upload.addEventListener("progress", ({ loaded, total }) => { progress.max = total; progress.value = loaded; });
    request.addEventListener("load", () => {
      if (request.status < 400) { window.location.assign(request.responseURL); return; }
      const answer = new DOMParser().parseFromString(request.responseText, "text/html").getElementById("content");
      if (answer) document.getElementById("content").replaceWith(document.adoptNode(answer));
      document.querySelector("[role=alert]")?.scrollIntoView({ block: "nearest" });
      restart();
    });
    request.addEventListener("error", () => { restore(); form.querySelector("[data-cut-off]").hidden = false; });
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.send(new FormData(form));
  };

  const restart = () => {
    const form = document.querySelector("form[data-drop]");
    if (form) offer(form);
  };

  if (zone) offer(zone);

  /* ---- a job that ends takes its page along ---- */

  document.addEventListener("htmx:afterSwap", () => {
    const watched = document.querySelector("[data-await-job]");
    if (watched && !watched.querySelector("[hx-get]")) window.location.replace(window.location.pathname + window.location.search);
  });

  /* ---- the map: shapes of the view go in, what was tapped comes out ---- */

  const frame = document.querySelector("iframe[data-diff]");
  if (!frame) return;
  const note = document.querySelector("[data-more-shapes]");
  let held = null;
  let asked = null;

  const send = (message) => frame.contentWindow.postMessage({ geoservice: 1, ...message }, "*");
  const side = () => document.querySelector("input[name=side]:checked")?.value || "both";
  const within = (inner, outer) => inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3];

  const fetchView = async (bounds) => {
    if (held && !held.more && within(bounds, held.bounds)) { send({ type: "changes", features: held.features }); return; }
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(`${frame.dataset.diff}?bbox=${bounds.map((degrees) => degrees.toFixed(6)).join(",")}`, { signal: asked.signal });
      if (!answer.ok) return;
      const { features, more } = await answer.json();
      held = { bounds, features, more };
      note.hidden = !more;
      send({ type: "changes", features });
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };

  const rows = () => [...document.querySelectorAll("[data-show]")];
  const mark = (key) => rows().forEach((row) => {
    const chosen = row.dataset.show === key;
    if (chosen) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    row.closest("tr")?.classList.toggle("is-selected", chosen);
  });

  window.addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== "null" || data?.geoservice !== 1) return;
    if (data.type === "view" && Array.isArray(data.bounds) && data.bounds.every(Number.isFinite)) {
      send({ type: "side", value: side() });
      fetchView(data.bounds);
    }
    if (data.type === "selected") mark(`${data.kind}:${data.id}`);
  });

  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("[data-show]");
    if (!row) return;
    const [kind, id] = row.dataset.show.split(":");
    send({ type: "show", kind, id, bounds: row.dataset.bounds.split(",").map(Number) });
    mark(row.dataset.show);
    const { top, bottom, height } = frame.getBoundingClientRect();
    if (Math.min(bottom, window.innerHeight) - Math.max(top, 0) < height / 2) frame.scrollIntoView({ block: "center" });
  });

  document.addEventListener("change", (event) => {
    if (event.target.name === "side") send({ type: "side", value: side() });
  });

  send({ type: "ask-view" });
})();
