// The page's words in the language of the document.

let words = {};

/** Loads the words of the document's language. */
export async function learn() {
  const language = document.documentElement.lang === "zh" ? "zh" : "en";
  document.documentElement.lang = language;
  words = (await import(`./words/${language}.js`)).default;
}

/** The words of a key such as `kpis.title`, with `{names}` filled in; the last part of the key where there are none. */
export function t(key, values = {}) {
  const found = known(key) ?? key.split(".").at(-1);
  return found.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** The words of a key, or nothing. */
export function known(key) {
  let found = words;
  for (const part of key.split(".")) found = found?.[part];
  return typeof found === "string" ? found : undefined;
}
