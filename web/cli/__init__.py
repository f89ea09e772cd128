"""The command line, `caseloom`: the same engine from a shell.

Results go to the standard output, as tables for people or with `--json` for programs; everything said about
them goes to the standard error. Exit codes: 0 done, 1 refused or something was found, 2 wrong usage.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line; gives the exit code."""
    from caseloom.web.cli.program import run

    return run(arguments)
