"""Regular expressions of FEEL, run by RE2, which never backtracks (XPath and XQuery Functions 3.1, 5.6).

RE2's syntax is close to XPath's; what differs is translated here. What RE2 cannot do (a reference back to a
group, looking ahead) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import re2

from caseloom.engine.expressions.running import MAX_STRING, check_list, too_much

MAX_PATTERN = 5_000

# Classes as they stand inside brackets; XPath's \d and \w know all scripts, RE2's only ASCII.
_NAME_START = r"\p{L}\p{Nl}_:"
_WORD = r"\p{L}\p{M}\p{N}\p{S}"
_CLASSES: Mapping[str, str] = {
    r"\d": r"\p{Nd}",
    r"\D": r"\P{Nd}",
    r"\s": r" \t\n\r",
    r"\w": _WORD,
    r"\W": r"\p{P}\p{Z}\p{C}",
    r"\i": _NAME_START,
    r"\c": rf"{_NAME_START}\p{{M}}\p{{N}}.·\-",
}
_NEGATED: Mapping[str, str] = {r"\S": r"\s", r"\I": r"\i", r"\C": r"\c"}
_SINGLE_ESCAPES = frozenset("nrt\\|.?*+(){}-[]^$")
_BLOCKS: Mapping[str, str] = {
    "BasicLatin": r"\x00-\x7F",
    "Latin-1Supplement": r"\x{80}-\x{FF}",
    "LatinExtended-A": r"\x{100}-\x{17F}",
    "LatinExtended-B": r"\x{180}-\x{24F}",
    "IPAExtensions": r"\x{250}-\x{2AF}",
    "Greek": r"\x{370}-\x{3FF}",
    "GreekandCoptic": r"\x{370}-\x{3FF}",
    "Cyrillic": r"\x{400}-\x{4FF}",
    "Armenian": r"\x{530}-\x{58F}",
    "Hebrew": r"\x{590}-\x{5FF}",
    "Arabic": r"\x{600}-\x{6FF}",
    "GeneralPunctuation": r"\x{2000}-\x{206F}",
    "CurrencySymbols": r"\x{20A0}-\x{20CF}",
    "Hiragana": r"\x{3040}-\x{309F}",
    "Katakana": r"\x{30A0}-\x{30FF}",
    "CJKUnifiedIdeographs": r"\x{4E00}-\x{9FFF}",
}
_PARTS = re.compile(r"(\\[pP]\{[^}]*\})|(\\.)|(\[\^?)|(.)", re.DOTALL)
_IN_REPLACEMENT = re.compile(r"\\(.)|\$(\d+)|(\\|\$)", re.DOTALL)


def compiled(pattern: str, flags: str = "") -> Any:
    """The pattern, ready to be used; raises `ValueError` for what is none."""
    if len(pattern) > MAX_PATTERN:
        too_much(f"a pattern has more than {MAX_PATTERN:,} characters")
    return _compiled(pattern, flags)


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: str) -> Any:
    if set(flags) - set("smixq"):
        raise ValueError(f"“{flags}” are no flags; there are s, m, i, x and q.")
    if "q" in flags:
        translated = re2.escape(pattern)
    else:
        spaced = _without_space(pattern) if "x" in flags else pattern
        translated = "".join(_translated(spaced, "s" in flags))
    switches = "".join(flag for flag in "smi" if flag in flags)
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(f"(?{switches}){translated}" if switches else translated, options)
    except re2.error as wrong:
        raise ValueError(f"“{pattern}” is no pattern that can be used here.") from wrong


def _without_space(pattern: str) -> str:
    """Flag x: white space means nothing outside of brackets."""
    depth = 0
    kept: list[str] = []
    for place, letter in enumerate(pattern):
        if pattern[place - 1 : place] != "\\":
            depth += (letter == "[") - (letter == "]")
        if depth or letter not in " \t\n\r":
            kept.append(letter)
    return "".join(kept)


def _translated(pattern: str, dot_is_all: bool) -> Iterator[str]:
    place = 0
    while found := _PARTS.match(pattern, place):
        category, escape, opens, plain = found.groups()
        place = found.end()
        if category:
            yield _category(category, bracketed=False)
        elif escape:
            yield _escape(escape, bracketed=False)
        elif opens:
            text, place = _bracket(pattern, found.start())
            yield text
        elif plain == "." and not dot_is_all:
            yield r"[^\n\r]"
        else:
            _refuse_extensions(pattern, found.start())
            yield plain


def _refuse_extensions(pattern: str, place: int) -> None:
    if pattern.startswith("(?", place) and not pattern.startswith("(?:", place):
        raise ValueError("only (?: may follow an opening parenthesis here.")


def _category(text: str, *, bracketed: bool) -> str:
    """`\\p{Lu}` is RE2's as well; a block such as `\\p{IsGreek}` is a range of letters."""
    name = text[3:-1]
    if not name.startswith("Is"):
        return text
    block = _BLOCKS.get(name[2:])
    if block is None or (bracketed and text[1] == "P"):
        raise ValueError(f"the block of letters “{name}” is not known here.")
    if bracketed:
        return block
    return f"[^{block}]" if text[1] == "P" else f"[{block}]"


def _escape(text: str, *, bracketed: bool) -> str:
    if text in _CLASSES:
        return _CLASSES[text] if bracketed else f"[{_CLASSES[text]}]"
    if text in _NEGATED and not bracketed:
        return f"[^{_CLASSES[_NEGATED[text]]}]"
    if text == r"\S":
        return r"\S"
    if text[1] not in _SINGLE_ESCAPES:
        raise ValueError(f"“{text}” cannot be used in a pattern here.")
    return text


def _bracket(pattern: str, start: int) -> tuple[str, int]:
    """A class in brackets, and where it ends; a subtraction (`[a-z-[aeiou]]`) is worked out here."""
    found = _PARTS.match(pattern, start)
    negated = found is not None and found.group().endswith("^")
    place = start + 1 + negated
    parts: list[str] = []
    while found := _PARTS.match(pattern, place):
        category, escape, opens, plain = found.groups()
        if plain == "]" and parts:
            return f"[{'^' if negated else ''}{''.join(parts)}]", found.end()
        if opens:
            return _subtracted(pattern, parts, negated, found.start())
        parts.append(_inside(category, escape, plain))
        place = found.end()
    raise ValueError("a bracket is not closed.")


def _inside(category: str | None, escape: str | None, plain: str | None) -> str:
    if category:
        return _category(category, bracketed=True)
    return _escape(escape, bracketed=True) if escape else plain or ""


def _subtracted(pattern: str, parts: list[str], negated: bool, start: int) -> tuple[str, int]:
    if not parts or parts[-1] != "-" or negated or pattern.startswith("[^", start):
        raise ValueError("a bracket in a bracket must be a subtraction of plain letters.")
    end = pattern.find("]]", start)
    if end < 0:
        raise ValueError("a bracket is not closed.")
    without = _letters(list(pattern[start + 1 : end]))
    left = sorted(_letters(parts[:-1]) - without)
    if not left:
        raise ValueError("a bracket leaves no letter.")
    return "[" + "".join(rf"\x{{{letter:X}}}" for letter in left) + "]", end + 2


def _letters(parts: list[str]) -> set[int]:
    """The letters of a class that has nothing but letters and ranges of them."""
    letters: set[int] = set()
    place = 0
    while place < len(parts):
        part = parts[place]
        if len(part) != 1:
            raise ValueError("a subtraction can hold plain letters only.")
        last = part
        if place + 2 < len(parts) and parts[place + 1] == "-":
            last = parts[place + 2]
            place += 2
        if len(last) != 1 or not 0 <= ord(last) - ord(part) < 1_000:
            raise ValueError("a subtraction can hold short ranges of letters only.")
        letters.update(range(ord(part), ord(last) + 1))
        place += 1
    return letters


def replaced(text: str, pattern: str, replacement: str, flags: str) -> str:
    """Every fit replaced; `$1` stands for a group."""
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
    """The parts between the fits."""
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
    """All fits, in order."""
    parts: list[str] = []
    for fit in compiled(pattern).finditer(text):
        parts.append(fit.group())
        check_list(len(parts))
    return parts
