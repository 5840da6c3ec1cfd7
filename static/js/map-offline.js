/* In a map that is a file of its own, a row of a table flies to what it is about. */
"use strict";

document.addEventListener("click", (event) => {
  const row = event.target.closest?.("[data-fly-to]");
  const [, kind, id] = /^(\w+):(.+)$/.exec(row?.dataset.flyTo || "") || [];
  if (!kind) return;
  GeoMap.map.getContainer().scrollIntoView({ block: "center" });
  GeoMap.flyTo(kind, id);
});
