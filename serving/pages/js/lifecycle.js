// Members by what became of them: new, returning and back again above the line, dormant below it.

import { get } from "./api.js";
import { axis, chart, colour, legend, telling } from "./charts.js";
import { choice, withTable } from "./controls.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { panel } from "./panel.js";
import { table } from "./table.js";
import { t } from "./words.js";

const UNITS = ["week", "month", "day"];
/** Bottom up. */
const ACTIVE = ["returning", "resurrecting", "new"];
const HEIGHT = 340;
/** Newest periods drawn; the table has all. */
const PERIODS = 60;
let unit = "week";

/** The panel of the lifecycle. */
export function lifecycle() {
  const choose = (chosen) => {
    unit = chosen;
    made.refresh();
  };
  const made = panel({
    id: "lifecycle",
    controls: [choice(t("retention.units"), UNITS.map((unit) => [unit, t(`retention.unit.${unit}`)]), unit, choose)],
    load: () => get(`v1/lifecycle?unit=${unit}`),
    show: ({ periods }) => (periods.length ? drawn(periods) : null),
  });
  return made;
}

function drawn(all) {
  // Before the first period there are no data: who was there before it would seem to be back again.
  const periods = all.slice(Math.max(1, all.length - PERIODS));
  if (!periods.length) return numbers(all);
  const label = t("lifecycle.chart", { from: start(periods[0]), to: start(periods.at(-1)) });
  const last = Math.max(0, periods.findLastIndex(({ suppressed }) => !suppressed));
  const bars = chart(label, HEIGHT, () => ({ options: options(periods), data: columns(periods) }), (at) => told(periods[at]), last);
  const meanings = [...ACTIVE, "dormant"].map((kind) => [kind, t(`lifecycle.${kind}`)]);
  return withTable(h("figure", {}, ...bars, legend(meanings)), () => numbers(all));
}

const start = ({ period_start }) => (unit === "month" ? format.month(period_start) : format.day(period_start));
const members = (period, kind) => period[`${kind}_members`];

/** Each kind stacked on those below it. What is held back leaves a gap: a bar without a part would be wrong. */
function columns(periods) {
  const stacked = ACTIVE.map((_, top) => periods.map((period) => sum(ACTIVE.slice(0, top + 1).map((kind) => members(period, kind)))));
  const dormant = periods.map((period) => (members(period, "dormant") === null ? null : -members(period, "dormant")));
  return [periods.map((_, at) => at), ...stacked.toReversed(), dormant];
}

const sum = (numbers) => (numbers.includes(null) ? null : numbers.reduce((one, other) => one + other, 0));

function options(periods) {
  const paths = uPlot.paths.bars({ size: [0.72, 48] });
  const bar = (kind) => ({ fill: colour(kind), stroke: colour("surface"), width: 1, paths, points: { show: false } });
  return {
    scales: { x: { time: false, range: [-0.6, periods.length - 0.4] }, y: { range: (_, low, high) => [Math.min(0, low * 1.1), Math.max(1, high * 1.1)] } },
    axes: [
      axis({ grid: { show: false }, size: 32, space: 64, incrs: [1, 2, 4, 7, 14, 28], values: (_, splits) => splits.map((at) => tick(periods[at])) }),
      axis({ size: 48, values: (_, splits) => splits.map((at) => format.count(Math.abs(at))) }),
    ],
    series: [{}, ...ACTIVE.toReversed().map(bar), bar("dormant")],
  };
}

const tick = (period) => (period ? (unit === "month" ? format.month(period.period_start) : format.day(period.period_start, "short")) : "");
const open = ({ is_complete }) => (is_complete ? "" : ` ${t("retention.open")}`);

function told(period) {
  const kinds = ["active", ...ACTIVE.toReversed(), "dormant"];
  return telling(start(period) + open(period), kinds.map((kind) => [t(`lifecycle.${kind}`), format.count(members(period, kind))]));
}

function numbers(periods) {
  const number = (kind) => ({ head: t(`lifecycle.${kind}`), is: "number", of: (period) => format.count(members(period, kind)) });
  return table(t("lifecycle.title"), [
    { head: t(`lifecycle.begins.${unit}`), is: "row", of: (period) => start(period) + open(period) },
    number("active"), ...["new", "returning", "resurrecting", "dormant"].map(number),
    { head: t("kpis.state"), is: "text", of: ({ suppressed }) => (suppressed ? t("kpis.held") : "") },
  ], periods.toReversed());
}
