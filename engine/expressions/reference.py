"""Writes the table of FEEL's functions for the documentation, from the functions themselves."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import NamedTuple

from caseloom.engine.expressions import functions
from caseloom.engine.expressions.signatures import BUILTINS, Builtin


class Row(NamedTuple):
    """One function: how it is called, what it does, and an expression that is true."""

    signatures: tuple[str, ...]
    meaning: str
    example: str


def chapters() -> Iterator[tuple[str, list[Row]]]:
    """The title and the functions of each chapter, in the order in which they are declared."""
    for chapter in functions.CHAPTERS:
        yield _title(chapter), [_row(ways) for ways in BUILTINS.values() if _is_of(ways, chapter)]


def _is_of(ways: list[Builtin], chapter: ModuleType) -> bool:
    return ways[0].body.__module__ == chapter.__name__


def _title(chapter: ModuleType) -> str:
    return (chapter.__doc__ or "").partition("\n")[0].partition(" (")[0].rstrip(".")


def _row(ways: list[Builtin]) -> Row:
    text = " ".join((ways[0].body.__doc__ or "").split())
    meaning, _, example = text.partition(" `")
    return Row(tuple(way.signature for way in ways), meaning, example.removesuffix("`"))


def as_markdown() -> str:
    """The whole table."""
    lines: list[str] = []
    for title, rows in chapters():
        lines += [f"### {title}", "", "| function | gives | for example |", "| --- | --- | --- |"]
        lines += [_line(row) for row in rows]
        lines.append("")
    return "\n".join(lines)


def _line(row: Row) -> str:
    signatures = "<br>".join(f"`{signature}`" for signature in row.signatures)
    example = f"`{row.example}`" if row.example else ""
    return f"| {signatures} | {row.meaning} | {example} |".replace("||", "\\|\\|")
