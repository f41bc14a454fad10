// <hachi-recommendations member-token course limit lang href>: what a member should see next, on any page of the site.
// Without a token popular courses, with `course` similar ones; where there is no answer, nothing.

const BASE = new URL(".", import.meta.url);
const LIMIT = 5;
/** An item counts as seen when half of it was on the screen for a second. */
const SEEN_PART = 0.5;
const SEEN_MS = 1000;
/** Impressions are sent together. */
const SEND_MS = 500;

const WORDS = {
  en: { personal: "Recommended for you", popular: "Popular courses", similar: "More like this", loading: "Loading recommendations" },
  zh: { personal: "为你推荐", popular: "热门课程", similar: "相关课程", loading: "正在加载推荐" },
};

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  :host { display: block; font: var(--hachi-font, inherit); color: var(--hachi-ink, inherit); }
  :host([hidden]) { display: none; }
  h2 { margin: 0 0 0.75em; font-size: 1.125em; font-weight: 650; line-height: 1.3; }
  ul { list-style: none; margin: 0; padding: 0; display: grid; gap: var(--hachi-gap, 12px);
    grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--hachi-item-width, 15rem)), 1fr)); }
  li { display: grid; }
  a { display: grid; gap: 4px; align-content: start; padding: 14px 16px; text-decoration: none; color: inherit;
    background: var(--hachi-surface, light-dark(#fff, #1f2328)); border: 1px solid var(--hachi-line, light-dark(#dedbd3, #3a4048));
    border-radius: var(--hachi-radius, 10px); }
  a:hover { border-color: var(--hachi-accent, light-dark(#1f5fa6, #86b7ee)); }
  a:focus-visible { outline: 2px solid var(--hachi-accent, light-dark(#1f5fa6, #86b7ee)); outline-offset: 2px; }
  b { font-weight: 600; line-height: 1.35; overflow-wrap: anywhere; }
  small { font-size: 0.8125em; line-height: 1.45; color: var(--hachi-muted, light-dark(#5a5f66, #a6adb5)); }
  small::first-letter { text-transform: uppercase; }
  .bone { block-size: 4.6em; border-radius: var(--hachi-radius, 10px); background: var(--hachi-skeleton, light-dark(#eceae4, #2a2f36)); }
  .unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
  @media (prefers-reduced-motion: no-preference) {
    small::first-letter { text-transform: uppercase; }
  .bone { animation: breathe 1.5s ease-in-out infinite alternate; }
    @keyframes breathe { to { opacity: 0.5; } }
  }
`);

class Recommendations extends HTMLElement {
  static observedAttributes = ["member-token", "course", "limit", "lang", "href"];

  #root = this.attachShadow({ mode: "open" });
  #internals = this.attachInternals();
  /** Who asks, as long as what was answered is shown: the token may change. */
  #asker = { member: null, headers: {} };
  /** Grows with every load: what an older one brings is dropped. */
  #turn = 0;
  #waits = false;
  /** Items that nobody has seen yet, and timers of those on the screen. */
  #unseen = new Set();
  #timers = new Map();
  #observer = null;
  #unsent = [];
  #sending = 0;
  #turned = () => (document.visibilityState === "hidden" ? this.#leave() : this.#watch());

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [sheet];
  }

  connectedCallback() {
    document.addEventListener("visibilitychange", this.#turned);
    this.#soon();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#turned);
    this.#turn += 1;
    this.#leave();
  }

  attributeChangedCallback(_, before, now) {
    if (this.isConnected && before !== now) this.#soon();
  }

  /** Attributes that change together are one load. */
  #soon() {
    if (this.#waits) return;
    this.#waits = true;
    queueMicrotask(() => {
      this.#waits = false;
      if (this.isConnected) this.#load();
    });
  }

  async #load() {
    const turn = (this.#turn += 1);
    this.#leave();
    this.#unseen.clear();
    this.#render(this.#skeleton(), true);
    try {
      const token = this.getAttribute("member-token");
      this.#asker = { member: subject(token), headers: token ? { authorization: `Bearer ${token}` } : {} };
      const list = await this.#ask();
      if (turn !== this.#turn) return;
      if (!list.items.length) throw new Error("the list is empty");
      this.#show(list);
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  async #ask() {
    const { path, query } = this.#question();
    const url = new URL(`${path}?${new URLSearchParams(query)}`, BASE);
    const response = await fetch(url, { headers: this.#asker.headers });
    if (!response.ok) throw Object.assign(new Error(`the sidecar answered ${response.status}`), { status: response.status });
    return response.json();
  }

  #question() {
    const [course, { member }] = [this.getAttribute("course"), this.#asker];
    const limit = Number.parseInt(this.getAttribute("limit"), 10) || LIMIT;
    if (course) return { path: `v1/courses/${encodeURIComponent(course)}/similar`, query: { limit } };
    if (member) return { path: `v1/users/${encodeURIComponent(member)}/recommendations`, query: { limit, lang: this.#language() } };
    return { path: "v1/courses/popular", query: { limit } };
  }

  #language() {
    const said = this.closest("[lang]")?.lang || navigator.language;
    return said.toLowerCase().startsWith("zh") ? "zh" : "en";
  }

  #words() {
    return WORDS[this.#language()];
  }

  #skeleton() {
    const told = element("span", { class: "unseen", role: "status" }, this.#words().loading);
    const count = Math.min(Number.parseInt(this.getAttribute("limit"), 10) || LIMIT, 12);
    return [told, element("ul", { part: "skeleton", "aria-hidden": "true" }, ...Array.from({ length: count }, () => element("li", { class: "bone" })))];
  }

  #show(list) {
    const heading = element("slot", { name: "heading" }, element("h2", { part: "heading" }, this.#words()[list.source] ?? this.#words().personal));
    const items = list.items.map((item, at) => this.#item(list, item, at + 1));
    this.#render([heading, element("ul", { part: "list" }, ...items)]);
    this.#unseen = new Set(items);
    this.#watch();
    this.#tell("hachi-shown", { recommendation_id: list.recommendation_id, source: list.source, count: items.length });
  }

  #item(list, item, rank) {
    const row = { recommendation_id: list.recommendation_id, course_id: item.course_id, rank, source: item.source ?? list.source };
    const address = (this.getAttribute("href") ?? "/courses/{id}").replace("{id}", encodeURIComponent(item.course_id));
    const reason = item.explanation ? [element("small", { part: "reason" }, item.explanation)] : [];
    const link = element("a", { part: "item", href: address }, element("b", { part: "title" }, item.title), ...reason);
    link.addEventListener("click", (event) => {
      this.#report({ ...row, clicked: true });
      this.#send();
      if (!this.#tell("hachi-click", row)) event.preventDefault();
    });
    return Object.assign(element("li", {}, link), { row });
  }

  #fail(error) {
    this.#render([]);
    this.#tell("hachi-failed", { status: error.status ?? 0, reason: error.message });
  }

  #render(children, busy = false) {
    this.#root.replaceChildren(...children);
    this.#internals.ariaBusy = String(busy);
  }

  /** Whether the site let the event go on. */
  #tell(name, detail) {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }));
  }

  #watch() {
    this.#observer = new IntersectionObserver((entries) => entries.forEach((entry) => this.#look(entry)), { threshold: SEEN_PART });
    for (const item of this.#unseen) this.#observer.observe(item);
  }

  #look({ target, intersectionRatio }) {
    clearTimeout(this.#timers.get(target));
    if (intersectionRatio < SEEN_PART) return;
    const count = () => {
      this.#observer.unobserve(target);
      this.#unseen.delete(target);
      this.#report(target.row);
    };
    this.#timers.set(target, setTimeout(count, SEEN_MS));
  }

  /** Nobody looks any more: what was seen is sent at once. */
  #leave() {
    this.#observer?.disconnect();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#send();
  }

  /** Only members' acts are reported: without a token nobody is named. */
  #report(row) {
    if (!this.#asker.member) return;
    this.#unsent.push({ ...row, clicked: row.clicked ?? false });
    this.#sending ||= setTimeout(() => this.#send(), SEND_MS);
  }

  /** Outlives the page, and fails in silence: a lost report is no reason to disturb a reader. */
  #send() {
    clearTimeout(this.#sending);
    this.#sending = 0;
    if (!this.#unsent.length) return;
    const body = JSON.stringify({ user_id: this.#asker.member, impressions: this.#unsent.splice(0) });
    const headers = { ...this.#asker.headers, "content-type": "application/json" };
    fetch(new URL("v1/impressions", BASE), { method: "POST", keepalive: true, headers, body }).catch(() => {});
  }
}

/** Whom a token is for. Only the sidecar checks whether it holds. */
function subject(token) {
  const claims = token?.split(".")[1];
  if (!claims) return null;
  const bytes = Uint8Array.from(atob(claims.replaceAll("-", "+").replaceAll("_", "/")), (byte) => byte.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)).sub;
}

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

customElements.define("hachi-recommendations", Recommendations);
