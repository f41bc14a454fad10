// Before the first paint: the remembered theme and language, so that nothing flashes. The query and the browser's languages have
// been considered by the server already.
"use strict";
{
  const root = document.documentElement;
  const asked = new URLSearchParams(location.search).get("lang");
  try {
    root.dataset.theme = localStorage.getItem("hachi-theme") ?? "auto";
    if (asked === "en" || asked === "zh") localStorage.setItem("hachi-lang", asked);
    root.lang = localStorage.getItem("hachi-lang") ?? root.lang;
  } catch {
    // A browser that keeps nothing shows what the server chose.
  }
}
