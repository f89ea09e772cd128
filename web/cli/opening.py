"""Which database is meant, and the options that every command has."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from caseloom.engine import Engine, Person
from caseloom.engine.errors import NotFound
from caseloom.storage.database import Database
from caseloom.web.api.text import parsed
from caseloom.web.people import People

F = TypeVar("F", bound=Callable[..., Any])

VARIABLE = "CASELOOM_DATABASE"
DEFAULT = "sqlite:///caseloom.db"
_FILE = "sqlite:///"
_DATABASE, _JSON = "caseloom.database", "caseloom.json"


def common(command: F) -> F:
    """`--database` and `--json`, before the name of a command or behind it."""
    database = click.option(
        "--database",
        metavar="URL",
        expose_value=False,
        callback=_kept(_DATABASE),
        help=f"An SQLAlchemy URL; else ${VARIABLE}, else {DEFAULT}.",
    )
    as_json = click.option(
        "--json", is_flag=True, expose_value=False, callback=_kept(_JSON), help="Answer in JSON."
    )
    return database(as_json(command))


def _kept(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
        if value:
            ctx.find_root().meta[name] = value

    return keep


def acting(command: F) -> F:
    """`--by`: who acts."""
    option = click.option(
        "--by",
        metavar="USER",
        envvar="CASELOOM_USER",
        help="Who acts, with their rights; else $CASELOOM_USER, else the program itself.",
    )
    return option(command)


def data(command: F) -> F:
    """`--data`: an object, as text, from a file or from the standard input."""
    option = click.option(
        "--data",
        callback=read_object,
        metavar="JSON",
        help="An object of names and values; @FILE reads a file, - the standard input.",
    )
    return option(command)


def read_object(ctx: click.Context, param: click.Parameter, value: str | None) -> dict[str, Any] | None:
    """The callback of an option that takes a JSON object."""
    if value is None:
        return None
    found = parsed(_text(value, param), param.opts[0])
    if not isinstance(found, dict):
        raise click.BadParameter("it must be an object, such as '{\"amount\": 5}'", param=param)
    return found


def _text(value: str, param: click.Parameter) -> str | bytes:
    if value == "-":
        return sys.stdin.buffer.read()
    if not value.startswith("@"):
        return value
    try:
        return Path(value[1:]).read_bytes()
    except OSError as missing:
        raise click.BadParameter(
            f"“{value[1:]}” cannot be read: {missing.strerror}", param=param
        ) from missing


def wants_json() -> bool:
    return bool(_meta(_JSON))


def given_url() -> str | None:
    """The database that was asked for by name."""
    return _meta(_DATABASE) or os.environ.get(VARIABLE) or None


def url() -> str:
    return given_url() or DEFAULT


def _meta(name: str) -> Any:
    ctx = click.get_current_context(silent=True)
    return ctx.find_root().meta.get(name) if ctx else None


@contextmanager
def the_engine(*, by: str | None = None, create: bool = False) -> Iterator[Engine]:
    """The engine of the database that is meant. Raises NotFound where there is none and none is to be made.

    A person who acts has the rights that the database knows of; where it knows nobody, the program is trusted.
    """
    where = url()
    if not create:
        check_there(where)
    with Engine(where) if by is None or not _knows_people(where) else with_people(where) as engine:
        yield engine


def with_people(
    where: str, *, clock: Callable[[], datetime] | None = None, fast_commit: bool = False
) -> Engine:
    """An engine that holds everybody to the rights of their groups."""

    def person(user_id: str) -> Person | None:
        return People(engine.database).person(user_id)

    engine = Engine(where, clock=clock, people=person, fast_commit=fast_commit)
    return engine


def _knows_people(where: str) -> bool:
    database = Database(where)
    try:
        database.migrate()
        return bool(People(database).all())
    finally:
        database.close()


def check_there(where: str) -> None:
    """Opening a file that is not there would make it: a mistyped name would look like an empty database."""
    file = where.removeprefix(_FILE).partition("?")[0]
    elsewhere = not where.startswith(_FILE) or file in ("", ":memory:") or file.startswith("file:")
    if not elsewhere and not Path(file).exists():
        raise NotFound(f"There is no database “{file}” yet; “caseloom deploy” or “caseloom serve” makes one.")
