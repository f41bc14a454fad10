// A real table that scrolls within its own frame, by keyboard too.

import { h } from "./dom.js";

/** A table. Columns are `{head, of, is}`: words, a cell's content from a row, and `number`, `row` (its heading) or `text`. */
export function table(caption, columns, rows) {
  const head = columns.map(({ head, is }) => h("th", { scope: "col", class: is }, head));
  const cell = (row) => ({ of, is }) => (is === "row" ? h("th", { scope: "row" }, of(row)) : h("td", { class: is }, of(row)));
  return frame(caption, h("table", {},
    h("caption", { class: "unseen" }, caption),
    h("thead", {}, h("tr", {}, head)),
    h("tbody", {}, rows.map((row) => h("tr", {}, columns.map(cell(row)))))));
}

/** The frame that a wide table scrolls in. */
export function frame(label, table) {
  return h("div", { class: "frame", role: "region", "aria-label": label, tabindex: "0" }, table);
}
