"""Lets every test say `from drawing import draw`, and ask for an engine or a browser.

Test modules are imported by path (import-mode=importlib), so the folder of the shared
test libraries has to be put on the module path by hand.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playing import Clock
    from playwright.sync_api import Browser

    from caseloom.engine import Engine

sys.path.insert(0, str(Path(__file__).parent))

from postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


@pytest.fixture
def clock() -> Clock:
    """The clock of the engine under test: `clock.forward(days=2)`."""
    from playing import Clock

    return Clock()


@pytest.fixture
def engine(clock: Clock) -> Iterator[Engine]:
    """An engine on a database in memory."""
    from caseloom.engine import Engine

    with Engine("sqlite://", clock=clock) as opened:
        yield opened


@pytest.fixture(params=["memory", "file", pytest.param("postgres", marks=pytest.mark.postgres)])
def every_engine(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """An engine on each kind of database that there is."""
    from caseloom.engine import Engine

    urls = {"memory": "sqlite://", "file": f"sqlite:///{tmp_path / 'cases.db'}"}
    url = urls.get(request.param) or request.getfixturevalue("postgres_url")
    with Engine(url, clock=clock) as opened:
        yield opened


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium. There is one for all tests, since Playwright allows one at a time in a thread."""
    installed = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not installed:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

    with playwright.sync_playwright() as running:
        # Without a sandbox, because root, as in a container, may not make one.
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = running.chromium.launch(executable_path=installed, args=flags)
        yield browser
        browser.close()
