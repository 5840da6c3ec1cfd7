/* The queue of what was said in the field: kept in the browser's database, each under the name it was given on the phone, sent as
   the person who said it and as nobody else. Pages and the service worker share this file; the server stores each name once. */
"use strict";

((root) => {
  const NAME = "geoservice-field";
  const ITEMS = "items";
  const SEND_MS = 120000;
  const ASK_MS = 20000;
  const news = "BroadcastChannel" in root ? new BroadcastChannel("geoservice-queue") : null;

  const open = () => new Promise((done, failed) => {
    const asked = root.indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(ITEMS, { keyPath: "uuid" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });

  const inStore = async (mode, act) => {
    const database = await open();
    try {
      return await new Promise((done, failed) => {
        const work = database.transaction(ITEMS, mode, { durability: "strict" });
        const asked = act(work.objectStore(ITEMS));
        work.oncomplete = () => done(asked?.result);
        work.onabort = work.onerror = () => failed(work.error);
      });
    } finally {
      database.close();
    }
  };

  const tell = () => { news?.postMessage("changed"); root.dispatchEvent(new Event("queue-changed")); };
  const all = async () => (await inStore("readonly", (store) => store.getAll())).sort((one, other) => one.at - other.at);
  const put = async (item) => { await inStore("readwrite", (store) => store.put(item)); tell(); };
  const remove = async (uuid) => { await inStore("readwrite", (store) => store.delete(uuid)); tell(); };

  /* Who is logged in on this phone now; null: nobody. Throws without a network. */
  const who = async () => {
    const answer = await fetch("/field/who", { headers: { Accept: "application/json" }, cache: "no-store", credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(ASK_MS) });
    if (answer.status === 401 || answer.status === 403) return null;
    if (!answer.ok) throw new Error("later");
    return answer.json();
  };

  const formOf = (item) => {
    const form = new FormData();
    item.fields.forEach(([name, value]) => form.append(name, value));
    form.set("client_uuid", item.uuid);
    form.set("age_s", String(Math.max(0, (Date.now() - item.at) / 1000)));
    item.photos.forEach((photo) => form.append(photo.field || "photos", photo.blob, photo.name));
    return form;
  };

  const problemOf = async (answer) => {
    try {
      return await answer.json();
    } catch {
      return {};
    }
  };

  /* → { sent } or { refused } with what the server said; throws where it is to be tried again. */
  const send = async (item, token) => {
    const answer = await fetch(item.address, {
      method: "POST", body: formOf(item), headers: { Accept: "application/json", "X-CSRFToken": token },
      credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(SEND_MS),
    });
    if (answer.ok) return { sent: await problemOf(answer) };
    if (answer.status === 401) throw new Error("login");
    const problem = await problemOf(answer);
    if (answer.status >= 500 || answer.status === 429 || problem.code === "form_expired") throw new Error("later");
    return { refused: { code: problem.code || "", detail: problem.detail || String(answer.status) } };
  };

  const sendEach = async (only) => {
    const found = { results: new Map(), state: "" };
    if (!(await all()).length) return found;
    try {
      const person = await who();
      if (person === null) return { ...found, state: "login" };
      for (const item of await all()) {
        if (item.account !== person.account || (item.refused && item.uuid !== only)) continue;
        const result = await send(item, person.token);
        found.results.set(item.uuid, result);
        if (result.sent) await remove(item.uuid);
        else await put({ ...item, refused: result.refused });
      }
    } catch (fault) {
      found.state = ["login", "later"].includes(fault.message) ? fault.message : "offline";
    }
    return found;
  };

  /* Sends what belongs to whoever is logged in, in the order it was said; `only`: one that was refused before, too. One at a time
     on this phone where the browser has locks, and harmless where it has none. */
  const sendAll = (only) => (root.navigator.locks ? root.navigator.locks.request("geoservice-send", () => sendEach(only)) : sendEach(only));

  /* Files of a form as the queue keeps them. Read now: a file of a camera may be gone when it is wanted. */
  const read = (files) => Promise.all(files.map(async ([field, file]) => (
    { field, name: file.name, blob: new Blob([await file.arrayBuffer()], { type: file.type }) }
  )));

  root.FieldQueue = { all, put, remove, read, sendAll, news };
})(self);
