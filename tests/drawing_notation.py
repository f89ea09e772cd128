"""Reads the one-line notation (see `drawing`) into a small tree of frozen values; knows no XML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import NoReturn

TAKES_NO_ARGUMENT = frozenset(
    {"end", "terminate", "task", "manual", "event", "throw-compensation", "end-compensation"}
)
CLOSING = {"(": ")", "[": "]", "{": "}"}
QUOTES = "'\""

_WORD = re.compile(r"[^\s>|()\[\]{}<^#~'\"]+")
_SCRIPT = re.compile(r"\s*([A-Za-z_]\w*)\s*:=\s*")
_SUFFIX = r"\s+(?:each\s+\w+\s+in\b|\d+\s+times\b|until\b|again\s+while\b|enough\s+when\b|\+\w)"
_NAME = re.compile(rf"\s*((?:(?!{_SUFFIX})[^>|()\[\]{{}}<^#~])*)")
_SCOPE_NAME = re.compile(r"\s*([^:>|()\[\]{}<^#~@!]+):(?!=)")
_UNTIL = re.compile(r"\s*\buntil\b\s*")
_EACH = re.compile(r"\s*each\s+(\w+)\s+in\s+")
_TIMES = re.compile(r"\s*(\d+)\s+times\b")
_IN_TURN = re.compile(r"\s*in\s+turn\b")
_ENOUGH = re.compile(r"\s*enough\s+when\s+")
_AGAIN = re.compile(r"\s*again\s+while\s+")
_WHEN = re.compile(r"\s*when\s+(\d+)\b")
_ID = re.compile(r"\s*#(\w+)")
_ATTRIBUTE = re.compile(r"\s*([\w.]+)=")
_BOUNDARY = re.compile(r"\s*([\^+])(\w+)\s*")
_DEFAULT = re.compile(r"else\s*\Z")


class NotationError(Exception):
    """The line cannot be read; the message shows where."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Multi-instance: over a collection, or so many times; or a standard loop, `again` while this holds."""

    collection: str | None = None
    item: str | None = None
    times: str | None = None
    in_turn: bool = False
    enough: str | None = None
    again: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    condition: str | None
    default: bool
    path: Sequence


@dataclass(frozen=True, slots=True)
class Block:
    """Branches that run together (round brackets), or of which one runs (square ones); `when` so many are enough."""

    together: bool
    branches: tuple[Branch, ...]
    when: int | None = None


@dataclass(frozen=True, slots=True)
class Boundary:
    kind: str
    argument: str | None
    interrupting: bool
    path: Sequence


@dataclass(frozen=True, slots=True)
class Step:
    """An activity or event; `kind` is `user`, `script`, `service`, `scope`, or the word behind the `@`."""

    kind: str
    name: str
    _: KW_ONLY
    argument: str | None = None
    id: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    repeat: Repeat | None = None
    boundaries: tuple[Boundary, ...] = ()
    body: Sequence | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """Items one after the other; `direct` holds the positions of items that a `~>` leads to.

    `leads_on` says that an arrow at the end leads back to the main line.
    """

    items: tuple[Step | Block | Sequence, ...] = ()
    _: KW_ONLY
    direct: frozenset[int] = frozenset()
    until: str | None = None
    leads_on: bool = False


def read(text: str) -> Sequence:
    reader = _Reader(text)
    sequence = reader.path()
    if reader.rest():
        reader.fail("nothing more was expected")

    return sequence


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, message: str) -> NoReturn:
        raise NotationError(f"{message}:\n    {self.text}\n    {' ' * self.at}^")

    def rest(self) -> str:
        """What is still to be read, white space dropped."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

        return self.text[self.at :]

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()

        return match

    def accept(self, token: str) -> bool:
        found = self.rest().startswith(token)
        if found:
            self.at += len(token)

        return found

    def expect(self, token: str) -> None:
        if not self.accept(token):
            self.fail(f"expected “{token}”")

    def path(self) -> Sequence:
        sequence = self.sequence()
        if sequence.leads_on:
            self.fail("an arrow that leads on stands only in the path of a boundary event")

        return sequence

    def sequence(self) -> Sequence:
        items: list[Step | Block | Sequence] = []
        direct = set()
        leads_on = False
        while not self.at_closing() and not self.until_ahead():
            leads_on = False
            items.append(self.item())
            if self.accept("~>"):
                direct.add(len(items))
            elif not self.accept(">"):
                break
            leads_on = True
        if not items and self.accept(">"):
            leads_on = True
        if leads_on and len(items) in direct:
            self.fail("“~>” leads nowhere")
        until = self.until()

        return Sequence(tuple(items), direct=frozenset(direct), until=until, leads_on=leads_on)

    def at_closing(self) -> bool:
        return self.rest()[:1] in ("", "|", ")", "]", "}") or (self.rest()[:1] == ">")

    def until_ahead(self) -> bool:
        return bool(_UNTIL.match(self.text, self.at))

    def until(self) -> str | None:
        if not self.take(_UNTIL):
            return None

        return self.balanced(stop="|)]}")

    def item(self) -> Step | Block | Sequence:
        opening = self.rest()[:1]
        if opening == "(" or opening == "[":
            return self.block(opening)
        if opening == "{":
            return self.suffixes(self.scope())
        if script := self.take(_SCRIPT):
            return Step("script", script[0].strip()[:-2].strip(), argument=self.balanced(stop=">|)]}"))

        return self.suffixes(self.step(opening))

    def block(self, opening: str) -> Block | Sequence:
        self.expect(opening)
        branches = [self.branch()]
        while self.accept("|"):
            branches.append(self.branch())
        self.expect(CLOSING[opening])
        only = branches[0]
        if opening == "(" and len(branches) == 1 and only.condition is None:
            return only.path
        if len(branches) == 1:
            branches.append(Branch(None, True, Sequence()))

        enough = self.take(_WHEN) if opening == "(" else None

        return Block(opening == "(", tuple(branches), int(enough[1]) if enough else None)

    def branch(self) -> Branch:
        start = self.at
        condition = self.balanced(stop=":|)]}")
        if not self.text.startswith(":", self.at) or self.text.startswith(":=", self.at):
            self.at = start
            return Branch(None, False, self.path())
        self.expect(":")
        default = bool(_DEFAULT.match(condition))

        return Branch(None if default else condition, default, self.path())

    def scope(self) -> Step:
        self.expect("{")
        name = self.take(_SCOPE_NAME)
        body = self.path()
        self.expect("}")

        return Step("scope", name[1].strip() if name else "Scope", body=body)

    def step(self, opening: str) -> Step:
        if opening == "!":
            self.expect("!")
            topic = self.argument()
            return Step("service", self.name() or topic, argument=topic)
        if opening == "@":
            self.expect("@")
            return self.special(self.word())
        name = self.name()
        if not name:
            self.fail("expected a step")

        return Step("user", name)

    def special(self, kind: str) -> Step:
        argument = None if kind in TAKES_NO_ARGUMENT else self.argument()

        return Step(kind, self.name(), argument=argument)

    def word(self) -> str:
        self.rest()
        match = self.take(_WORD)
        if match is None:
            self.fail("expected a word")

        return match[0]

    def name(self) -> str:
        match = self.take(_NAME)

        return match[1].strip() if match else ""

    def argument(self) -> str:
        """One word, or anything in quotes or round brackets, which are taken off."""
        first = self.rest()[:1]
        if first and first in QUOTES:
            return self.quoted()[1:-1]
        if first == "(":
            self.expect("(")
            text = self.balanced(stop=")")
            self.expect(")")
            return text

        return self.word()

    def quoted(self) -> str:
        end = self.text.find(self.text[self.at], self.at + 1)
        if end < 0:
            self.fail("this quotation does not end")
        start, self.at = self.at, end + 1

        return self.text[start : self.at]

    def balanced(self, *, stop: str) -> str:
        """An expression: up to a stop character that stands in no quotation and no bracket."""
        start = self.at
        open_brackets: list[str] = []
        while self.at < len(self.text):
            sign = self.text[self.at]
            if self.at_quotation():
                self.quoted()
                continue
            if not open_brackets and sign in stop and not self.text.startswith(">=", self.at):
                break
            if sign in CLOSING:
                open_brackets.append(CLOSING[sign])
            elif open_brackets and sign == open_brackets[-1]:
                open_brackets.pop()
            self.at += 1
        text = self.text[start : self.at]
        if text.endswith("~") and self.text.startswith(">", self.at):
            self.at -= 1
            text = text[:-1]

        return text.strip()

    def at_quotation(self) -> bool:
        """An apostrophe within a word is none."""
        return self.text[self.at] in QUOTES and not self.text[max(self.at - 1, 0)].isalnum()

    def suffixes(self, step: Step) -> Step:
        id = self.take(_ID)

        return replace(
            step,
            id=id[1] if id else None,
            attributes=self.attributes(),
            repeat=self.repeat(),
            boundaries=tuple(self.boundaries()),
        )

    def attributes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        if not self.accept("<"):
            return found
        while key := self.take(_ATTRIBUTE):
            found[key[1]] = self.argument()
        self.expect(">")

        return found

    def repeat(self) -> Repeat | None:
        if each := self.take(_EACH):
            return Repeat(self.argument(), each[1], None, self.in_turn(), self.enough())
        if times := self.take(_TIMES):
            return Repeat(None, None, times[1], self.in_turn(), self.enough())
        if self.take(_AGAIN):
            return Repeat(again=self.argument())

        return None

    def in_turn(self) -> bool:
        return bool(self.take(_IN_TURN))

    def enough(self) -> str | None:
        return self.argument() if self.take(_ENOUGH) else None

    def boundaries(self) -> Iterator[Boundary]:
        while mark := self.take(_BOUNDARY):
            yield self.boundary(mark[2], interrupting=mark[1] == "^")

    def boundary(self, kind: str, *, interrupting: bool) -> Boundary:
        argument = None if self.rest()[:1] == "(" else self.argument()
        self.expect("(")
        path = self.sequence()
        self.expect(")")

        return Boundary(kind, argument, interrupting, path)
