"""A small community site with log-in and the widget, for trying out and for copying from."""

import argparse
import secrets
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pages
from tokens import Keys

CSS = Path(__file__).with_name("site.css").read_bytes()
FORM_BYTES_MAX = 1024


class Site(BaseHTTPRequestHandler):
    """One request. Who has logged in is in memory: a restart logs everybody out."""

    keys: Keys
    sidecar: str
    sessions: dict[str, str] = {}

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/site.css":
            return self._send(CSS, "text/css; charset=utf-8")
        member, lang = self.sessions.get(self._cookie("session")), self._language(url.query)
        # The one place where the site vouches for its member.
        token = self.keys.member_token(member) if member else None
        if url.path == "/":
            return self._page(lang, url.path, member, pages.WORDS[lang]["title"], pages.home(lang, member, token))
        if url.path.startswith("/courses/"):
            course_id = unquote(url.path.removeprefix("/courses/"))
            return self._page(lang, url.path, member, course_id, pages.course(lang, course_id, token))
        return self.send_error(404)

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(min(int(self.headers.get("content-length", 0)), FORM_BYTES_MAX)).decode())
        if self.path == "/login" and form.get("member", [""])[0] in pages.MEMBERS:
            session = secrets.token_urlsafe(16)
            self.sessions[session] = form["member"][0]
            return self._back(session)
        if self.path == "/logout":
            self.sessions.pop(self._cookie("session"), None)
            return self._back("")
        return self.send_error(400)

    def _page(self, lang: str, here: str, member: str | None, title: str, main: str) -> None:
        html = pages.page(lang, sidecar=self.sidecar, member=member, here=here, title=title, main=main)
        self._send(html.encode(), "text/html; charset=utf-8", [("set-cookie", f"lang={lang}; Path=/; SameSite=Lax")])

    def _send(self, body: bytes, content_type: str, headers: list[tuple[str, str]] = ()) -> None:
        self.send_response(200)
        for name, value in [("content-type", content_type), ("content-length", str(len(body))), ("cache-control", "no-store"), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _back(self, session: str) -> None:
        self.send_response(303)
        self.send_header("location", "/")
        self.send_header("set-cookie", f"session={session}; Path=/; HttpOnly; SameSite=Lax")
        self.end_headers()

    def _cookie(self, name: str) -> str:
        found = SimpleCookie(self.headers.get("cookie", "")).get(name)
        return found.value if found else ""

    def _language(self, query: str) -> str:
        accepted = self.headers.get("accept-language", "en")
        asked = parse_qs(query).get("lang", [self._cookie("lang") or accepted])[0]
        return "zh" if asked.startswith("zh") else "en"

    def log_message(self, *_: object) -> None:
        """Paths may name members: nothing is logged."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the keys are kept; made at the first start")
    parser.add_argument("--port", type=int, default=8080, help="where the site listens on this machine")
    parser.add_argument("--sidecar", default="http://127.0.0.1:8787", help="where browsers reach the sidecar")
    arguments = parser.parse_args()
    Site.keys, Site.sidecar = Keys(arguments.folder), arguments.sidecar
    server = ThreadingHTTPServer(("127.0.0.1", arguments.port), Site)
    origin = f"http://127.0.0.1:{server.server_port}"
    print(f"site: {origin}\noperator's token: {Site.keys.operator}\nsidecar: hachi-serving --lake LAKE --pseudonym-key KEY "
          f"--tokens {Site.keys.tokens_file} --cors {origin} --feedback {arguments.folder / 'feedback'}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
