// A section of the page: its heading, its controls, and its data: on their way, there, none, or why not.

import { Refused } from "./api.js";
import { h } from "./dom.js";
import { t } from "./words.js";

/** A section. `load` fetches its data, `show` makes elements of them; `refresh` of the result does both again. */
export function panel({ id, controls = [], load, show }) {
  const body = h("div", { class: "body" });
  const refresh = () => fill(body, load, show);
  const head = h("div", { class: "head" },
    h("div", {}, h("h2", { id: `${id}-title` }, t(`${id}.title`)), h("p", { class: "about" }, t(`${id}.about`))),
    h("div", { class: "controls" }, controls));
  const element = h("section", { id, class: `panel ${id}`, "aria-labelledby": `${id}-title` }, head, body);
  return { element, refresh };
}

/** Fills a place with what `show` makes of what `load` fetches; of two fillings the later one stays. */
export async function fill(place, load, show) {
  const turn = Symbol("turn");
  place.turn = turn;
  place.setAttribute("aria-busy", "true");
  if (!place.hasChildNodes()) place.append(skeleton());
  const made = await load().then((data) => show(data) ?? empty(), (error) => problem(error, () => fill(place, load, show)));
  if (place.turn !== turn) return;
  place.replaceChildren(...[made].flat());
  place.setAttribute("aria-busy", "false");
}

/** Why a place has nothing, and what to do about it. */
export function note(kind, text, ...more) {
  return h("div", { class: `note ${kind}`, role: kind === "error" ? "alert" : "status" }, h("p", {}, text), more);
}

function empty() {
  return note("empty", t("state.empty"));
}

function problem(error, again) {
  if (!(error instanceof Refused)) throw error;
  if (error.status === 404) return note("empty", t("state.absent"));
  const text = { 0: t("state.away"), 503: t("state.none") }[error.status] ?? t("state.failed", { detail: error.message });
  return note("error", text, h("button", { type: "button", on: { click: again } }, t("state.again")));
}

function skeleton() {
  return h("div", { class: "skeleton", role: "status" }, h("span", { class: "unseen" }, t("state.loading")), h("i"), h("i"), h("i"));
}
