// The retention triangle: cohorts by periods, as a table whose cells are coloured by the share that came back.

import { get } from "./api.js";
import { choice, list } from "./controls.js";
import { h, unseen } from "./dom.js";
import * as format from "./format.js";
import { panel } from "./panel.js";
import { frame } from "./table.js";
import { t } from "./words.js";

const UNITS = ["week", "month", "day"];
const TYPES = ["first_ever", "first_matching", "recurring"];
const CRITERIA = ["on", "on_or_after"];
/** Newest cohorts shown at first; the others on demand. */
const COHORTS = 14;
/** Shades of a cell, each for so many per cent more. */
const STEPS = 10;
const asked = { unit: "week", cohort_type: "first_ever", criterion: "on" };

/** The panel of retention. */
export function retention() {
  const change = (name) => (value) => {
    asked[name] = value;
    made.refresh();
  };
  const words = (name, values) => values.map((value) => [value, t(`retention.${name}.${value}`)]);
  const made = panel({
    id: "retention",
    controls: [
      choice(t("retention.units"), words("unit", UNITS), asked.unit, change("unit")),
      list(t("retention.types"), words("type", TYPES), asked.cohort_type, change("cohort_type")),
      list(t("retention.criteria"), words("criterion", CRITERIA), asked.criterion, change("criterion")),
    ],
    load: () => get(`v1/retention?${new URLSearchParams(asked)}`),
    show: ({ cells, unit }) => (cells.length ? triangle(cells, unit) : null),
  });
  return made;
}

function triangle(cells, unit) {
  const cohorts = [...Map.groupBy(cells, ({ cohort_start }) => cohort_start)];
  const periods = Math.max(...cells.map(({ period_index }) => period_index));
  const caption = t("retention.caption");
  const rows = cohorts.map(([start, own]) => cohort(start, own, unit, periods));
  const older = rows.slice(0, Math.max(0, rows.length - COHORTS));
  for (const row of older) row.hidden = true;
  const heat = h("table", { class: "heat" },
    h("caption", { class: "unseen" }, caption),
    head(unit, periods),
    h("tbody", {}, rows));
  return [frame(caption, heat), foot(), older.length > 0 && more(older)].filter(Boolean);
}

function head(unit, periods) {
  const period = (_, at) => h("th", { scope: "col", class: "number" }, String(at));
  return h("thead", {},
    h("tr", {},
      h("th", { scope: "col", rowspan: 2 }, t("retention.cohort")),
      h("th", { scope: "col", rowspan: 2, class: "number" }, t("retention.size")),
      h("th", { scope: "colgroup", colspan: periods + 1, class: "after" }, t(`retention.after.${unit}`))),
    h("tr", {}, Array.from({ length: periods + 1 }, period)));
}

function cohort(start, cells, unit, periods) {
  const size = cells[0].cohort_size;
  const byPeriod = new Map(cells.map((cell) => [cell.period_index, cell]));
  const label = unit === "month" ? format.month(start) : format.day(start);
  return h("tr", {},
    h("th", { scope: "row" }, label),
    h("td", { class: "number size" }, size === null ? held() : format.count(size)),
    Array.from({ length: periods + 1 }, (_, at) => cell(byPeriod.get(at))));
}

function cell(found) {
  if (!found) return h("td", { class: "none" });
  if (found.rate === null) return h("td", { class: "number held" }, held());
  // Everybody is there in the period that they begin in: nothing to compare.
  if (found.period_index === 0 && found.rate === 1) return h("td", { class: "number own" }, format.percent(1));
  const step = Math.min(STEPS - 1, Math.floor(found.rate * STEPS));
  const open = !found.is_complete;
  const told = t("retention.cell", { retained: format.count(found.retained), size: format.count(found.cohort_size) });
  return h("td", { class: `number heat-${step}${open ? " open" : ""}`, title: open ? `${told} ${t("retention.open")}` : told },
    format.percent(found.rate), open && unseen(` ${t("retention.open")}`));
}

function held() {
  return [h("span", { "aria-hidden": "true" }, "·"), unseen(t("retention.held"))];
}

function foot() {
  const shades = Array.from({ length: STEPS }, (_, step) => h("i", { class: `heat-${step}` }));
  return h("div", { class: "legend scale" },
    h("span", {}, format.percent(0)), h("span", { class: "shades", "aria-hidden": "true" }, shades), h("span", {}, format.percent(1)),
    h("span", {}, h("i", { class: "swatch open", "aria-hidden": "true" }), t("retention.open_key")),
    h("span", {}, h("i", { class: "swatch held", "aria-hidden": "true" }, "·"), t("retention.held")));
}

function more(older) {
  const button = h("button", { type: "button", class: "quiet" }, t("retention.more", { count: older.length }));
  button.addEventListener("click", () => {
    for (const row of older) row.hidden = false;
    button.closest(".body").querySelector(".frame").focus();
    button.parentElement.remove();
  });
  return h("p", { class: "toggle" }, button);
}

