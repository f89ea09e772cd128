"""The product in a real browser: the demo's cases, served in a thread, and people who sign in.

A message in the browser's console, an error in a script or an answer of the server's own fault fails the test.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from caseloom.engine import Engine
from caseloom.web.app import create_app
from caseloom.web.demo import StoryClock, load_demo
from caseloom.web.people import People

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page, Response

BUNDLES = Path(__file__).resolve().parents[2] / "web" / "static" / "vendor"


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Path:
    """A database with the demo in it, made once."""
    file = tmp_path_factory.mktemp("demo") / "demo.db"
    with Engine(f"sqlite:///{file}", clock=StoryClock(), fast_commit=True) as engine:
        load_demo(engine)
    return file


@pytest.fixture
def engine(demo, tmp_path) -> Iterator[Engine]:
    """The demo's engine on a database of its own, with the rights of its people."""
    shutil.copy(demo, tmp_path / "demo.db")
    address = f"sqlite:///{tmp_path}/demo.db"
    with Engine(
        address, fast_commit=True, people=lambda user: People(engine.database).person(user)
    ) as engine:
        load_demo(engine)
        yield engine


@pytest.fixture
def address(engine) -> Iterator[str]:
    if not (BUNDLES / "caseloom-viewer.js").is_file():
        pytest.skip("the browser bundles are not built here (CASELOOM_FRONTEND=skip?)")
    server = make_server("127.0.0.1", 0, create_app(engine, secret_key="for tests"), threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def open_page(chromium, address) -> Iterator[Callable[..., Page]]:
    """Opens the sign-in page in a browser of its own; `expected` are answers of the server that may come."""
    troubles: list[str] = []
    contexts = []

    def opened(*, width: int = 1280, height: int = 860, expected: tuple[int, ...] = (), **options) -> Page:
        context = chromium.new_context(
            base_url=address, viewport={"width": width, "height": height}, locale="en-GB", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)

        def heard(message: ConsoleMessage) -> None:
            foreseen = any(f"status of {code}" in message.text for code in expected)
            if message.type in ("error", "warning") and not foreseen:
                troubles.append(f"{message.type}: {message.text} ({page.url})")

        def answered(response: Response) -> None:
            if response.status >= 500:
                troubles.append(f"{response.status}: {response.url}")

        page.on("console", heard)
        page.on("pageerror", lambda error: troubles.append(f"script: {error} ({page.url})"))
        page.on("response", answered)
        page.goto("/login")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def sign_in(open_page) -> Callable[..., Page]:
    """Somebody at their inbox."""

    def signed_in(user: str, **options) -> Page:
        page = open_page(**options)
        page.get_by_label("User name").fill(user)
        page.get_by_label("Password").fill(user)
        page.get_by_test_id("sign-in").click()
        page.get_by_test_id("inbox").wait_for()
        page.wait_for_load_state()
        return page

    return signed_in


@pytest.fixture
def case_of(engine) -> Callable[[str], str]:
    """The address of a case of the demo by its reference."""

    def address_of(reference: str) -> str:
        return f"/cases/{engine.cases(business_key=reference)[0].id}"

    return address_of
