/* What was edited and not saved yet: a stack of states, each a map from the key of a thing to its change.
 * States are never altered, so undo and redo are steps in the stack. */
"use strict";

const GeoEdit = {};

GeoEdit.model = (() => {
  let states = [new Map()];
  let at = 0;
  let listener = () => {};
  const loaded = new Map();
  let fresh = 0;

  const now = () => states[at];

  const push = (next) => {
    states = [...states.slice(0, at + 1), next];
    at += 1;
    listener();
  };

  /* Change one thing; `values` are laid over what was changed before. */
  const edit = (key, values) => {
    const next = new Map(now());
    next.set(key, { ...(next.get(key) || {}), ...values });
    push(next);
  };

  const editSeveral = (pairs) => {
    const next = new Map(now());
    pairs.forEach(([key, values]) => next.set(key, { ...(next.get(key) || {}), ...values }));
    push(next);
  };

  const forget = (key) => {
    const next = new Map(now());
    next.delete(key);
    push(next);
  };

  const step = (by) => {
    if (at + by < 0 || at + by >= states.length) return;
    at += by;
    listener();
  };

  const clear = () => {
    states = [new Map()];
    at = 0;
    listener();
  };

  /* A thing as it would be: what is stored, with its change. */
  const effective = (key) => {
    const stored = loaded.get(key);
    const change = now().get(key);
    if (!stored && !change) return null;
    return { key, noun: key.split(":")[0], ...(stored || {}), ...(change || {}), stored, change };
  };

  const FIELDS = {
    zone: ["code", "name", "geometry"],
    point: ["code", "name", "category", "address", "geometry"],
    street: ["code", "name", "street_class", "one_way", "geometry"],
  };

  const written = (key, change) => {
    const stored = loaded.get(key);
    const noun = key.split(":")[0];
    if (change.op) return { ...change.op, ...(stored ? { id: stored.id, row_version: stored.row_version } : {}) };
    const told = {};
    FIELDS[noun].forEach((name) => {
      if (name in change && (!stored || JSON.stringify(change[name]) !== JSON.stringify(stored[name]))) told[name] = change[name];
    });
    if (change.ended) return { op: noun === "zone" ? "end_zone" : `remove_${noun}`, id: stored.id, row_version: stored.row_version };
    if (!stored) return { op: `add_${noun}`, ...(noun === "zone" ? { level: change.level } : {}), name: "", ...told, accept_repairs: change.accept_repairs === true };
    if (!Object.keys(told).length) return null;
    return {
      op: `change_${noun}`, id: stored.id, row_version: stored.row_version, ...told,
      ...(noun === "zone" ? { correct: change.correct === true, accept_repairs: change.accept_repairs === true } : {}),
    };
  };

  /* The changes as the server takes them, each with the key it belongs to. */
  const changes = () => [...now()]
    .filter(([, change]) => !change.merged)
    .map(([key, change]) => ({ key, change: written(key, change) }))
    .filter(({ change }) => change);

  return {
    loaded, edit, editSeveral, forget, clear, effective, changes,
    undo: () => step(-1), redo: () => step(1),
    canUndo: () => at > 0, canRedo: () => at < states.length - 1,
    keys: () => new Set([...loaded.keys(), ...now().keys()]),
    newKey: (noun) => { fresh += 1; return `${noun}:new-${fresh}`; },
    onChange: (call) => { listener = call; },
  };
})();
