// Puts the page together.

import { choice } from "./controls.js";
import { courses } from "./courses.js";
import { h } from "./dom.js";
import { kpis } from "./kpis.js";
import { lifecycle } from "./lifecycle.js";
import { models } from "./models.js";
import { retention } from "./retention.js";
import { snapshot } from "./snapshot.js";
import { learn, t } from "./words.js";

const THEMES = ["auto", "light", "dark"];
const LANGUAGES = { zh: "中文", en: "English" };

await learn();
document.title = t("title");
const served = snapshot();
const panels = [kpis(), retention(), lifecycle(), courses(), models(), served];
document.body.append(
  h("a", { class: "skip", href: "#main" }, t("skip")),
  head(),
  h("main", { id: "main", tabindex: "-1" }, served.strip, panels.map(({ element }) => element)),
  h("footer", {}, h("p", {}, t("footer"))));
for (const { refresh } of panels) refresh();

function head() {
  const links = panels.map(({ element: { id } }) => h("li", {}, h("a", { href: `#${id}` }, t(`${id}.short`))));
  return h("header", {},
    h("h1", {}, h("img", { src: "assets/icon.svg", alt: "", width: "28", height: "28" }), h("span", {}, t("title"))),
    h("nav", { "aria-label": t("nav") }, h("ul", {}, links)),
    h("div", { class: "settings" }, languages(), themes()));
}

function languages() {
  const here = document.documentElement.lang;
  const one = ([lang, name]) => h("a", { href: `?lang=${lang}`, lang, hreflang: lang, "aria-current": lang === here ? "true" : null }, name);
  return h("div", { class: "languages", role: "group", "aria-label": t("language") }, Object.entries(LANGUAGES).map(one));
}

function themes() {
  const root = document.documentElement;
  const choose = (theme) => {
    root.dataset.theme = theme;
    localStorage.setItem("hachi-theme", theme);
    document.dispatchEvent(new Event("theme"));
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new Event("theme")));
  return choice(t("theme.title"), THEMES.map((theme) => [theme, t(`theme.${theme}`)]), root.dataset.theme, choose);
}
