// What a reader chooses with: a row of choices, a list of choices, and a button that shows the numbers of a chart.

import { h } from "./dom.js";
import { t } from "./words.js";

let groups = 0;

/** A row of which one is chosen; `options` are pairs of a value and its words. Arrow keys move, as radio buttons do. */
export function choice(label, options, chosen, change) {
  const name = `choice-${(groups += 1)}`;
  const one = ([value, words]) => {
    const input = h("input", { type: "radio", name, value, checked: value === chosen, on: { change: () => change(value) } });
    return h("label", {}, input, h("span", {}, words));
  };
  return h("fieldset", { class: "choice" }, h("legend", { class: "unseen" }, label), options.map(one));
}

/** The same for more than a row has room for. */
export function list(label, options, chosen, change) {
  const one = ([value, words]) => h("option", { value, selected: value === chosen }, words);
  const select = h("select", { on: { change: (event) => change(event.target.value) } }, options.map(one));
  return h("label", { class: "list" }, h("span", { class: "unseen" }, label), select);
}

/** A chart with a button that shows its numbers; `table` makes the table, when it is asked for. */
export function withTable(chart, table) {
  const place = h("div", { class: "numbers", hidden: true });
  const button = h("button", { type: "button", class: "quiet", "aria-expanded": "false" }, t("table.show"));
  button.addEventListener("click", () => {
    place.hidden = !place.hidden;
    if (!place.hasChildNodes()) place.append(table());
    button.setAttribute("aria-expanded", String(!place.hidden));
    button.textContent = t(place.hidden ? "table.show" : "table.hide");
  });
  return [chart, h("p", { class: "toggle" }, button), place];
}
