"""Pages of a test, served with the bundles under the content security policy of the product's own pages."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
BUNDLES = ROOT / "web" / "static" / "vendor"
STRICT = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'"

Shown = Callable[..., "Page"]


class Site:
    """What the server serves besides the bundles: path -> (type, text)."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[str, str]] = {}
        self.policy = STRICT


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[str, Site]]:
    if not (BUNDLES / "caseloom-viewer.js").is_file():
        pytest.skip("the browser bundles are not built here (CASELOOM_FRONTEND=skip?)")
    site = Site()

    class Handler(SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            return str(BUNDLES / urlsplit(path).path.removeprefix("/vendor/"))

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path not in site.files:
                return super().do_GET()

            kind, text = site.files[path]
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())
            return None

        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", site.policy)
            super().end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def show(chromium: Browser, served: tuple[str, Site]) -> Iterator[Shown]:
    """`show(body, *bundles)` opens a page; at the end nobody may have complained in its console.

    A bundle is a script with a style sheet, `scripts` have none.
    """
    address, site = served
    site.policy = STRICT
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    complaints: list[str] = []
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def open_page(
        body: str,
        *bundles: str,
        scripts: Sequence[str] = (),
        files: Mapping[str, str] | None = None,
        policy: str = STRICT,
    ) -> Page:
        head = "".join(f'<link rel="stylesheet" href="/vendor/{name}.css">' for name in bundles)
        for name in (*bundles, *scripts):
            head += f'<script type="module" src="/vendor/{name}.js"></script>'
        document = (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title>'
            f'<link rel="icon" href="data:,">{head}<body>{body}</body></html>'
        )
        site.policy = policy
        site.files = {path: ("application/xml", text) for path, text in (files or {}).items()}
        site.files["/"] = ("text/html", document)
        page.goto(address)
        return page

    yield open_page
    page.close()
    assert complaints == []


@pytest.fixture
def block() -> Callable[[str, Any], str]:
    """A data block: `block("marks", {...})`."""
    return lambda name, value: f'<script type="application/json" id="{name}">{json.dumps(value)}</script>'


@pytest.fixture
def eventually() -> Callable[[Page, Callable[[], bool]], None]:
    """Waits until something holds. (Playwright's own way needs `eval` in the page, which is forbidden.)"""

    def wait(page: Page, holds: Callable[[], bool]) -> None:
        for _ in range(100):
            if holds():
                return
            page.wait_for_timeout(50)
        pytest.fail("it does not hold after five seconds")

    return wait
