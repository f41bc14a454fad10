"""Pages in Chromium without a screen: what they ask for, what they weigh, what they complain of."""

import shutil
from contextlib import contextmanager
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

SERIOUS = {"serious", "critical"}


class Tab:
    """One page, and all that happened on it."""

    def __init__(self, page):
        self.page = page
        self.complaints = []
        self.asked = []
        self.posted = []
        self.bytes = 0
        page.on("console", lambda message: message.type in ("error", "warning") and self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._note)
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", self._weigh)

    def origins(self):
        """Whom the page asked."""
        return {f"{url.scheme}://{url.netloc}" for url in map(urlsplit, self.asked)}

    def violations(self):
        """What axe finds serious, as text."""
        found = Axe().run(self.page).response["violations"]
        return [f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found if one["impact"] in SERIOUS]

    def _note(self, request):
        self.asked.append(request.url)
        if request.method == "POST":
            self.posted.append((request.url, request.post_data_json))

    def _weigh(self, event):
        self.bytes += event["encodedDataLength"]


class Browser:
    """Chromium as the system has it."""

    def __init__(self, chromium):
        self._chromium = chromium

    @contextmanager
    def tab(self, width=1280, height=900, **look):
        """An empty page with nothing remembered; `look` is what Playwright calls a context's options."""
        context = self._chromium.new_context(viewport={"width": width, "height": height}, **look)
        tab = Tab(context.new_page())
        try:
            yield tab
        finally:
            context.close()


@contextmanager
def browser():
    """The browser, closed at the end."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield Browser(chromium)
        finally:
            chromium.close()
