// How well each model foresaw what members took up, with the interval that the number may lie in.

import { get } from "./api.js";
import { list } from "./controls.js";
import { h, svg } from "./dom.js";
import * as format from "./format.js";
import { panel } from "./panel.js";
import { table } from "./table.js";
import { known, t } from "./words.js";

const METRICS = ["ndcg@10", "recall@10", "hr@10", "mrr@10", "coverage@10", "diversity@10", "novelty@10", "popularity_bias@10"];
const DIGITS = 3;
const WIDTH = 160;
const HEIGHT = 16;
let metric = METRICS[0];

/** The panel of model evaluation. */
export function models() {
  const choose = (chosen) => {
    metric = chosen;
    made.refresh();
  };
  const made = panel({
    id: "models",
    controls: [list(t("models.metric"), METRICS.map((name) => [name, words(name)]), metric, choose)],
    load: () => get(`v1/models?metric=${encodeURIComponent(metric)}`),
    show: ({ models }) => compared(models),
  });
  return made;
}

/** A metric's name, and what it means in a few words. */
function words(name) {
  const [kind, cutoff] = name.split("@");
  return t(`models.metrics.${kind}`, { cutoff });
}

function compared(all) {
  const tested = all.filter(({ window }) => window === "test").toSorted((one, other) => other.value - one.value);
  if (!tested.length) return null;
  const published = all.find(({ window }) => window === "published");
  const top = Math.max(...tested.map(({ high }) => high), published?.high ?? 0) || 1;
  const rows = table(t("models.title"), [
    { head: t("models.model"), is: "row", of: name },
    { head: t("models.interval"), is: "interval", of: (row) => interval(row, top) },
    { head: t("models.value"), is: "number", of: ({ value }) => format.fixed(value, DIGITS) },
    { head: t("models.range"), is: "number", of: ({ low, high }) => `${format.fixed(low, DIGITS)}–${format.fixed(high, DIGITS)}` },
    { head: t("models.difference"), is: "number", of: difference },
  ], tested);
  return [rows, h("p", { class: "foot" }, told(tested[0], published))];
}

function name({ model }) {
  const own = known(`models.names.${model}`);
  return [own ?? model, " ", own && h("code", {}, model)];
}

function difference({ difference, difference_low: low, difference_high: high }) {
  if (difference === null) return "–";
  const signed = (number) => (number < 0 ? "−" : "+") + format.fixed(Math.abs(number), DIGITS);
  const sure = low > 0 || high < 0;
  return h("span", { class: sure ? "sure" : null, title: `${signed(low)} … ${signed(high)}` }, signed(difference), sure ? "" : " ≈");
}

/** A line from low to high and a dot at the value; the numbers stand beside it. */
function interval({ low, value, high, model }, top) {
  const x = (number) => (4 + (number / top) * (WIDTH - 8)).toFixed(1);
  const [middle, kind] = [HEIGHT / 2, model === "blend" ? "dot own" : "dot"];
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "whisker", "aria-hidden": "true" },
    svg("line", { x1: x(0), x2: x(top), y1: middle, y2: middle, class: "track" }),
    svg("line", { x1: x(low), x2: x(high), y1: middle, y2: middle, class: "span" }),
    svg("circle", { cx: x(value), cy: middle, r: 4, class: kind }));
}

function told({ from_date, to_date, members }, published) {
  const tested = t("models.tested", { from: format.day(from_date), to: format.day(to_date), members: format.count(members) });
  if (!published) return tested;
  const { value, low, high } = published;
  const numbers = { value: format.fixed(value, DIGITS), low: format.fixed(low, DIGITS), high: format.fixed(high, DIGITS) };
  return `${tested} ${t("models.published", numbers)}`;
}
