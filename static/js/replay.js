/* Replay of a patrol beside its speed chart: a slider for the moment, play and pause, and the map in its frame.
 *
 *   <section data-replay="…/replay.json" data-map="patrol-map">
 *     [data-replay-play] button with [data-word-play] and [data-word-pause] · [data-replay-rate] select · [data-replay-slider] range
 *     [data-replay-now] and [data-replay-speed] outputs · [data-replay-chart] svg · [data-replay-top], [data-replay-from], [data-replay-to]
 *
 * The slider is the one place where the moment is kept: keys, the chart and the clock all move it. */
"use strict";

(() => {
  const TRAIL_S = 600;
  const SILENT_S = 300;
  const [WIDTH, HEIGHT, FOOT] = [960, 150, 26];
  const SVG = "http://www.w3.org/2000/svg";

  const draw = (name, attributes, parent) => {
    const element = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    parent.append(element);
    return element;
  };

  const clock = (seconds) => [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");

  /* The last index whose moment is not after `at`; -1: none. */
  const upTo = (moments, at) => {
    let [low, high] = [0, moments.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (moments[middle] <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };

  /* Where a track is at a moment: between two fixes on the line, over a break at the end before it, gone after a while. */
  const whereAt = (track, at) => {
    const index = upTo(track.t, at);
    if (index < 0) return null;
    const next = index + 1;
    if (next >= track.t.length || track.begins.has(next)) return at - track.t[index] > SILENT_S ? null : { place: track.at[index], kmh: 0 };
    const share = (at - track.t[index]) / Math.max(track.t[next] - track.t[index], 1);
    const place = [0, 1].map((axis) => track.at[index][axis] + share * (track.at[next][axis] - track.at[index][axis]));
    return { place, kmh: track.kmh[next] };
  };

  const niceTop = (highest) => [5, 10, 15, 20, 30, 40, 60, 80, 120].find((top) => highest <= top) || Math.ceil(highest / 50) * 50;

  class Replay {
    constructor(root, told) {
      this.root = root;
      this.told = told;
      this.tracks = told.tracks.map((track) => ({ ...track, begins: new Set(track.starts) }));
      this.part = (name) => root.querySelector(`[data-replay-${name}]`);
      this.slider = this.part("slider");
      this.slider.max = String(told.seconds);
      this.slider.step = "5";
      this.chart();
      this.listen();
      this.show();
    }

    get at() { return Number(this.slider.value); }

    set at(seconds) {
      this.slider.value = String(Math.min(Math.max(seconds, 0), this.told.seconds));
      this.show();
    }

    listen() {
      this.slider.addEventListener("input", () => this.show());
      this.part("play").addEventListener("click", () => this.toggle());
      const chart = this.part("chart");
      const seek = (event) => {
        const { left, width } = chart.getBoundingClientRect();
        this.at = ((event.clientX - left) / width) * this.told.seconds;
      };
      chart.addEventListener("pointerdown", (event) => {
        chart.setPointerCapture(event.pointerId);
        seek(event);
      });
      chart.addEventListener("pointermove", (event) => chart.hasPointerCapture(event.pointerId) && seek(event));
      // A frame that loads late is told where the patrol is as soon as it listens.
      window.addEventListener("message", (event) => event.source === this.frame()?.contentWindow && event.data?.type === "ready" && this.show());
    }

    speed(kmh) { return this.root.dataset.wordSpeed.replace("{}", kmh); }

    frame() { return document.getElementById(this.root.dataset.map); }

    toggle(on = !this.playing) {
      this.playing = on;
      const button = this.part("play");
      button.setAttribute("aria-pressed", String(on));
      button.querySelector("[data-replay-word]").textContent = on ? button.dataset.wordPause : button.dataset.wordPlay;
      button.querySelector("[data-replay-sign]").textContent = on ? "❚❚" : "▶";
      if (!on) return;
      if (this.at >= this.told.seconds) this.at = 0;
      this.seen = performance.now();
      this.exact = this.at;
      requestAnimationFrame((time) => this.step(time));
    }

    /* Some ten times a second is as smooth as a patrol is; the moment between two steps of the slider is kept. */
    step(time) {
      if (!this.playing) return;
      const passed = time - this.seen;
      if (passed >= 90) {
        if (Math.abs(this.exact - this.at) > 5) this.exact = this.at;
        this.seen = time;
        this.exact += (passed / 1000) * Number(this.part("rate").value);
        this.at = this.exact;
        if (this.exact >= this.told.seconds) this.toggle(false);
      }
      requestAnimationFrame((next) => this.step(next));
    }

    show() {
      const { at } = this;
      const found = this.tracks.map((track) => whereAt(track, at));
      const said = clock((this.told.clock + at) % 86400);
      const first = found.find(Boolean);
      const speed = first ? this.speed(first.kmh.toFixed(1)) : this.root.dataset.wordNowhere;
      this.part("now").textContent = said;
      this.part("speed").textContent = speed;
      this.slider.setAttribute("aria-valuetext", `${said}, ${speed}`);
      this.cursor.setAttribute("transform", `translate(${this.x(at)} 0)`);
      this.frame()?.contentWindow.postMessage({ geoservice: 1, type: "replay", places: found.map((each) => each && each.place), trail: this.trail(at) }, "*");
    }

    trail(at) {
      const [track] = this.tracks;
      const last = track ? upTo(track.t, at) : -1;
      if (last < 0 || at - track.t[last] > SILENT_S) return [];
      let first = last;
      while (first > 0 && !track.begins.has(first) && at - track.t[first - 1] <= TRAIL_S) first -= 1;
      return [...track.at.slice(first, last + 1), whereAt(track, at).place];
    }

    x(seconds) { return (seconds / Math.max(this.told.seconds, 1)) * WIDTH; }

    chart() {
      const svg = this.part("chart");
      const highest = Math.max(...this.tracks.flatMap((track) => track.kmh.length ? [track.kmh.reduce((most, each) => Math.max(most, each), 0)] : []), 1);
      const top = niceTop(highest);
      const y = (kmh) => HEIGHT - FOOT - (Math.min(kmh, top) / top) * (HEIGHT - FOOT - 6);
      [0, 0.5, 1].forEach((share) => draw("path", { class: "line", d: `M0 ${y(share * top)}H${WIDTH}` }, svg));
      this.told.stops.forEach((stop) => this.stay(svg, stop));
      [...this.tracks].reverse().forEach((track, index, all) => draw("path", { class: index === all.length - 1 ? "speed" : "speed speed-other", d: this.curve(track, y) }, svg));
      this.cursor = draw("g", { class: "cursor" }, svg);
      draw("path", { d: `M0 0V${HEIGHT}` }, this.cursor);
      this.part("top").textContent = this.speed(top);
      this.part("from").textContent = clock(this.told.clock).slice(0, 5);
      this.part("to").textContent = clock((this.told.clock + this.told.seconds) % 86400).slice(0, 5);
    }

    /* Below the curve: where a stop was planned (a stroke) and when the patrol stayed there (a bar). */
    stay(svg, stop) {
      if (stop.arrive !== null) {
        const width = Math.max(this.x(stop.leave) - this.x(stop.arrive), 3);
        draw("rect", { class: `stay stop-${stop.look}`, x: this.x(stop.arrive), width, y: HEIGHT - 12, height: 11 }, svg);
      }
      if (stop.planned !== null) draw("path", { class: "planned-at", d: `M${this.x(stop.planned)} ${HEIGHT - FOOT + 2}V${HEIGHT - 13}` }, svg);
    }

    curve(track, y) {
      return track.t.map((at, index) => `${track.begins.has(index) ? "M" : "L"}${this.x(at).toFixed(1)} ${y(track.kmh[index]).toFixed(1)}`).join("");
    }
  }

  const start = async (root) => {
    const fail = () => root.querySelector("[data-replay-failed]").removeAttribute("hidden");
    try {
      const answer = await fetch(root.dataset.replay, { headers: { Accept: "application/json" } });
      if (!answer.ok) { fail(); return; }
      const told = await answer.json();
      new Replay(root, told);
      root.querySelector("[data-replay-body]").removeAttribute("hidden");
      root.dataset.ready = "yes";
    } catch {
      fail();
    }
  };

  document.querySelectorAll("[data-replay]").forEach(start);
})();
