"""Text that an analyst wrote into a form or a diagram, as safe HTML.

A small part of Markdown: headings, paragraphs, lists, bold, emphasis, code and web links.
Everything is escaped first, so that markup in the text stays text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby

from markupsafe import Markup, escape

_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_BULLET = re.compile(r"[-*+]\s+(.*)")
_INLINE: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<!\w)[*_](.+?)[*_](?!\w)"), r"<em>\1</em>"),
    (re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+)\)"), r'<a href="\2" rel="noopener noreferrer">\1</a>'),
]


def to_html(text: str) -> Markup:
    """Paragraphs, lists and headings, parted by empty lines or by their own signs."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return Markup("").join(_BLOCKS[kind](list(block)) for kind, block in groupby(lines, _kind))


def _kind(line: str) -> str:
    if not line:
        return "gap"
    if _HEADING.fullmatch(line):
        return "heading"
    return "list" if _BULLET.fullmatch(line) else "paragraph"


def _headings(lines: list[str]) -> Markup:
    return Markup("").join(_heading(line) for line in lines)


def _heading(line: str) -> Markup:
    match = _HEADING.fullmatch(line)
    level = min(4, len(match[1]) + 1) if match else 2
    return Markup(f"<h{level}>{{}}</h{level}>").format(_inline(match[2] if match else line))


def _list(lines: list[str]) -> Markup:
    items = Markup("").join(Markup("<li>{}</li>").format(_inline(_BULLET.sub(r"\1", line))) for line in lines)
    return Markup("<ul>{}</ul>").format(items)


def _paragraph(lines: list[str]) -> Markup:
    return Markup("<p>{}</p>").format(Markup("<br>").join(_inline(line) for line in lines))


def _gap(lines: list[str]) -> Markup:
    return Markup("")


_BLOCKS: dict[str, Callable[[list[str]], Markup]] = {
    "gap": _gap,
    "heading": _headings,
    "list": _list,
    "paragraph": _paragraph,
}


def _inline(text: str) -> Markup:
    shown = str(escape(text))
    for pattern, html in _INLINE:
        shown = pattern.sub(html, shown)
    return Markup(shown)
