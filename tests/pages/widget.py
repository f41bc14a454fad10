"""The widget on the community site of the examples: what it shows, and what the sidecar is told of it."""

import json
import sys
import time
import urllib.error
from contextlib import contextmanager

from programs import COMMUNITY, community, free_port, sidecar

sys.path.insert(0, str(COMMUNITY))
from tokens import Keys  # noqa: E402: the site's own, from its folder

MEMBER = "u100252"
SEEN_MS = 1800
WIDGET = "hachi-recommendations"
# What the page of a test needs besides the widget itself.
BARE = "<!doctype html><html lang='{lang}'><title>x</title><body>{body}<script type='module' src='{sidecar}/embed.js'></script>"


class Setting:
    """A site and a sidecar that know each other."""

    def __init__(self, site, served, keys, feedback):
        self.site, self.served, self.keys, self.feedback = site, served, keys, feedback

    def kept(self):
        """What the sidecar has kept of impressions."""
        lines = [line for file in sorted(self.feedback.rglob("*")) if file.is_file() for line in file.read_text().splitlines()]
        return [json.loads(line) for line in lines if line.startswith("{")]

    def wait_until_refused(self, path):
        """Waits until nobody gets a path without a token."""
        for _ in range(200):
            try:
                self.served.get(path)
            except urllib.error.HTTPError as refused:
                assert refused.code == 401, refused
                return
            time.sleep(0.05)
        raise AssertionError(f"`{path}` is still answered")

    def wait_for(self, count):
        """What it has kept, once there is so much."""
        for _ in range(100):
            if len(self.kept()) >= count:
                break
            time.sleep(0.05)
        return self.kept()


@contextmanager
def setting(options, folder):
    """The community site and a sidecar that asks for tokens."""
    keys, port, feedback = Keys(folder / "site"), free_port(), folder / "feedback"
    origin = f"http://127.0.0.1:{port}"
    with sidecar(options, "--tokens", keys.tokens_file, "--cors", origin, "--feedback", feedback) as served:
        with community(folder / "site", served.address, port) as site:
            yield Setting(site, served, keys, feedback)


def log_in(page, site):
    """As a person does it."""
    page.goto(site)
    page.locator("select[name=member]").select_option(MEMBER)
    page.locator("form[action='/login'] button").click()


def bare(tab, served, body, lang="en", before=None):
    """A page of the sidecar's own origin with nothing but a widget; events that it sends are kept in `events`."""
    page = tab.page
    page.add_init_script("""window.events = [];
        for (const name of ["shown", "click", "failed"])
          addEventListener(`hachi-${name}`, (event) => events.push([name, event.detail]));""")
    html = BARE.format(lang=lang, body=body, sidecar=served.address)
    page.route("**/bare", lambda route: route.fulfill(content_type="text/html; charset=utf-8", body=html))
    if before:
        before(page)
    page.goto(f"{served.address}/bare")
    return page


def titles(page):
    """What the widget shows."""
    return page.locator(f"{WIDGET} [part=title]").all_inner_texts()


def ended(page):
    """Waits until the widget has shown something or failed."""
    page.wait_for_function("() => window.events.some(([name]) => name !== 'click')")
    return page.evaluate("events.at(-1)")


def test_a_member_sees_what_the_sidecar_recommends(browser, options, folder):
    with setting(options, folder) as here, browser.tab(locale="en-GB") as tab:
        log_in(tab.page, here.site)
        tab.page.wait_for_selector(f"{WIDGET} [part=item]")
        listed = here.served.get(f"/v1/users/{MEMBER}/recommendations?limit=6", here.keys.site)
        assert titles(tab.page) == [item["title"] for item in listed["items"]]
        assert tab.page.locator(f"{WIDGET} [part=heading]").inner_text() == "Recommended for you"
        links = tab.page.locator(f"{WIDGET} a").evaluate_all("all => all.map((a) => a.pathname)")
        assert links == [f"/courses/{item['course_id']}" for item in listed["items"]]
        assert not tab.complaints, tab.complaints


def test_what_was_seen_and_clicked_is_kept(browser, options, folder):
    with setting(options, folder) as here, browser.tab(locale="en-GB") as tab:
        log_in(tab.page, here.site)
        tab.page.wait_for_selector(f"{WIDGET} [part=item]")
        listed = here.served.get(f"/v1/users/{MEMBER}/recommendations?limit=6", here.keys.site)
        kept = here.wait_for(6)
        told = sorted((row["rank"], row["course_id"], row["source"]) for row in kept)
        assert told == [(at, item["course_id"], item["source"]) for at, item in enumerate(listed["items"], 1)], kept
        assert {(row["user_id"], row["recommendation_id"], row["clicked"]) for row in kept} == {(MEMBER, listed["recommendation_id"], False)}
        tab.page.locator(f"{WIDGET} a").nth(1).click()
        # Follows the link all the same.
        tab.page.wait_for_url(f"**/courses/{listed['items'][1]['course_id']}")
        clicked = [row for row in here.wait_for(7) if row["clicked"]]
        assert [(row["rank"], row["course_id"]) for row in clicked] == [(2, listed["items"][1]["course_id"])], clicked
        tab.page.wait_for_selector(f"{WIDGET} [part=item]")
        assert tab.page.locator(f"{WIDGET} [part=heading]").inner_text() == "More like this"


def test_what_nobody_sees_is_not_reported(browser, options, folder):
    with setting(options, folder) as here, browser.tab() as tab:
        token = here.keys.member_token(MEMBER)
        body = f"<p style='height:3000px'></p><{WIDGET} member-token='{token}' limit='3'></{WIDGET}>"
        page = bare(tab, here.served, body)
        assert ended(page)[0] == "shown"
        page.wait_for_timeout(SEEN_MS)
        assert not tab.posted and not here.kept()
        page.locator(WIDGET).scroll_into_view_if_needed()
        assert len(here.wait_for(3)) == 3


def test_a_glance_is_not_seeing(browser, options, folder):
    with setting(options, folder) as here, browser.tab() as tab:
        token = here.keys.member_token(MEMBER)
        body = f"<{WIDGET} member-token='{token}' limit='3'></{WIDGET}><p style='height:3000px'></p>"
        page = bare(tab, here.served, body)
        ended(page)
        page.mouse.wheel(0, 2500)
        page.wait_for_timeout(SEEN_MS)
        assert not here.kept()


def test_without_a_token_popular_courses_are_shown_and_nothing_is_reported(browser, options):
    with sidecar(options) as served, browser.tab() as tab:
        page = bare(tab, served, f"<{WIDGET} limit='4'></{WIDGET}>", lang="zh-CN")
        assert ended(page)[0] == "shown"
        assert titles(page) == [item["title"] for item in served.get("/v1/courses/popular?limit=4")["items"]]
        assert page.locator(f"{WIDGET} [part=heading]").inner_text() == "热门课程"
        page.wait_for_timeout(SEEN_MS)
        assert not tab.posted


def test_visitors_see_popular_courses_and_who_logs_in_their_own(browser, options, folder):
    with setting(options, folder) as here, browser.tab(locale="en-GB") as tab:
        tab.page.goto(here.site)
        tab.page.wait_for_selector(f"{WIDGET} [part=item]")
        assert tab.page.locator(f"{WIDGET} [part=heading]").inner_text() == "Popular courses"
        assert titles(tab.page) == [item["title"] for item in here.served.get("/v1/courses/popular?limit=6")["items"]]
        assert not tab.violations(), tab.violations()
        tab.page.wait_for_timeout(SEEN_MS)
        assert not tab.posted and not here.kept()
        log_in(tab.page, here.site)
        tab.page.wait_for_selector(f"{WIDGET} [part=item]")
        assert tab.page.locator(f"{WIDGET} [part=heading]").inner_text() == "Recommended for you"
        assert not tab.complaints, tab.complaints


def test_a_skeleton_stands_in_while_it_loads(browser, options):
    with sidecar(options) as served, browser.tab() as tab:
        held = []
        page = bare(tab, served, f"<{WIDGET} limit='4'></{WIDGET}>", before=lambda page: page.route("**/v1/**", lambda route: held.append(route)))
        page.wait_for_selector(f"{WIDGET} [part=skeleton]")
        assert page.locator(f"{WIDGET} .bone").count() == 4
        tall = page.locator(WIDGET).bounding_box()["height"]
        assert tall > 60
        while not held:
            page.wait_for_timeout(20)
        held[0].continue_()
        assert ended(page)[0] == "shown"
        assert not page.locator(f"{WIDGET} .bone").count()


def test_failure_is_quiet(browser, options, folder):
    with setting(options, folder) as here:
        forged = here.keys.member_token(MEMBER)[:-6] + "AAAAAA"
        stale = here.keys.member_token(MEMBER, now=time.time() - 7200)
        # Without visitors, as soon as the sidecar has noticed.
        text = here.keys.tokens_file.read_text()
        here.keys.tokens_file.write_text(text[: text.index("[visitors]")])
        here.wait_until_refused("/v1/courses/popular")
        for attributes in (f"member-token='{forged}'", f"member-token='{stale}'", "", "member-token='nonsense.%%.x'"):
            with browser.tab() as tab:
                page = bare(tab, here.served, f"<{WIDGET} {attributes}></{WIDGET}>")
                name, detail = ended(page)
                assert name == "failed" and (detail["status"] == 401 or "%%" in attributes), (attributes, detail)
                assert page.locator(WIDGET).bounding_box()["height"] == 0
                assert not [one for one in tab.complaints if "401" not in one], tab.complaints
        assert not here.kept()


def test_the_site_may_take_the_click_and_change_the_attributes(browser, options):
    with sidecar(options) as served, browser.tab() as tab:
        page = bare(tab, served, f"<{WIDGET} limit='2' href='/learn?course={{id}}'></{WIDGET}>")
        ended(page)
        page.evaluate("addEventListener('hachi-click', (event) => event.preventDefault())")
        page.locator(f"{WIDGET} a").first.click()
        assert page.url.endswith("/bare")
        name, detail = page.evaluate("events.at(-1)")
        assert name == "click" and detail["rank"] == 1
        assert page.locator(f"{WIDGET} a").first.get_attribute("href") == f"/learn?course={detail['course_id']}"
        page.evaluate("w => document.querySelector(w).setAttribute('limit', '3')", WIDGET)
        page.wait_for_function("w => document.querySelector(w).shadowRoot.querySelectorAll('a').length === 3", arg=WIDGET)


def test_the_community_site_is_accessible(browser, options, folder):
    with setting(options, folder) as here:
        for lang, theme, width in (("en", "light", 1280), ("zh", "dark", 1280), ("zh", "light", 390)):
            look = {"color_scheme": theme, "locale": "zh-CN" if lang == "zh" else "en-GB", "reduced_motion": "reduce"}
            with browser.tab(width=width, **look) as tab:
                log_in(tab.page, here.site)
                tab.page.wait_for_selector(f"{WIDGET} [part=item]")
                assert not tab.violations(), (lang, theme, width, tab.violations())
                assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
                if options.shots:
                    tab.page.screenshot(path=options.shots / f"community-{lang}-{theme}-{width}.png", full_page=True)


def test_the_dashboard_asks_for_a_token_once(browser, options, folder):
    with setting(options, folder) as here, browser.tab(locale="en-GB") as tab:
        page = tab.page
        page.goto(here.served.address)
        page.get_by_label("Operator token").fill("wrong")
        page.get_by_role("button", name="Show the numbers").click()
        page.wait_for_selector(".help.wrong")
        assert not tab.violations(), tab.violations()
        page.get_by_label("Operator token").fill(here.keys.operator)
        page.get_by_role("button", name="Show the numbers").click()
        page.wait_for_selector(".heat")
        page.reload()
        page.wait_for_selector(".heat")
        assert not page.locator("dialog").count()
