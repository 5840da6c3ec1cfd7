/* The checklist on the phone: what was begun is kept until it is sent, photos go as soon as they are taken or wait in the queue,
   where the whole form waits too (offline.js). Without this script the form works the same, only nothing is kept. */
"use strict";

(() => {
  const keyOf = (account, task) => `geoservice-inspection-${account}-${task}`;
  const stored = {
    read(key) {
      try { return JSON.parse(localStorage.getItem(key)) ?? {}; } catch { return {}; }
    },
    write(key, values) {
      try { localStorage.setItem(key, JSON.stringify(values)); } catch { /* A phone that keeps nothing still sends. */ }
    },
    forget(key) {
      try { localStorage.removeItem(key); } catch { /* as above */ }
    },
  };

  const forgetDone = (mark) => {
    mark.dataset.doneTasks.split(",").filter(Boolean).forEach((task) => stored.forget(keyOf(mark.dataset.account, task)));
  };

  const isKept = (field) => field.name === "note" || field.name.startsWith("note-") || field.name.startsWith("result-");

  const valuesOf = (form) => {
    const values = {};
    for (const field of form.elements) {
      if (!isKept(field) || (field.type === "radio" && !field.checked) || !field.value) continue;
      values[field.name] = field.value;
    }
    return values;
  };

  const fillIn = (form, values) => {
    for (const field of form.elements) {
      if (!isKept(field) || !(field.name in values)) continue;
      if (field.type === "radio") field.checked = field.value === values[field.name];
      else field.value = values[field.name];
    }
  };

  const watch = (form) => {
    const words = JSON.parse(form.dataset.words);
    const key = keyOf(form.dataset.account, form.dataset.inspection);
    const note = form.querySelector("[data-draft-note]");
    const items = [...form.querySelectorAll("[data-item]")];
    const say = (text) => { note.hidden = !text; note.textContent = text; };

    const showState = () => {
      let done = 0;
      items.forEach((item) => {
        const chosen = item.querySelector("input[type=radio]:checked");
        item.toggleAttribute("data-answered", Boolean(chosen));
        done += chosen ? 1 : 0;
        if (chosen?.value === "fail" || (chosen && item.dataset.evidence === "always")) item.querySelector("details").open = true;
      });
      form.querySelector("[data-count]").textContent = words.count.replace("{done}", done).replace("{all}", items.length);
    };

    const begun = stored.read(key);
    if (!form.hasAttribute("data-typed") && Object.keys(begun).length) {
      fillIn(form, begun);
      say(words.restored);
    }
    showState();
    form.addEventListener("input", () => { stored.write(key, valuesOf(form)); showState(); });

    const showWaiting = async () => {
      if (!window.FieldQueue || !window.indexedDB) return;
      const waiting = (await FieldQueue.all()).filter((one) => one.address === form.dataset.photosTo);
      items.forEach((item) => {
        const count = waiting.filter((one) => one.fields.some(([name, value]) => name === "item" && value === item.dataset.item))
          .reduce((sum, one) => sum + one.photos.length, 0);
        const line = item.querySelector("[data-photos-wait]");
        line.hidden = !count;
        line.textContent = count ? words.waits.replace("{}", count) : "";
        if (count) item.querySelector("details").open = true;
      });
    };

    /* A photo that can't go now waits in the phone's queue, where it outlives the page; where that keeps nothing it stays chosen. */
    const queuePhotos = async (input, item, line) => {
      try {
        const { account, offline: title } = form.dataset;
        const photos = await FieldQueue.read([...input.files].map((file) => ["photos", file]));
        const person = document.querySelector(".who .user-text")?.textContent ?? "";
        const uuid = `photo-${account}-${form.dataset.inspection}-${item.dataset.item}-${Date.now()}`;
        await FieldQueue.put({ uuid, account: Number(account), person, address: form.dataset.photosTo, title, fields: [["item", item.dataset.item]], photos, at: Date.now(), refused: null });
        input.value = "";
        line.textContent = "";
      } catch {
        line.textContent = words.later;
      }
    };

    const sendPhotos = async (input) => {
      const item = input.closest("[data-item]");
      const line = item.querySelector("[data-photo-note]");
      const body = new FormData();
      body.append("csrf_token", form.elements.csrf_token.value);
      body.append("item", item.dataset.item);
      [...input.files].forEach((file) => body.append("photos", file));
      line.textContent = words.sending;
      let answer;
      try {
        answer = await fetch(form.dataset.photosTo, { method: "POST", body, headers: { Accept: "application/json" } });
      } catch {
        await queuePhotos(input, item, line);
        return;
      }
      if (answer.ok) {
        item.querySelector("[data-strip]").innerHTML = await answer.text();
        line.textContent = words.kept;
        input.value = "";
        return;
      }
      const told = await answer.json().catch(() => ({}));
      line.textContent = told.detail ?? told.title ?? String(answer.status);
    };
    form.addEventListener("change", (event) => {
      if (event.target.type === "file" && event.target.files.length) sendPhotos(event.target);
    });

    form.addEventListener("submit", () => stored.write(key, valuesOf(form)));
    window.addEventListener("queue-changed", showWaiting);
    window.FieldQueue?.news?.addEventListener("message", showWaiting);
    showWaiting().catch(() => {});
  };

  document.querySelectorAll("[data-done-tasks]").forEach(forgetDone);
  document.querySelectorAll("form[data-inspection]").forEach(watch);
})();
