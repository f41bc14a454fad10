// Which snapshot is served, how old it is, and why none newer is.

import { get } from "./api.js";
import { h } from "./dom.js";
import * as format from "./format.js";
import { note, panel } from "./panel.js";
import { t } from "./words.js";

/** Nightly runs: after two days something is wrong. */
const OLD_DAYS = 2;
const LOOK_MS = 60_000;

/** The panel of the snapshot. Its `strip` says the same in a line, for the page's head. */
export function snapshot() {
  const strip = h("div", { class: "strip", "aria-live": "polite" });
  let [shown, told] = [undefined, ""];
  const made = panel({
    id: "snapshot",
    load: () => get("status"),
    show: (status) => {
      const number = status.snapshot?.number ?? null;
      if (shown === undefined) shown = number;
      const news = { number, isNewer: number !== shown, isOld: isOld(status.snapshot), failure: status.reload.failure };
      // Whoever hears the page is told what is new, not the same every minute.
      if (told !== JSON.stringify(news)) strip.replaceChildren(...line(status, news));
      told = JSON.stringify(news);
      return details(status);
    },
  });
  const look = () => document.visibilityState === "visible" && made.refresh();
  setInterval(look, LOOK_MS);
  return { ...made, strip };
}

function isOld(snapshot) {
  return snapshot !== null && format.ageDays(snapshot.as_of) > OLD_DAYS;
}

function line({ snapshot }, { isOld, isNewer, failure }) {
  const parts = [snapshot ? h("p", {}, about(snapshot)) : note("warn", t("state.none"))];
  if (isOld) parts.push(note("warn", t("snapshot.old", { ago: format.ago(snapshot.as_of) })));
  if (failure) parts.push(refusal(failure));
  if (isNewer) parts.push(note("news", t("snapshot.newer"), h("button", { type: "button", on: { click: () => location.reload() } }, t("snapshot.show"))));
  return parts;
}

function about({ number, watermark, as_of: asOf }) {
  return t("snapshot.line", { number, day: format.day(watermark, "long"), ago: format.ago(asOf) });
}

function refusal({ number, reason }) {
  const what = number === null ? t("snapshot.unread") : t("snapshot.refused", { number });
  return note("error", what, h("p", { class: "reason", lang: "en" }, reason), h("p", {}, t("snapshot.repair")));
}

function details({ snapshot, reload, version, stopping }) {
  const rows = [
    ["number", snapshot?.number ?? "–"],
    ["as_of", format.moment(snapshot?.as_of)],
    ["watermark", format.day(snapshot?.watermark)],
    ["lists", format.count(snapshot?.lists)],
    ["run", h("code", {}, snapshot?.run_id ?? "–")],
    ["content", h("code", { title: snapshot?.content_hash }, snapshot?.content_hash?.slice(0, 16) ?? "–")],
    ["activated", format.moment(reload.activated_at)],
    ["checked", format.moment(reload.checked_at)],
    ["state", stopping ? t("snapshot.stopping") : t(reload.failure ? "snapshot.failing" : "snapshot.newest")],
    ["version", h("code", {}, version)],
  ];
  return h("dl", {}, rows.map(([key, shown]) => h("div", {}, h("dt", {}, t(`snapshot.${key}`)), h("dd", {}, shown))));
}
