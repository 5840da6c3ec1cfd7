/* The panel beside the map: fields of what is chosen, parts of a split, a merge, and what stands in the way of saving. */
"use strict";

GeoEdit.panel = (() => {
  const model = GeoEdit.model;
  const byId = (id) => document.getElementById(id);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name] ?? "");
  let words = {};
  let home = "";

  const number = (value, digits) => value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits });
  const writeArea = (area) => (area < 10000 ? `${number(area, 0)} m²` : area < 1e6 ? `${number(area / 1e4, 2)} ha` : `${number(area / 1e6, 3)} km²`);

  const writeLength = (metres) => (metres < 1000 ? `${number(metres, 0)} m` : `${number(metres / 1000, 2)} km`);

  /* How large a zone is, or how long a street, and what the change makes of it. */
  const sizeText = (thing) => {
    if (thing.noun === "point") return "";
    const isZone = thing.noun === "zone";
    const [measure, write] = isZone ? [GeoEdit.map.areaOf, writeArea] : [GeoEdit.map.lengthOf, writeLength];
    const after = measure(thing.geometry);
    const before = thing.stored ? measure(thing.stored.geometry) : after;
    if (Math.abs(after - before) < 0.5) return fill(isZone ? words.area : words.length, { area: write(after), length: write(after) });
    const change = 100 * (after - before) / before;
    return fill(isZone ? words.area_change : words.length_change, { before: write(before), after: write(after), change: `${change > 0 ? "+" : ""}${number(change, 2)}` });
  };

  /* A class that somebody else has just brought is not among the choices yet. */
  const setValue = (field, value) => {
    field.value = value;
    if (field.tagName === "SELECT" && field.value !== value) { field.add(new Option(value, value)); field.value = value; }
  };

  const showForms = (id) => ["edit-form", "edit-parts", "edit-merge"].forEach((each) => { byId(each).hidden = each !== id; });

  const show = (key) => {
    const thing = key && model.effective(key);
    byId("edit-hint").hidden = Boolean(thing);
    showForms(thing ? "edit-form" : null);
    if (!thing) return;
    const form = byId("edit-form");
    form.dataset.key = key;
    byId("edit-title").textContent = thing.name || thing.code || words[`new_${thing.noun}`];
    byId("edit-area").textContent = [sizeText(thing), thing.ended ? (thing.noun === "zone" ? words.ended : words.removed) : ""].filter(Boolean).join(" · ");
    form.querySelectorAll("[data-for]").forEach((each) => { each.hidden = each.dataset.for !== thing.noun; });
    for (const name of ["code", "name", "parent_code", "category", "address", "street_class"]) {
      const field = form.elements[name];
      if (document.activeElement !== field && !field.closest("[hidden]")) setValue(field, thing[name] ?? "");
    }
    form.elements.one_way.checked = thing.one_way === true;
    byId("edit-end").textContent = thing.noun === "zone" ? words.end : words.remove;
    form.elements.correct.checked = thing.correct === true;
    const page = thing.stored ? `${home}${thing.noun}s/${thing.id}` : "";
    byId("edit-more").hidden = byId("edit-history").hidden = !page;
    byId("edit-more").href = page;
    byId("edit-history").href = thing.stored ? `${home}history/${thing.noun}s/${thing.id}` : "";
  };

  const field = (id, label, name, value, required) => {
    const box = document.createElement("div");
    box.className = "field";
    const title = document.createElement("label");
    title.htmlFor = id;
    title.textContent = label;
    const input = document.createElement("input");
    Object.assign(input, { id, name, value, required, className: "form-control", maxLength: name.startsWith("code") ? 100 : 500 });
    box.append(title, input);
    return box;
  };

  const showParts = (thing, pieces) => {
    const rows = byId("edit-part-rows");
    rows.replaceChildren(...pieces.flatMap((piece, at) => {
      const title = document.createElement("h3");
      title.textContent = fill(words.part, { number: at + 1, area: thing.noun === "street" ? writeLength(GeoEdit.map.lengthOf(piece)) : writeArea(GeoEdit.map.areaOf(piece)) });
      return [
        title,
        field(`p-code-${at}`, words.code, `code-${at}`, at ? "" : thing.code, true),
        field(`p-name-${at}`, words.name, `name-${at}`, at ? "" : thing.name, false),
      ];
    }));
    byId("edit-hint").hidden = true;
    showForms("edit-parts");
    rows.querySelector("#p-code-1")?.focus();
  };

  const showMerge = (things) => {
    const [first] = things;
    byId("edit-merge-list").textContent = things.map((thing) => `${thing.code} ${thing.name}`).join(" + ");
    byId("edit-merge").elements.code.value = first.code;
    byId("edit-merge").elements.name.value = first.name;
    byId("edit-hint").hidden = true;
    showForms("edit-merge");
  };

  const problem = (text, actions = []) => {
    const box = byId("edit-problem");
    box.hidden = !text;
    box.replaceChildren();
    if (!text) return;
    const sentence = document.createElement("p");
    sentence.textContent = text;
    box.append(sentence, ...actions.map(([label, act]) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "btn btn-sm btn-outline-secondary", textContent: label });
      button.addEventListener("click", act);
      return button;
    }));
  };

  const status = (text, values = {}) => { byId("edit-status").textContent = fill(text, values); };
  const start = (told, address) => { words = told; home = address; };

  return { start, show, showParts, showMerge, problem, status, byId };
})();
