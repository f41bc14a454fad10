// The courses that most members take.

import { get } from "./api.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { panel } from "./panel.js";
import { table } from "./table.js";
import { t } from "./words.js";

const LIMIT = 10;

/** The panel of top courses. */
export function courses() {
  return panel({ id: "courses", load: () => get(`v1/courses/popular?limit=${LIMIT}`), show: ({ items }) => (items.length ? top(items) : null) });
}

function top(items) {
  const most = Math.max(...items.map(({ score }) => score));
  const ranked = items.map((item, at) => ({ ...item, rank: at + 1 }));
  return table(t("courses.title"), [
    { head: t("courses.rank"), is: "number", of: ({ rank }) => String(rank) },
    { head: t("courses.course"), is: "row", of: ({ title, course_id }) => h("span", { title: course_id }, title) },
    { head: t("courses.learners"), is: "number", of: ({ learners }) => format.count(learners) },
    { head: t("courses.score"), is: "meter", of: ({ score }) => [h("span", { class: "number" }, format.fixed(score, 1)), meter(score / most)] },
  ], ranked);
}

function meter(share) {
  const bar = h("i", {});
  bar.style.inlineSize = `${Math.max(2, share * 100)}%`;
  return h("span", { class: "bar", "aria-hidden": "true" }, bar);
}
