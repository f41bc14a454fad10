// Numbers, days and ages as people of the page's language write them.

import { t } from "./words.js";

const DAY_MS = 86_400_000;
const AGES = [["day", DAY_MS], ["hour", 3_600_000], ["minute", 60_000]];
const NONE = "–";

const locale = () => (document.documentElement.lang === "zh" ? "zh-CN" : "en-GB");
const decimal = (digits) => new Intl.NumberFormat(locale(), { maximumFractionDigits: digits, minimumFractionDigits: digits });

/** A KPI's value in its unit; a dash where it is held back. */
export function value(number, unit) {
  if (number === null || number === undefined) return NONE;
  if (unit === "ratio") return percent(number, 1);
  if (unit === "cents") return decimal(Math.abs(number) < 100_000 ? 2 : 0).format(number / 100);
  if (unit === "stars") return decimal(2).format(number);
  if (unit === "hours") return t("hours", { number: decimal(1).format(number) });
  return decimal(0).format(number);
}

/** A change in the unit, with its sign; shares change by percentage points. */
export function change(number, unit) {
  if (number === null || number === undefined) return NONE;
  const size = Math.abs(number);
  const shown = unit === "ratio" ? t("points", { number: decimal(1).format(size * 100) }) : value(size, unit);
  const isNothing = !/[1-9]/.test(shown);
  return isNothing ? "±0" : (number > 0 ? "+" : "−") + shown;
}

/** A share from 0 to 1. */
export function percent(share, digits = 0) {
  if (share === null || share === undefined) return NONE;
  return new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: digits, minimumFractionDigits: digits }).format(share);
}

/** A whole number. */
export function count(number) {
  return number === null || number === undefined ? NONE : decimal(0).format(number);
}

/** A number with so many decimals. */
export function fixed(number, digits) {
  return number === null || number === undefined ? NONE : decimal(digits).format(number);
}

/** A local day such as `2026-03-30`. */
export function day(text, style = "medium") {
  if (!text) return NONE;
  const options = style === "short" ? { month: "short", day: "numeric" } : { dateStyle: style };
  return new Intl.DateTimeFormat(locale(), { timeZone: "UTC", ...options }).format(new Date(`${text}T00:00:00Z`));
}

/** A month such as `2026-03-01`. */
export function month(text) {
  return new Intl.DateTimeFormat(locale(), { timeZone: "UTC", year: "numeric", month: "short" }).format(new Date(`${text}T00:00:00Z`));
}

/** A moment, in the reader's time zone. */
export function moment(text) {
  return text ? new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(text)) : NONE;
}

/** How long ago a moment was, such as `3 hours ago`. */
export function ago(text) {
  const age = Date.now() - new Date(text).getTime();
  const [unit, length] = AGES.find(([, length]) => Math.abs(age) >= length) ?? AGES.at(-1);
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-Math.trunc(age / length), unit);
}

/** Age of a moment in days. */
export function ageDays(text) {
  return (Date.now() - new Date(text).getTime()) / DAY_MS;
}

/** The day so many days before another, as `2026-03-30`. */
export function daysBefore(text, days) {
  return new Date(Date.parse(`${text}T00:00:00Z`) - days * DAY_MS).toISOString().slice(0, 10);
}
