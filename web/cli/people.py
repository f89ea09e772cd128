"""Who may sign in, and the tokens of programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click

from caseloom.engine.errors import NotFound
from caseloom.web.cli import output
from caseloom.web.cli.opening import common, the_engine
from caseloom.web.people import People
from caseloom.web.tokens import Tokens

_GROUPS = click.option(
    "--group", "groups", multiple=True, metavar="GROUP", help="May be given several times."
)


@click.command()
@click.argument("user")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
@click.option("--days", type=click.IntRange(1), help="How long it is good; else until it is revoked.")
@_GROUPS
@common
def token(user: str, name: str, days: int | None, groups: Sequence[str]) -> None:
    """Make a token with which a program acts for USER at the HTTP interface. It is shown once.

    Somebody who is not known yet is added, in the groups that are given, without a password.
    """
    with the_engine(create=True) as engine:
        people = People(engine.database)
        known = people.find(user)
        if known is None:
            people.put(user, user, password=None, groups=groups)
            output.say(f"“{user}” was not known and has been added, without a password.")
        elif groups:
            raise click.UsageError(f"“{user}” is known already; --group is for somebody new.")
        at = engine.clock()
        made = Tokens(engine.database).make(
            user, name=name, at=at, expires_at=at + timedelta(days=days) if days else None
        )
    if not output.give({"token": made, "user": user}):
        click.echo(made)


@click.command()
@click.argument("token")
@common
def revoke(token: str) -> None:
    """Make a token worthless."""
    with the_engine() as engine:
        known = Tokens(engine.database).revoke(token)
    if not known:
        raise NotFound("There is no such token.")
    output.say("The token is revoked.")
    output.give({"revoked": True})


@click.group()
@common
def user() -> None:
    """People who sign in to the pages."""


@user.command("add")
@click.argument("user")
@click.option("--name", metavar="TEXT", help="As others read it; else the user name.")
@_GROUPS
@click.option("--admin", is_flag=True)
@click.option(
    "--password", prompt=True, confirmation_prompt=True, hide_input=True, help="Else it is asked for."
)
@common
def add(user: str, name: str | None, groups: Sequence[str], admin: bool, password: str) -> None:
    """Add somebody, or replace all that is known of them."""
    if not password:
        raise click.UsageError("The password is empty.")
    with the_engine(create=True) as engine:
        People(engine.database).put(user, name or user, password=password, groups=groups, is_admin=admin)
    output.say(f"“{user}” can sign in now.")
    output.give({"user": user})


@user.command("list")
@common
def everybody() -> None:
    """List the people who are known."""
    with the_engine() as engine:
        found = People(engine.database).all()
    rows = [(one.id, one.name, ", ".join(one.groups)) for one in found]
    if not output.give([{"id": one.id, "name": one.name, "groups": list(one.groups)} for one in found]):
        output.table(("USER", "NAME", "GROUPS"), rows, empty="Nobody is known.")


COMMANDS = (user, token, revoke)
