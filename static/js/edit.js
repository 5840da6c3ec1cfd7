/* Puts map, panel and server together: loading, tools, keys, saving. */
"use strict";

(() => {
  const { model, map: sheet, panel } = GeoEdit;
  const byId = panel.byId;
  const editor = byId("editor");
  const words = JSON.parse(editor.dataset.words);
  const level = editor.dataset.level;
  let pending = null; // a split that waits for its codes, or the zones to merge
  let loading = 0;

  const ask = async (address, body) => {
    const answer = await fetch(address, body === undefined ? { headers: { Accept: "application/json" } } : {
      method: "POST", body: JSON.stringify(body),
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": editor.dataset.csrf },
    });
    return { ok: answer.ok, told: await answer.json() };
  };

  const keep = (noun, features) => features.forEach((feature) => {
    model.loaded.set(`${noun}:${feature.id}`, { id: feature.id, ...feature.properties, geometry: feature.geometry });
  });

  const shows = (layer) => byId("edit-layers").querySelector(`[value="${layer}"]`).checked;
  const NOTHING = { ok: true, told: { features: [], more: false } };
  const fetchLayer = (layer, query) => (shows(layer) ? ask(`${editor.dataset[layer]}?${query}`) : NOTHING);

  /* What was changed keeps the version it was changed from, so that the server can tell who was faster. */
  const load = async () => {
    const turn = loading += 1;
    editor.dataset.ready = "no";
    const bounds = map.getBounds();
    const box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].join(",");
    try {
      const answers = await Promise.all([
        fetchLayer("zones", `level=${encodeURIComponent(level)}&bbox=${box}`), fetchLayer("points", `bbox=${box}`), fetchLayer("streets", `bbox=${box}`),
      ]);
      if (turn !== loading || answers.some(({ ok }) => !ok)) return;
      const [zones, points, streets] = answers.map(({ told }) => told);
      const changed = new Set(model.changes().map(({ key }) => key));
      [...model.loaded.keys()].filter((key) => !changed.has(key) && !sheet.chosen.has(key)).forEach((key) => model.loaded.delete(key));
      [["zone", zones], ["point", points], ["street", streets]].forEach(([noun, { features }]) => {
        keep(noun, features.filter((each) => !changed.has(`${noun}:${each.id}`)));
      });
      sheet.draw();
      editor.dataset.ready = "yes";
      const some = [zones, points, streets].some(({ more }) => more);
      panel.status(some ? words.more : words.loaded, { zones: zones.features.length, points: points.features.length, streets: streets.features.length });
    } catch {
      panel.status(words.failed);
    }
  };

  const only = () => (sheet.chosen.size === 1 ? [...sheet.chosen][0] : null);
  const button = (tool) => editor.querySelector(`[data-tool="${tool}"]`);

  const refresh = () => {
    const count = model.changes().length;
    button("undo").disabled = !model.canUndo();
    button("redo").disabled = !model.canRedo();
    button("save").disabled = !count;
    editor.dataset.unsaved = String(count);
    panel.status(count ? words.unsaved : words.none, { count });
    [...sheet.chosen].filter((key) => !model.effective(key)).forEach((key) => sheet.chosen.delete(key));
    sheet.draw();
    if (!pending) panel.show(only());
  };

  const choose = (key) => {
    if (pending?.merge) {
      const keys = new Set(sheet.chosen);
      const noun = key.split(":")[0];
      if (noun === "point" || [...keys].some((each) => !each.startsWith(`${noun}:`))) return;
      if (!keys.delete(key)) keys.add(key);
      sheet.choose([...keys]);
      return;
    }
    sheet.choose([key]);
    panel.show(key);
  };

  const press = (tool) => ["vertices", "drag", "merge"].forEach((each) => button(each).setAttribute("aria-pressed", String(each === tool)));
  const calm = () => { pending = null; press(null); sheet.show(null); sheet.setMode("choose"); panel.show(only()); };

  const drawn = async (geometry) => {
    press(null);
    if (pending?.split) { await cut(geometry); return; }
    const noun = { Point: "point", LineString: "street" }[geometry.type] || "zone";
    const first = {
      zone: { level }, point: { category: byId("f-category").options[0]?.value ?? "", address: "" },
      street: { street_class: byId("f-class").options[0].value, one_way: false },
    };
    const key = model.newKey(noun);
    model.edit(key, { geometry, code: "", name: "", ...first[noun] });
    choose(key);
    byId("f-code").focus();
  };

  const cut = async (line) => {
    const key = pending.split;
    const thing = model.effective(key);
    const { ok, told } = await ask(editor.dataset.preview, { noun: thing.noun, id: thing.id, line });
    if (!ok) { calm(); panel.problem(told.detail); return; }
    pending = { split: key, line, pieces: told.pieces };
    sheet.show({ type: "GeometryCollection", geometries: told.pieces });
    panel.showParts(thing, told.pieces);
  };

  const toggle = (tool) => {
    const on = button(tool).getAttribute("aria-pressed") !== "true";
    calm();
    if (on) { press(tool); sheet.setMode(tool); }
  };

  const canCut = (keys, hint) => {
    const bad = keys.some((key) => key.startsWith("point:") || !model.loaded.has(key));
    if (!keys.length || bad) { panel.status(hint); return false; }
    if (keys.some((key) => model.effective(key).change)) { panel.status(words.saved_first); return false; }
    return true;
  };

  const merge = () => {
    const keys = [...sheet.chosen];
    if (!pending?.merge) {
      calm();
      pending = { merge: true };
      press("merge");
      panel.status(words.choose_merge);
      return;
    }
    if (keys.length < 2 || !canCut(keys, words.choose_merge)) { calm(); return; }
    panel.showMerge(keys.map(model.effective));
  };

  const draw = (shape, hint) => { calm(); sheet.startDrawing(shape); panel.status(hint); };

  const tools = {
    zone: () => draw("Polygon", words.draw_zone),
    point: () => draw("Marker", words.draw_point),
    street: () => draw("Line", words.draw_street),
    vertices: () => toggle("vertices"),
    drag: () => toggle("drag"),
    split: () => {
      const key = only();
      if (!canCut(key ? [key] : [], words.choose_zone)) return;
      draw("Line", key.startsWith("street:") ? words.cross_street : words.draw_line);
      pending = { split: key };
    },
    merge,
    undo: () => { calm(); model.undo(); },
    redo: () => { calm(); model.redo(); },
    save: () => save(),
  };

  const refused = (told, sent) => {
    const values = told.values || {};
    const key = sent[values.number]?.key;
    const actions = [];
    if (key) actions.push([words.show, () => { sheet.choose([key]); panel.show(key); sheet.goTo(key); }]);
    if (told.code === "changed_meanwhile" || told.code === "gone_meanwhile") {
      actions.push([words.load_theirs, () => { model.forget(key); model.loaded.delete(key); sheet.choose([]); panel.problem(""); calm(); load(); }]);
    }
    if (told.code === "repair_needed") {
      sheet.show(values.repaired);
      actions.push([words.accept, () => { model.edit(key, { accept_repairs: true }); sheet.show(null); save(); }]);
    }
    panel.problem(told.detail, actions);
  };

  const save = async () => {
    const sent = model.changes();
    if (!sent.length) return;
    panel.problem("");
    panel.status(words.saving);
    button("save").disabled = true;
    let answer;
    try {
      answer = await ask(editor.dataset.save, { changes: sent.map(({ change }) => change) });
    } catch {
      panel.problem(words.failed);
    }
    if (!answer?.ok) {
      if (answer) refused(answer.told, sent);
      panel.status(words.unsaved, { count: sent.length });
      button("save").disabled = false;
      return;
    }
    sheet.choose([]);
    model.clear(); // before what is stored goes: a change of a name alone has no shape to draw
    sent.forEach(({ key }) => model.loaded.delete(key));
    calm();
    await load();
    panel.status(words.saved, { count: sent.length });
  };

  byId("edit-form").addEventListener("change", ({ target, currentTarget }) => {
    const key = currentTarget.dataset.key;
    model.edit(key, { [target.name]: target.type === "checkbox" ? target.checked : target.value });
  });
  byId("edit-form").addEventListener("submit", (event) => event.preventDefault());
  byId("edit-end").addEventListener("click", () => {
    const key = byId("edit-form").dataset.key;
    if (model.loaded.has(key)) model.edit(key, { ended: !model.effective(key).ended });
    else { sheet.choose([]); model.forget(key); }
  });

  byId("edit-turn").addEventListener("click", () => {
    const { key, geometry } = model.effective(byId("edit-form").dataset.key);
    model.edit(key, { geometry: { ...geometry, coordinates: [...geometry.coordinates].reverse() } });
  });

  byId("edit-layers").addEventListener("change", () => load());

  byId("edit-parts").addEventListener("submit", (event) => {
    event.preventDefault();
    const { split, line, pieces } = pending;
    const fields = event.target.elements;
    const parts = pieces.map((_piece, at) => ({ code: fields[`code-${at}`].value, name: fields[`name-${at}`].value }));
    pending = null;
    sheet.show(null);
    const noun = split.split(":")[0];
    const geometry = noun === "street"
      ? { type: "MultiLineString", coordinates: pieces.map((piece) => piece.coordinates) }
      : { type: "MultiPolygon", coordinates: pieces.flatMap((piece) => (piece.type === "Polygon" ? [piece.coordinates] : piece.coordinates)) };
    model.edit(split, { op: { op: `split_${noun}`, line, parts }, geometry });
  });

  byId("edit-merge").addEventListener("submit", (event) => {
    event.preventDefault();
    const keys = [...sheet.chosen];
    const isStreets = keys[0].startsWith("street:");
    const things = keys.map((key) => ({ id: model.loaded.get(key).id, row_version: model.loaded.get(key).row_version }));
    const { code, name } = event.target.elements;
    const told = { code: code.value, name: name.value };
    const op = isStreets ? { op: "join_streets", streets: things, ...told } : { op: "merge_zones", zones: things, ...told };
    model.editSeveral([[keys[0], { op }], ...keys.slice(1).map((key) => [key, { op: {}, merged: true }])]);
    calm();
  });

  ["edit-parts", "edit-merge"].forEach((id) => byId(id).addEventListener("reset", calm));

  editor.addEventListener("click", ({ target }) => {
    const tool = target.closest("[data-tool]")?.dataset.tool;
    if (tool) tools[tool]();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { calm(); return; }
    if (!(event.ctrlKey || event.metaKey) || event.target.matches("input, textarea, select")) return;
    const tool = { z: event.shiftKey ? "redo" : "undo", y: "redo", s: "save" }[event.key.toLowerCase()];
    if (!tool) return;
    event.preventDefault();
    tools[tool]();
  });

  window.addEventListener("beforeunload", (event) => {
    if (!model.changes().length) return;
    event.preventDefault();
    event.returnValue = words.leave;
  });

  panel.start(words, editor.dataset.home);
  const map = sheet.start(byId("edit-map"), JSON.parse(editor.dataset.view), editor.dataset.lang);
  GeoEdit.leaflet = map;
  sheet.onChoose(choose);
  sheet.onDrawn(drawn);
  model.onChange(refresh);
  map.on("moveend", load);
  load().then(() => { if (model.loaded.has(editor.dataset.chosen)) choose(editor.dataset.chosen); });
})();
