/* Forms of the field go through the phone's queue: what can't be sent now waits here, visibly, and is sent later. */
"use strict";

(() => {
  const box = document.querySelector("[data-pending]");
  if (!box || !window.FieldQueue || !window.indexedDB) return;
  const words = JSON.parse(box.dataset.words);
  const account = Number(box.dataset.account);
  const SAID = "geoservice-said";
  const USED = "geoservice-used";
  const SPENT = "geoservice-spent";
  const SECOND_TAP_MS = 10 * 60 * 1000;
  const MOST_SPENT = 500;

  const uuid4 = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  };

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const counted = (one, many, count) => (count === 1 ? one : many.replace("{}", count));

  const action = (label, act) => {
    const button = element("button", label, "btn btn-outline-secondary");
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  };

  const row = (item) => {
    const made = element("li");
    const head = element("span");
    head.append(element("strong", item.title, "user-text"), " ", element("span", new Date(item.at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" }), "soft"));
    if (item.photos.length) head.append(" · ", counted(words.photo, words.photos, item.photos.length));
    made.append(head);
    if (item.refused) {
      const actions = element("span", "", "item-actions");
      actions.append(action(words.retry, () => sendNow(item.uuid)));
      if (item.photos.length && item.refused.code.startsWith("photo")) {
        actions.append(action(words.bare, async () => { await FieldQueue.put({ ...item, photos: [] }); sendNow(item.uuid); }));
      }
      actions.append(action(words.remove, () => { if (window.confirm(words.sure)) FieldQueue.remove(item.uuid); }));
      made.append(element("span", item.refused.detail, "item-error"), actions);
    }
    return made;
  };

  const othersRow = ([name, count]) => element("li", words.others.replace("{n}", count).replaceAll("{name}", name));

  const markStops = (mine) => {
    const waiting = new Set(mine.map((item) => item.address));
    document.querySelectorAll(".stop-list a").forEach((link) => {
      link.querySelector(".stop-waits")?.remove();
      if (waiting.has(new URL(link.href).pathname)) link.querySelector(".stop-end").append(element("span", words.waiting, "stop-waits"));
    });
  };

  const show = async () => {
    const items = await FieldQueue.all();
    const mine = items.filter((item) => item.account === account);
    const others = new Map();
    items.filter((item) => item.account !== account).forEach((item) => others.set(item.person, (others.get(item.person) || 0) + 1));
    box.hidden = !items.length;
    box.querySelector(".pending-head").hidden = !mine.length;
    box.querySelector("[data-count]").textContent = counted(words.one, words.many, mine.length);
    box.querySelector("[data-items]").replaceChildren(...mine.map(row));
    box.querySelector("[data-others]").replaceChildren(...[...others].map(othersRow));
    box.dataset.mine = mine.length;
    markStops(mine);
  };

  const sayState = (state) => {
    const line = box.querySelector("[data-state]");
    line.hidden = !state;
    line.textContent = state ? words[state] : "";
  };

  let sending = null;
  const sendNow = (only) => {
    sending ??= (async () => {
      sayState("sending");
      box.classList.add("is-sending");
      const found = await FieldQueue.sendAll(typeof only === "string" ? only : undefined).catch(() => ({ results: new Map(), state: "later" }));
      sending = null;
      box.classList.remove("is-sending");
      await show();
      sayState(found.state);
      return found;
    })();
    return sending;
  };

  /* The browser sends it by itself later where it can; where not, the next page that opens does. */
  const askToSync = async () => {
    try {
      await (await navigator.serviceWorker?.getRegistration("/field/"))?.sync?.register("geoservice-send");
    } catch {
      /* Not every browser may; `online` and the next page do it too. */
    }
  };

  /* A page from the phone's own store brings the same name each time it is opened: it is used again for a second tap, and for what
     is said a while later there is a new one. */
  const nameOf = (form) => {
    if ("once" in form.dataset) return form.elements.client_uuid.value;
    const used = Object.entries(JSON.parse(localStorage.getItem(USED) || "{}")).filter(([, at]) => Date.now() - at < SECOND_TAP_MS);
    const given = form.elements.client_uuid.value;
    const seen = JSON.parse(localStorage.getItem(SPENT) || "[]");
    const name = seen.includes(given) && !used.some(([one]) => one === given) ? uuid4() : given;
    localStorage.setItem(USED, JSON.stringify({ ...Object.fromEntries(used), [name]: Date.now() }));
    localStorage.setItem(SPENT, JSON.stringify([...seen.filter((one) => one !== given), given].slice(-MOST_SPENT)));
    return name;
  };

  const itemOf = async (form, given) => {
    const fields = [...given].filter(([name, value]) => typeof value === "string" && !["csrf_token", "client_uuid"].includes(name));
    const files = [...given].filter(([, value]) => value instanceof File && value.size);
    const photos = await FieldQueue.read(files);
    return { uuid: nameOf(form), account, person: document.querySelector(".who .user-text")?.textContent ?? "", address: window.location.pathname, title: form.dataset.offline, fields, photos, at: Date.now(), refused: null };
  };

  const refuse = (form, detail) => {
    document.querySelector("[data-refused]")?.remove();
    const note = element("p", detail, "note note-bad");
    note.dataset.refused = "";
    note.setAttribute("role", "alert");
    if (!("once" in form.dataset)) form.elements.client_uuid.value = uuid4();
    form.before(note);
    note.scrollIntoView({ block: "center" });
  };

  const goOn = (form, said, next) => {
    sessionStorage.setItem(SAID, said);
    window.location.assign(next || form.dataset.next);
  };

  /* Where nothing can be kept, a form is sent as forms are. */
  const keepItem = async (form) => {
    try {
      const item = await itemOf(form, new FormData(form));
      await FieldQueue.put(item);
      return item;
    } catch {
      if (navigator.onLine) form.submit();
      else refuse(form, words.unkept);
      return null;
    }
  };

  const submit = async (form) => {
    const item = await keepItem(form);
    if (!item) return undefined;
    navigator.storage?.persist?.();
    if (sending) await sending;
    const { results } = await sendNow();
    const result = results.get(item.uuid);
    if (result?.sent) return goOn(form, result.sent.said, result.sent.next);
    if (result?.refused) {
      await FieldQueue.remove(item.uuid);
      return refuse(form, result.refused.detail);
    }
    await askToSync();
    return goOn(form, words.kept);
  };

  document.querySelectorAll("form[data-offline]").forEach((form) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (form.dataset.busy) return;
      form.dataset.busy = "yes";
      form.classList.add("is-sending");
      try {
        await submit(form);
      } finally {
        delete form.dataset.busy;
        form.classList.remove("is-sending");
      }
    });
  });

  const sayNetwork = () => { document.querySelector("[data-no-network]").hidden = navigator.onLine; };

  const sayWhatWasSaid = () => {
    const said = sessionStorage.getItem(SAID);
    if (!said) return;
    sessionStorage.removeItem(SAID);
    const line = document.querySelector("[data-said]");
    line.textContent = said;
    line.hidden = false;
  };

  const keepPages = async () => {
    if (!navigator.serviceWorker) return;
    await navigator.serviceWorker.register(box.dataset.worker, { scope: "/field/" });
    const { active } = await navigator.serviceWorker.ready;
    const links = [...document.querySelectorAll("a[data-keep]")].map((link) => link.href);
    const streets = [...document.querySelectorAll("[data-streets]")].map((map) => map.dataset.streets);
    active.postMessage({ keep: [window.location.href, box.dataset.shell, ...JSON.parse(box.dataset.homes), ...streets, ...links] });
  };

  box.querySelector("[data-retry]").addEventListener("click", () => sendNow());
  window.addEventListener("online", () => { sayNetwork(); sendNow(); });
  window.addEventListener("offline", sayNetwork);
  FieldQueue.news?.addEventListener("message", show);
  window.addEventListener("queue-changed", show);
  sayNetwork();
  sayWhatWasSaid();
  show().then(() => { if (Number(box.dataset.mine)) sendNow(); });
  keepPages().catch(() => {});
})();
