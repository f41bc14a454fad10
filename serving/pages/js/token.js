// The operator's token: asked for once where the sidecar wants one, and kept until the tab is closed.

import { h } from "./dom.js";
import { t } from "./words.js";

const KEY = "hachi-token";
let asking = null;

/** The token, if there is one. */
export function token() {
  return sessionStorage.getItem(KEY);
}

/** Asks for a token, once for however many wait; `refused` is the one that was not taken. Without an answer the promise stays open. */
export function askToken(refused) {
  if (token() !== refused) return Promise.resolve();
  asking ??= dialog(refused !== null).finally(() => (asking = null));
  return asking;
}

function dialog(again) {
  return new Promise((done) => {
    const field = h("input", { id: "token", type: "password", autocomplete: "off", required: true, "aria-describedby": "token-help" });
    const help = h("p", { id: "token-help", class: again ? "help wrong" : "help" }, t(again ? "token.wrong" : "token.help"));
    const form = h("form", { method: "dialog" },
      h("h2", { id: "token-title" }, t("token.title")), help,
      h("label", { for: "token" }, t("token.label")), field,
      h("button", { class: "primary" }, t("token.send")));
    const box = h("dialog", { class: "token", "aria-labelledby": "token-title" }, form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      sessionStorage.setItem(KEY, field.value.trim());
      box.remove();
      done();
    });
    // Nothing can be shown without one, so Escape leads nowhere.
    box.addEventListener("cancel", (event) => event.preventDefault());
    document.body.append(box);
    box.showModal();
  });
}
