/* The slider over the days of a map: asked for once somebody opens it, it tells the map in the frame until which day to show.
 * What map-growth.js draws is said there. */
"use strict";

(() => {
  const box = document.getElementById("growth");
  const frame = document.getElementById("leader-map");
  if (!box || !frame) return;
  const piece = document.getElementById("growth-piece");
  const STEP_MS = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 1600 : 700;
  const send = (message, moved = []) => frame.contentWindow.postMessage({ geoservice: 1, ...message }, "*", moved);
  let slider = null;

  class Slider {
    constructor(root) {
      this.root = root;
      this.field = root.querySelector("input[type=range]");
      this.button = root.querySelector("[data-growth-play]");
      this.rows = [...root.querySelectorAll("[data-growth-row]")];
      this.zones = [...root.querySelectorAll("[data-growth-rates]")].map((cell) => ({
        cell, rates: cell.dataset.growthRates.split(";").map((each) => each.split("|")),
      }));
      this.field.addEventListener("input", () => { this.stop(); this.show(); });
      this.button.addEventListener("click", () => (this.timer ? this.stop() : this.play()));
      this.show();
    }

    get step() { return Number(this.field.value); }

    show() {
      const { step } = this;
      const [day, rate] = this.rows[step].cells;
      const words = `${day.textContent} · ${rate.textContent}`;
      this.field.setAttribute("aria-valuetext", words);
      this.root.querySelector("output").textContent = words;
      this.root.querySelector("[data-growth-day]").textContent = day.textContent;
      this.rows.forEach((row, at) => {
        if (at === step) row.setAttribute("aria-current", "true");
        else row.removeAttribute("aria-current");
      });
      this.zones.forEach(({ cell, rates }) => { [cell.textContent, cell.dataset.class] = rates[step]; });
      send({ type: "growth-step", step });
    }

    play() {
      if (this.step >= this.rows.length - 1) this.field.value = "0";
      this.show();
      this.timer = window.setInterval(() => {
        this.field.value = String(this.step + 1);
        this.show();
        if (this.step >= this.rows.length - 1) this.stop();
      }, STEP_MS);
      this.button.textContent = `❚❚ ${this.root.dataset.pause}`;
    }

    stop() {
      window.clearInterval(this.timer);
      this.timer = null;
      this.button.textContent = `▶ ${this.root.dataset.play}`;
    }

    /* The frame gets the bytes themselves: of its own origin it may ask for nothing. */
    async draw() {
      const answer = await fetch(this.root.dataset.image, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const image = await answer.arrayBuffer();
      send({ type: "growth", image, bounds: JSON.parse(this.root.dataset.bounds) }, [image]);
    }
  }

  const say = (words) => {
    const note = document.createElement("p");
    note.className = "bad";
    note.setAttribute("role", "status");
    note.textContent = words;
    piece.append(note);
  };

  const load = async () => {
    const answer = await fetch(box.dataset.address, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (answer.status === 401) { window.location.reload(); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    piece.innerHTML = await answer.text();
    const root = piece.querySelector("[data-growth]");
    if (root) slider = new Slider(root);
  };

  const open = async () => {
    try {
      if (!slider) { piece.replaceChildren(); await load(); }
      if (slider && box.open) await slider.draw();
    } catch { say(box.dataset.trouble); }
  };

  box.addEventListener("toggle", () => {
    if (box.open) { open(); return; }
    slider?.stop();
    send({ type: "growth-off" });
  });

  window.addEventListener("message", ({ source, origin, data }) => {
    if (origin !== "null" || source !== frame.contentWindow || data?.geoservice !== 1 || !slider) return;
    if (data.type === "growth-ready") slider.show();
    if (data.type === "ready" && box.open) slider.draw().catch(() => say(box.dataset.trouble));
  });
})();
