/* The checklist on the phone: what was begun is kept until it is sent, photos go as soon as they are taken. Without this script
   the form works the same, only nothing is kept when the page is closed. */
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
        line.textContent = words.later;
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

    /* A form that is sent into nothing would be lost with the page, so the network is asked first. */
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      stored.write(key, valuesOf(form));
      const button = form.querySelector("button[type=submit]");
      button.disabled = true;
      try {
        await fetch(window.location.href, { method: "HEAD", cache: "no-store" });
      } catch {
        say(words.no_network);
        note.scrollIntoView({ block: "center" });
        button.disabled = false;
        return;
      }
      form.submit();
    });
  };

  document.querySelectorAll("[data-done-tasks]").forEach(forgetDone);
  document.querySelectorAll("form[data-inspection]").forEach(watch);
})();
