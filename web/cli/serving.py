"""What runs until it is told to stop: the demo, the server, the worker. SIGTERM and Ctrl-C end them cleanly."""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from types import FrameType, ModuleType
from typing import Any
from wsgiref.types import WSGIApplication

import click
from waitress.server import create_server

from caseloom.engine import Engine
from caseloom.engine.errors import CaseloomError, NotFound
from caseloom.web.app import create_app
from caseloom.web.cli import output
from caseloom.web.cli.opening import check_there, common, given_url, url, with_people
from caseloom.web.clock import Clock
from caseloom.web.demo import StoryClock, load_demo

DEMO = "sqlite:///caseloom-demo.db"
LARGEST_REQUEST = 40 * 1024 * 1024
_FORWARDED = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
_MODULE = click.option(
    "--module",
    metavar="NAME",
    help="A Python module whose register(engine) registers the services that run in this process.",
)
_HOST = click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 is every interface.")
_PORT = click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
_TICK = click.option(
    "--tick",
    type=click.FloatRange(0.05),
    metavar="SECONDS",
    default=5.0,
    show_default=True,
    help="How often to look for what is due.",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens, and how."""

    host: str
    port: int
    threads: int = 8
    proxy: str | None = None

    def listen(self, app: WSGIApplication) -> Any:
        trusted: dict[str, Any] = (
            {"trusted_proxy": self.proxy, "trusted_proxy_headers": _FORWARDED} if self.proxy else {}
        )
        try:
            return create_server(
                app,
                host=self.host,
                port=self.port,
                threads=self.threads,
                ident=None,
                max_request_body_size=LARGEST_REQUEST,
                clear_untrusted_proxy_headers=True,
                **trusted,
            )
        except OSError as taken:
            raise CaseloomError(
                f"{self.host}:{self.port} cannot be listened at: {taken.strerror}."
            ) from taken

    def address(self, server: Any) -> str:
        """Where to look; port 0 has become a real one."""
        shown = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host
        return f"http://{shown}:{getattr(server, 'effective_port', self.port)}"


@click.command()
@_HOST
@_PORT
@common
def demo(host: str, port: int) -> None:
    """Load the sample case types, users and cases into a local file, and serve them."""
    where = given_url() or DEMO
    with with_people(where, clock=StoryClock()) as engine:
        output.say("Loading the samples …")
        accounts = load_demo(engine)
        output.say("Sign in as one of these; the password is the user name:\n")
        width = max(len(account.id) for account in accounts)
        for account in accounts:
            output.say(f"  {account.id:{width}}  {account.name}, {account.groups_text}")
        output.say(f"\nFrom the shell: export CASELOOM_DATABASE={where}")
        _serve(engine, Place(host, port), tick=1.0, secure_cookies=False)


@click.command()
@_HOST
@_PORT
@click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True)
@_TICK
@click.option("--no-clock", is_flag=True, help="Another process fires what is due (caseloom worker).")
@_MODULE
@click.option("--secure-cookies", is_flag=True, help="The site is reached by https only.")
@click.option(
    "--trust-proxy",
    metavar="ADDRESS",
    help="Of the reverse proxy in front, whose X-Forwarded-For, -Proto and -Host are believed.",
)
@click.option("--fast-commit", is_flag=True, help="SQLite: a power cut may take the last commits.")
@common
def serve(
    host: str,
    port: int,
    threads: int,
    tick: float,
    no_clock: bool,
    module: str | None,
    secure_cookies: bool,
    trust_proxy: str | None,
    fast_commit: bool,
) -> None:
    """Serve the pages and the HTTP interface, with the clock."""
    with with_people(url(), fast_commit=fast_commit) as engine:
        _register(engine, module)
        place = Place(host, port, threads, trust_proxy)
        _serve(engine, place, tick=None if no_clock else tick, secure_cookies=secure_cookies)


def _serve(engine: Engine, place: Place, *, tick: float | None, secure_cookies: bool) -> None:
    clock = Clock(engine, seconds=tick) if tick is not None else None
    server = place.listen(create_app(engine, secure_cookies=secure_cookies, clock=clock))
    _on_signals(_leave)
    address = place.address(server)
    output.say(f"\nServing on {address}  (Ctrl-C stops it)")
    output.give({"url": address})
    try:
        if clock is not None:
            clock.tick()
            clock.start()
        server.run()
    finally:
        if clock is not None:
            clock.stop()
        server.close()
        output.say("Stopped.")


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


@click.command()
@_MODULE
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@click.option(
    "--tick",
    type=click.FloatRange(0.05),
    metavar="SECONDS",
    default=1.0,
    show_default=True,
    help="How often to look for what is due.",
)
@common
def worker(module: str | None, once: bool, tick: float) -> None:
    """Fire what is due: timers, and the services of --module. Any number of workers may run."""
    check_there(url())
    with with_people(url()) as engine:
        _register(engine, module)
        if once:
            _tell(engine.run_due())
            return
        stopped = Event()
        _on_signals(lambda number, frame: stopped.set())
        output.say("Working. (Ctrl-C stops it)")
        clock, count = Clock(engine), 0
        while not stopped.is_set():
            count += clock.tick()
            stopped.wait(tick)
        output.say("Stopped.")
        _tell(count)


def _tell(count: int) -> None:
    if not output.give({"done": count}):
        output.say(f"{count} done." if count else "Nothing is due.")


def _on_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)


def _register(engine: Engine, module: str | None) -> None:
    if module is None:
        return
    found = _imported(module)
    register = getattr(found, "register", None)
    if not callable(register):
        raise NotFound(f"The module “{module}” has no function register(engine).")
    register(engine)


def _imported(module: str) -> ModuleType:
    """Modules of the working directory too, as with `python -m`."""
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        if missing.name is None or not f"{module}.".startswith(f"{missing.name}."):
            raise
        raise NotFound(f"There is no Python module “{module}”.") from missing


COMMANDS = (demo, serve, worker)
