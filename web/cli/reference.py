"""`docs/command-line.md`, written from what the commands say of themselves.

python -m caseloom.web.cli.reference > docs/command-line.md
"""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc

import click

from caseloom.web.cli.program import caseloom

_OPENING = """# The command line

This page is made from `caseloom --help` (`python -m caseloom.web.cli.reference`); a test holds it to that.

- **Database**: `--database URL`, else `$CASELOOM_DATABASE`, else `sqlite:///caseloom.db` in the working directory.
  `demo` keeps to itself: `sqlite:///caseloom-demo.db`.
- **Who acts**: `--by USER`, else `$CASELOOM_USER`, else the program itself, which may do everything. Once the
  database knows people (`caseloom user add`), a person who acts has the rights of their groups and no others.
- **Answers** go to the standard output, as tables, or with `--json` as JSON in the same shape as the
  [HTTP interface](http.md) gives it. All remarks go to the standard error. Colours are for
  terminals; `NO_COLOR` switches them off.
- **Exit codes**: 0 done; 1 refused, or something was found (`check`, `doctor`, a refused `--preview`); 2 wrong usage.
- **Data**: `--data '{"amount": 5}'`, `--data @file.json`, or `--data -` for the standard input.
- `--database` and `--json` may stand before the command or behind it.

Services run in a worker: `caseloom worker --module shop.services` imports the module, from the working directory too,
and calls its `register(engine)`, in which `@engine.service("topic")` registers functions.
`caseloom serve` takes `--module` as well. SIGTERM and Ctrl-C end `serve`, `demo` and `worker` after what is under way.
"""


# Every command has these; they are told once.
_EVERYWHERE = frozenset({"database", "json", "help"})


def page() -> str:
    with click.Context(caseloom, info_name="caseloom") as ctx:
        return "\n".join([_OPENING, *_commands(caseloom, ctx)])


def _commands(group: click.Group, ctx: click.Context) -> Iterator[str]:
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        with click.Context(command, info_name=name, parent=ctx) as own:
            if isinstance(command, click.Group):
                yield from _commands(command, own)
            else:
                yield _section(command, own)


def _section(command: click.Command, ctx: click.Context) -> str:
    usage = " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])
    said = cleandoc(command.help or "")
    options = [_option(one) for one in command.params if isinstance(one, click.Option)]
    told = [option for option in options if option]
    return "\n".join(
        [f"## {ctx.command_path}", "", f"    {usage}", "", said, *([""] if told else []), *told, ""]
    )


def _option(option: click.Option) -> str:
    if option.name in _EVERYWHERE:
        return ""
    choices = getattr(option.type, "choices", None)
    value = "" if option.is_flag else " " + ("|".join(map(str, choices)) if choices else _metavar(option))
    default = f" [{option.default}]" if option.show_default and option.default is not None else ""
    said = f": {option.help}" if option.help else ""
    needed = " (needed)" if option.required else ""
    return f"- `{option.opts[0]}{value}`{needed}{said}{default}"


def _metavar(option: click.Option) -> str:
    number = isinstance(option.type, click.types.IntParamType)
    return option.metavar or ("N" if number else str(option.name).upper())


if __name__ == "__main__":
    click.echo(page(), nl=False)
