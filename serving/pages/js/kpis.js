// All KPIs in groups; the one that is chosen has its trend beside them.

import { get } from "./api.js";
import { h, unseen } from "./dom.js";
import * as format from "./format.js";
import { fill, panel } from "./panel.js";
import { trend } from "./trend.js";
import { known, t } from "./words.js";

const GROUPS = {
  activity: ["dau", "wau", "mau", "stickiness", "sessions", "page_views", "new_members"],
  community: ["creators_share", "responders_share", "readers_share", "reply_rate", "first_response"],
  learning: ["course_participation", "completion", "content_coverage", "rating_bayesian", "rating_top2"],
  money: ["paid_members", "paid_retention", "renewal", "conversion", "churn", "revenue", "arppu", "nrr", "grr", "refund_rate"],
};
const FIRST = "wau";

/** The panel of KPIs. */
export function kpis() {
  return panel({ id: "kpis", load: () => get("v1/kpis"), show: ({ kpis }) => (kpis.length ? overview(kpis) : null) });
}

/** What a KPI is called: as the page says, else as the sidecar does. */
export function title(kpi) {
  return known(`kpi.${kpi.kpi}.title`) ?? kpi.title;
}

function overview(all) {
  const detail = h("div", { class: "detail" });
  const buttons = new Map();
  const choose = (kpi, byHand) => {
    for (const [name, button] of buttons) button.setAttribute("aria-pressed", String(name === kpi.kpi));
    fill(detail, () => Promise.resolve(kpi), trend);
    // The chart stands above the list, perhaps out of sight.
    if (byHand && detail.getBoundingClientRect().top < 0) detail.scrollIntoView({ block: "start" });
  };
  const groups = grouped(all).map(([group, kpis]) => section(group, kpis, buttons, choose));
  choose(all.find(({ kpi }) => kpi === FIRST) ?? all[0], false);
  return [detail, h("div", { class: "kpi-list" }, groups)];
}

function grouped(all) {
  const ordered = Object.entries(GROUPS).map(([group, names]) => [group, names.map((name) => all.find(({ kpi }) => kpi === name))]);
  const named = new Set(Object.values(GROUPS).flat());
  const others = ["other", all.filter(({ kpi }) => !named.has(kpi))];
  return [...ordered, others].map(([group, kpis]) => [group, kpis.filter(Boolean)]).filter(([, kpis]) => kpis.length);
}

function section(group, kpis, buttons, choose) {
  const words = t(`kpis.groups.${group}`);
  const head = [["kpis.name", "unseen"], ["kpis.value", "number"], ["kpis.change", "number"]];
  return h("table", { class: "kpi-group" },
    h("caption", {}, words),
    h("thead", { class: "unseen" }, h("tr", {}, head.map(([key, kind]) => h("th", { scope: "col", class: kind }, t(key))))),
    h("tbody", {}, kpis.map((kpi) => row(kpi, buttons, choose))));
}

function row(kpi, buttons, choose) {
  const button = h("button", { type: "button", class: "kpi", "aria-pressed": "false", on: { click: () => choose(kpi, true) } }, title(kpi));
  buttons.set(kpi.kpi, button);
  return h("tr", {},
    h("th", { scope: "row" }, button, flags(kpi)),
    h("td", { class: "number" }, kpi.suppressed ? h("span", { class: "held" }, t("kpis.held")) : format.value(kpi.value, kpi.unit)),
    h("td", { class: `number change ${verdict(kpi)}` }, changed(kpi)));
}

/** Whether a change is for the better: said by the sign's words and by colour. */
function verdict({ change, direction }) {
  if (!change || direction === "none") return "";
  return change > 0 === (direction === "up") ? "better" : "worse";
}

function changed(kpi) {
  const judged = verdict(kpi);
  return [format.change(kpi.change, kpi.unit), judged && unseen(` ${t(`kpis.${judged}`)}`)];
}

/** What must be known of the number: it is unusual, or not final yet. */
export function flags(kpi) {
  return [
    kpi.is_unusual && h("span", { class: "flag unusual" }, t("kpis.unusual")),
    !kpi.is_complete && h("span", { class: "flag" }, t("kpis.incomplete", { part: format.percent(kpi.completeness) })),
  ];
}
