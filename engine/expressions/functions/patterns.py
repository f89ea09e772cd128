"""Regular expressions of FEEL, run by RE2, which never backtracks (XPath and XQuery Functions 3.1, 5.6).

RE2's syntax is close to XPath's. What differs is translated here; what RE2 lacks (a reference back to a group) is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import re2

from caseloom.engine.expressions.running import MAX_LIST, MAX_STRING, check_list, too_much

MAX_PATTERN = 5_000

_NAME_START = r"\pL\p{Nl}_:"
_NAME = rf"{_NAME_START}\pM\pN.·-"
_CLASSES = {r"\i": f"[{_NAME_START}]", r"\I": f"[^{_NAME_START}]", r"\c": f"[{_NAME}]", r"\C": f"[^{_NAME}]"}
_PARTS = re.compile(r"\\p\{Is\w+\}|\\.|\[|\]|\s|.", re.DOTALL)
_IN_REPLACEMENT = re.compile(r"\\(.)|\$(\d+)|(\\|\$)", re.DOTALL)


def compiled(pattern: str, flags: str = "") -> Any:
    """Raises `ValueError` for what is no pattern."""
    if len(pattern) > MAX_PATTERN:
        too_much(f"a pattern has more than {MAX_PATTERN:,} characters")
    return _compiled(pattern, flags)


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: str) -> Any:
    if set(flags) - set("smixq"):
        raise ValueError(f"“{flags}” are no flags; there are s, m, i, x and q.")
    if "q" in flags:
        pattern = re2.escape(pattern)
    else:
        pattern = _translated(pattern, "x" in flags)
    switches = "".join(flag for flag in "smi" if flag in flags)
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(f"(?{switches}){pattern}" if switches else pattern, options)
    except re2.error as wrong:
        raise ValueError(f"“{pattern}” is no pattern that can be used here.") from wrong


def _translated(pattern: str, free_spacing: bool) -> str:
    depth = 0
    parts: list[str] = []
    for part in _PARTS.findall(pattern):
        depth += (part == "[") - (part == "]")
        if depth > 1:
            raise ValueError("classes of characters with a subtraction cannot be used here.")
        if free_spacing and not depth and part.isspace():
            continue
        parts.append(_CLASSES.get(part, part) if not depth else part)
    return "".join(parts)


def replaced(text: str, pattern: str, replacement: str, flags: str) -> str:
    found = compiled(pattern, flags)
    if found.search(""):
        raise ValueError("the pattern fits nothing at all, so there would be no end of replacing.")
    pieces = [replacement] if "q" in flags else _pieces(replacement, found.groups)
    parts: list[str] = []
    length = end = 0
    for fit in found.finditer(text):
        parts.append(text[end : fit.start()])
        for piece in pieces:
            part = piece if isinstance(piece, str) else fit.group(piece) or ""
            length += len(part)
            parts.append(part)
        end = fit.end()
        if length > MAX_STRING:
            too_much(f"a text would have more than {MAX_STRING:,} characters")
    return "".join([*parts, text[end:]])


def _pieces(replacement: str, groups: int) -> list[str | int]:
    """Literal text and the numbers of groups, in order."""
    pieces: list[str | int] = []
    end = 0
    for found in _IN_REPLACEMENT.finditer(replacement):
        pieces.append(replacement[end : found.start()])
        pieces.extend(_piece(found, groups))
        end = found.end()
    return [*pieces, replacement[end:]]


def _piece(found: re.Match[str], groups: int) -> list[str | int]:
    escaped, number, _ = found.groups()
    if escaped is not None and escaped in "\\$":
        return [escaped]
    if number is None:
        raise ValueError("in a replacement “$” is followed by a digit and “\\” by “$” or “\\”.")
    # `$12` is group 12, or group 1 and the digit 2 where there are fewer groups.
    digits = len(number)
    while digits > 1 and int(number[:digits]) > groups:
        digits -= 1
    group = int(number[:digits])
    return [group if group <= groups else "", number[digits:]]


def split(text: str, pattern: str) -> list[str]:
    found = compiled(pattern)
    if found.search(""):
        raise ValueError("the delimiter fits nothing at all.")
    parts: list[str] = []
    end = 0
    for fit in found.finditer(text):
        parts.append(text[end : fit.start()])
        end = fit.end()
        check_list(len(parts))
    return [*parts, text[end:]]


def fits(text: str, pattern: str) -> list[str]:
    parts: list[str] = []
    for fit in compiled(pattern).finditer(text):
        parts.append(fit.group())
        if len(parts) > MAX_LIST:
            check_list(len(parts))
    return parts
