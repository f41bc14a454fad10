// One KPI: what it means, its number, and its days with what the weekday lets expect.

import { get } from "./api.js";
import { axis, chart, colour, dayAxis, legend, seconds, telling } from "./charts.js";
import { choice, withTable } from "./controls.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { flags, title } from "./kpis.js";
import { fill } from "./panel.js";
import { table } from "./table.js";
import { known, t } from "./words.js";

const RANGES = ["30", "90", "400"];
const HEIGHT = 280;
let range = "90";

/** A KPI of `/v1/kpis` in detail. */
export function trend(kpi) {
  const place = h("div", { class: "series" });
  const load = () => get(`v1/kpis/${encodeURIComponent(kpi.kpi)}?from=${format.daysBefore(kpi.event_date, Number(range) - 1)}`);
  const show = ({ points }) => (points.length ? series(kpi, points) : null);
  const choose = (chosen) => {
    range = chosen;
    fill(place, load, show);
  };
  fill(place, load, show);
  const own = known(`kpi.${kpi.kpi}.definition`);
  return [
    h("div", { class: "kpi-head" },
      h("div", {},
        h("h3", {}, title(kpi)),
        h("p", { class: "figure" }, format.value(kpi.value, kpi.unit), " ", flags(kpi)),
        h("p", { class: "when" }, when(kpi))),
      choice(t("kpis.range"), RANGES.map((days) => [days, t("kpis.days", { days })]), range, choose)),
    place,
    h("p", { class: "definition", lang: own ? null : "en" }, own ?? kpi.definition),
  ];
}

function when(kpi) {
  const until = t(kpi.window_days > 1 ? "kpis.window" : "kpis.day", { days: kpi.window_days, day: format.day(kpi.event_date) });
  const usual = kpi.low === null ? "" : t("kpis.usual", { low: format.value(kpi.low, kpi.unit), high: format.value(kpi.high, kpi.unit) });
  return [until, usual].filter(Boolean).join(t("kpis.join"));
}

function series(kpi, points) {
  const label = t("kpis.chart", { title: title(kpi), from: format.day(points[0].event_date), to: format.day(points.at(-1).event_date) });
  const drawn = chart(label, HEIGHT, () => ({ options: options(kpi, points), data: columns(points) }), (at) => told(kpi, points[at]), points.length - 1);
  const meanings = [
    ["line value", t("kpis.value")],
    points.some(({ low }) => low !== null) && ["band", t("kpis.band")],
    points.some(({ is_unusual }) => is_unusual) && ["dot unusual", t("kpis.unusual")],
    points.some((point) => !point.is_complete && point.value !== null) && ["dot", t("kpis.so_far")],
  ];
  return withTable(h("figure", {}, ...drawn, legend(meanings.filter(Boolean))), () => numbers(kpi, points));
}

function told(kpi, point) {
  const [value, low, high] = ["value", "low", "high"].map((field) => format.value(point[field], kpi.unit));
  const usual = point.low === null ? [] : [[t("kpis.between"), `${low} – ${high}`]];
  return telling(format.day(point.event_date), [[state(point) || t("kpis.value"), value], ...usual]);
}

/** Days; high and low of the band; the complete values; the unusual ones; those that are not complete. */
function columns(points) {
  const where = (test) => points.map((point) => (test(point) ? point.value : null));
  return [
    points.map(({ event_date }) => seconds(event_date)),
    points.map(({ high }) => high),
    points.map(({ low }) => low),
    where(({ is_complete }) => is_complete),
    where(({ is_unusual }) => is_unusual),
    where(({ is_complete }) => !is_complete),
  ];
}

function options(kpi, points) {
  const dots = (stroke, fill) => ({ paths: () => null, points: { show: true, size: 8, width: 2, stroke, fill } });
  const edge = { stroke: "transparent", width: 0, points: { show: false } };
  const [main, worse, surface] = [colour("accent"), colour("unusual"), colour("surface")];
  return {
    scales: { y: { range: (_, low, high) => bounds(kpi, low, high) } },
    axes: [dayAxis(), axis({ size: 60, values: (_, splits) => splits.map((at) => format.value(at, kpi.unit)) })],
    bands: [{ series: [1, 2], fill: colour("band") }],
    series: [{}, edge, edge, { stroke: main, width: 2, points: { show: points.length < 3, size: 6, fill: main } }, dots(worse, surface), dots(main, surface)],
  };
}

/** Room around the values; counts start at zero, shares stay within theirs unless a value does not. */
function bounds({ unit }, low, high) {
  if (low === null || high === null) return [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  const least = low >= 0 ? Math.max(0, low - room) : low - room;
  return [unit === "ratio" || unit === "stars" ? least : Math.min(0, least), high + room];
}

function state(point) {
  if (point.value === null) return t("kpis.held");
  if (!point.is_complete) return t("kpis.so_far");
  return point.is_unusual ? t("kpis.unusual") : "";
}

function numbers(kpi, points) {
  const number = (head, field) => ({ head, is: "number", of: (point) => format.value(point[field], kpi.unit) });
  return table(title(kpi), [
    { head: t("kpis.date"), is: "row", of: ({ event_date }) => format.day(event_date) },
    number(t("kpis.value"), "value"), number(t("kpis.low"), "low"), number(t("kpis.expected"), "expected"), number(t("kpis.high"), "high"),
    { head: t("kpis.state"), is: "text", of: state },
  ], points.toReversed());
}
