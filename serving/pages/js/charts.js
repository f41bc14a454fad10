// What all charts share: colours of the theme, axes, and drawing anew when the theme or the width changes.

import { h } from "./dom.js";
import * as format from "./format.js";

const FONT = "12px system-ui, sans-serif";
const DAY_SECONDS = 86_400;

/** The colour of a custom property in the theme that is shown. */
export function colour(name) {
  const probe = h("i", { hidden: true });
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/**
 * A place with a chart that `label` describes; `make` gives uPlot's options and data, anew for every theme. `tell` says in words what
 * stands at a place of the data: where the pointer is, else at `first`.
 */
export function chart(label, height, make, tell, first) {
  const place = h("div", { class: "chart", role: "img", "aria-label": label });
  const told = h("p", { class: "told", "aria-hidden": "true" });
  let plot = null;
  const say = ({ cursor }) => told.replaceChildren(...tell(cursor.idx ?? first));
  const draw = () => {
    plot?.destroy();
    const { options, data } = make();
    const size = { width: place.clientWidth, height };
    const still = { cursor: { drag: { x: false, y: false }, points: { show: false }, y: false }, legend: { show: false } };
    plot = new uPlot({ ...size, ...still, ...options, hooks: { ready: [say], setCursor: [say] } }, data, place);
  };
  const observer = new ResizeObserver(() => {
    if (!place.isConnected) return stop();
    return plot ? plot.setSize({ width: place.clientWidth, height }) : draw();
  });
  const stop = () => {
    observer.disconnect();
    document.removeEventListener("theme", draw);
    plot?.destroy();
  };
  observer.observe(place);
  document.addEventListener("theme", draw);
  return [place, told];
}

/** Words for what a chart tells: a day in front, then pairs of words and numbers. */
export function telling(front, pairs) {
  return [h("b", {}, front), ...pairs.map(([words, number]) => h("span", {}, `${words} `, h("b", {}, number)))];
}

/** An axis in the colours of the theme. */
export function axis(more) {
  const [ink, line] = [colour("muted"), colour("line")];
  return { stroke: ink, font: FONT, grid: { stroke: line, width: 1 }, ticks: { show: false }, ...more };
}

/** The horizontal axis of days. */
export function dayAxis() {
  return axis({ grid: { show: false }, size: 32, space: 70, values: (_, splits) => splits.map((at) => format.day(dayAt(at), "short")), incrs: [1, 2, 7, 14, 28, 56, 91].map((days) => days * DAY_SECONDS) });
}

/** Seconds since 1970 of a day, as charts count. */
export function seconds(day) {
  return Date.parse(`${day}T00:00:00Z`) / 1000;
}

/** The day of such seconds. */
export function dayAt(at) {
  return new Date(at * 1000).toISOString().slice(0, 10);
}

/** What the colours mean: pairs of a class and words. */
export function legend(items) {
  return h("ul", { class: "legend" }, items.map(([kind, words]) => h("li", {}, h("i", { class: `swatch ${kind}`, "aria-hidden": "true" }), words)));
}
