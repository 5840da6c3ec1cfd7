/* Dragging a stop by its handle, with mouse, pen or finger: to another place, another team, or out of the plan.
 * What is dropped is sent by the board's own form, so the keyboard's ways and this one are the same change. */
"use strict";

(() => {
  const NEAR_EDGE_PX = 48;
  const STEP_PX = 12;
  const LEAST_PX = 4;
  let drag = null;

  window.PlanMove = (change) => {
    const form = document.getElementById("drag-form");
    if (!form) return;
    ["do", "stop", "to", "at"].forEach((name) => { form.elements[name].value = change[name] ?? ""; });
    form.requestSubmit();
  };

  const begin = () => {
    drag.copy = document.createElement("div");
    drag.copy.className = "drag-copy";
    drag.copy.textContent = drag.row.querySelector(".stop-name").textContent.trim();
    drag.bar = document.createElement("li");
    drag.bar.className = "drop-bar";
    document.body.append(drag.copy);
    document.documentElement.classList.add("is-dragging");
    drag.row.classList.add("is-dragged");
    drag.begun = true;
    drag.timer = requestAnimationFrame(creep);
  };

  /* Where the pointer would drop: a patrol and a place in it, or out of the plan. */
  const goalAt = (x, y) => {
    const under = document.elementFromPoint(x, y);
    const way = under?.closest(".way:not(.is-locked)");
    if (way) {
      const list = way.querySelector("[data-stops]");
      const rows = [...list.querySelectorAll(":scope > .stop")].filter((row) => row !== drag.row);
      const before = rows.findIndex((row) => { const box = row.getBoundingClientRect(); return y < box.top + box.height / 2; });
      return { list, way, at: before < 0 ? rows.length : before, next: rows[before] || null };
    }
    const out = under?.closest("[data-left-out]");
    return out && !drag.row.hasAttribute("data-out") ? { out } : null;
  };

  const show = () => {
    drag.copy.style.transform = `translate(${drag.x + 12}px, ${drag.y + 10}px)`;
    document.querySelectorAll(".drops-here").forEach((element) => element.classList.remove("drops-here"));
    drag.goal = goalAt(drag.x, drag.y);
    drag.bar.remove();
    if (!drag.goal) return;
    if (drag.goal.out) { drag.goal.out.classList.add("drops-here"); return; }
    drag.goal.way.classList.add("drops-here");
    drag.goal.list.insertBefore(drag.bar, drag.goal.next);
  };

  /* Near an edge the timetables, or the page, go on by themselves. */
  const creep = () => {
    if (!drag?.begun) return;
    const ways = drag.row.closest(".ways") || document.elementFromPoint(drag.x, drag.y)?.closest(".ways");
    if (ways) {
      const box = ways.getBoundingClientRect();
      if (drag.x < box.left + NEAR_EDGE_PX) ways.scrollLeft -= STEP_PX;
      if (drag.x > Math.min(box.right, window.innerWidth) - NEAR_EDGE_PX) ways.scrollLeft += STEP_PX;
    }
    if (drag.y < NEAR_EDGE_PX) window.scrollBy(0, -STEP_PX);
    if (drag.y > window.innerHeight - NEAR_EDGE_PX) window.scrollBy(0, STEP_PX);
    show();
    drag.timer = requestAnimationFrame(creep);
  };

  const end = (dropped) => {
    const { row, goal, begun, timer, copy, bar } = drag;
    drag = null;
    if (!begun) return;
    cancelAnimationFrame(timer);
    copy.remove();
    bar.remove();
    row.classList.remove("is-dragged");
    document.documentElement.classList.remove("is-dragging");
    document.querySelectorAll(".drops-here").forEach((element) => element.classList.remove("drops-here"));
    if (!dropped || !goal) return;
    const stop = row.dataset.stop;
    if (goal.out) { window.PlanMove({ do: "drop", stop }); return; }
    const rows = [...goal.list.querySelectorAll(":scope > .stop")];
    if (rows.indexOf(row) === goal.at) return;
    window.PlanMove({ do: row.hasAttribute("data-out") ? "add" : "move", stop, to: goal.list.dataset.stops, at: goal.at });
  };

  document.addEventListener("pointerdown", (event) => {
    const grip = event.button === 0 && event.target.closest?.("[data-grip]");
    if (!grip || grip.closest(".is-locked") || drag) return;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    drag = { row: grip.closest(".stop"), id: event.pointerId, fromX: event.clientX, fromY: event.clientY, x: event.clientX, y: event.clientY };
  });

  document.addEventListener("pointermove", (event) => {
    if (drag?.id !== event.pointerId) return;
    Object.assign(drag, { x: event.clientX, y: event.clientY });
    if (!drag.begun && Math.hypot(drag.x - drag.fromX, drag.y - drag.fromY) >= LEAST_PX) begin();
    if (drag.begun) show();
  });

  document.addEventListener("pointerup", (event) => { if (drag?.id === event.pointerId) end(true); });
  document.addEventListener("pointercancel", (event) => { if (drag?.id === event.pointerId) end(false); });
  document.addEventListener("keydown", (event) => { if (drag && event.key === "Escape") end(false); });
  document.addEventListener("htmx:beforeSwap", () => { if (drag) end(false); });
})();
