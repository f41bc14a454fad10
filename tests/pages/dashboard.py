"""The page for people, on a sidecar of the sample."""

import json

from programs import sidecar

BYTES_MAX = 100_000
PANELS = ("kpis", "retention", "lifecycle", "courses", "models", "snapshot")
LOOKS = [(lang, theme, width) for lang in ("en", "zh") for theme in ("light", "dark") for width in (1280, 390)]
CHINESE_ONLY = "关键指标"
ENGLISH_ONLY = "Key figures"


def opened(tab, address, path="/"):
    """Opens the page and waits until every panel has its data."""
    tab.page.goto(address + path)
    settled(tab)


def settled(tab):
    """Waits until nothing is on its way."""
    tab.page.wait_for_function(
        "n => document.querySelectorAll('.panel').length === n && !document.querySelector('[aria-busy=true]')", arg=len(PANELS))
    tab.page.wait_for_load_state("networkidle")


def test_every_panel_has_its_data(browser, options):
    with sidecar(options) as served, browser.tab() as tab:
        opened(tab, served.address)
        page = tab.page
        for panel in PANELS:
            assert not page.locator(f"#{panel} .note.error, #{panel} .note.empty").count(), panel
        assert page.locator("button.kpi").count() == len(served.get("/v1/kpis")["kpis"])
        cells = served.get("/v1/retention")["cells"]
        drawn = page.locator(".heat td:not(.size):not(.none)")
        assert drawn.count() == len(cells), f"{drawn.count()} of {len(cells)} cells"
        assert page.locator(".chart canvas").count() == 2
        assert page.locator("#courses tbody tr").count() == 10
        tested = [row for row in served.get("/v1/models")["models"] if row["window"] == "test"]
        assert page.locator("#models tbody tr").count() == len(tested)
        assert str(served.get("/status")["snapshot"]["number"]) in page.locator(".strip").inner_text()
        assert not tab.complaints, tab.complaints


def test_it_is_small_and_asks_nobody_else(browser, options):
    with sidecar(options) as served, browser.tab() as tab:
        opened(tab, served.address)
        assert tab.origins() == {served.address}, tab.origins()
        assert 30_000 < tab.bytes < BYTES_MAX, tab.bytes
        print(f"        {tab.bytes} bytes in {len(tab.asked)} requests")


def test_every_look_is_accessible_and_fits(browser, options):
    with sidecar(options) as served:
        for lang, theme, width in LOOKS:
            look = {"color_scheme": theme, "reduced_motion": "reduce", "locale": "zh-CN" if lang == "zh" else "en-GB"}
            with browser.tab(width=width, **look) as tab:
                opened(tab, served.address)
                page = tab.page
                assert page.locator("html").get_attribute("lang") == lang
                words, others = (CHINESE_ONLY, ENGLISH_ONLY) if lang == "zh" else (ENGLISH_ONLY, CHINESE_ONLY)
                text = page.inner_text("body")
                assert words in text and others not in text, lang
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (lang, theme, width)
                dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 21, 24)"
                assert dark == (theme == "dark"), theme
                if options.shots:
                    page.screenshot(path=options.shots / f"dashboard-{lang}-{theme}-{width}.png", full_page=True)
                for button in page.locator(".toggle button[aria-expanded]").all():
                    button.click()
                assert page.locator(".numbers table").count() == 2
                assert not tab.violations(), (lang, theme, width, tab.violations())
                assert not tab.complaints, tab.complaints


def test_choices_are_remembered(browser, options):
    with sidecar(options) as served, browser.tab(color_scheme="light", locale="en-GB") as tab:
        opened(tab, served.address)
        page = tab.page
        page.get_by_role("radio", name="Dark").check(force=True)
        page.get_by_role("link", name="中文").click()
        settled(tab)
        page.goto(served.address)
        settled(tab)
        assert page.locator("html").get_attribute("lang") == "zh"
        assert page.locator("html").get_attribute("data-theme") == "dark"


def test_the_keyboard_reaches_everything(browser, options):
    with sidecar(options) as served, browser.tab(locale="en-GB") as tab:
        opened(tab, served.address)
        page = tab.page
        # A group of radio buttons is one stop: arrows move within it.
        stops = page.evaluate("""() => {
            const all = [...document.querySelectorAll("a[href], button, select, [tabindex='0'], input:checked")];
            all.forEach((one, at) => one.dataset.stop = at);
            return all.filter((one) => one.checkVisibility()).map((one) => one.dataset.stop);
        }""")
        reached = set()
        for _ in range(len(stops) + 5):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.dataset.stop"))
        assert set(stops) <= reached, [page.locator(f"[data-stop='{one}']").first.evaluate("e => e.outerHTML.slice(0, 120)") for one in set(stops) - reached]
        page.get_by_role("button", name="Monthly active members").focus()
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.querySelector('.detail h3')?.textContent === 'Monthly active members'")
        page.get_by_role("radio", name="Weeks").first.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => document.querySelector('.heat tbody th')?.textContent === 'Jan 2026'")
        assert not tab.complaints, tab.complaints


def test_a_newer_snapshot_is_offered(browser, options):
    with sidecar(options) as served, browser.tab(locale="en-GB") as tab:
        page = tab.page
        page.clock.install()
        opened(tab, served.address)
        status = served.get("/status")
        status["snapshot"]["number"] += 1
        page.route("**/status", lambda route: route.fulfill(json=status))
        page.clock.run_for(61_000)
        page.locator(".note.news button").click()
        settled(tab)
        assert not page.locator(".note.news").count()


def test_what_an_older_snapshot_lacks_is_said(browser, options):
    with sidecar(options) as served, browser.tab(locale="en-GB") as tab:
        missing = json.dumps({"type": "about:blank", "title": "Not Found", "status": 404, "detail": "this snapshot holds no lifecycle"})
        tab.page.route("**/v1/lifecycle*", lambda route: route.fulfill(status=404, content_type="application/problem+json", body=missing))
        opened(tab, served.address)
        assert "Not published yet" in tab.page.locator("#lifecycle").inner_text()


def test_trouble_is_told_with_what_to_do(browser, options):
    with sidecar(options) as served, browser.tab(locale="en-GB") as tab:
        page = tab.page
        page.route("**/v1/retention*", lambda route: route.abort())
        broken = {"number": 2, "reason": "a file of the snapshot is missing or damaged"}
        page.route("**/status", lambda route: route.fulfill(json={**served.get("/status"), "reload": {"failure": broken}}))
        opened(tab, served.address)
        assert "does not answer" in page.locator("#retention").inner_text()
        alert = page.locator(".strip [role=alert]").inner_text()
        assert "Snapshot 2 can't be served" in alert and broken["reason"] in alert, alert
        page.unroute("**/v1/retention*")
        page.locator("#retention button", has_text="Try again").click()
        page.wait_for_selector(".heat")

