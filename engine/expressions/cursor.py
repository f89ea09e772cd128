"""Where a FEEL reader stands in the text: its tokens, the names it knows, and how it says what is wrong.

A FEEL name may hold spaces and operator signs (`monthly income`, `a-b`). Which words belong together is only
known from the names that are in scope, so the reader is given them; the longest known name wins. Where none
is known, every word is a name of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions.kinds import Kind
from caseloom.engine.expressions.lexer import Token, fault, string_value, tokens_of

MAX_DEPTH = 60

Words = tuple[str, ...]
NameTable = dict[str, list[tuple[Words, str]]]


@lru_cache(maxsize=4096)
def words_of(name: str) -> Words:
    """A name as the lexer would split it; none where it can only be written in quotation marks."""
    try:
        return tuple(token.text for token in tokens_of(name)[:-1])
    except ExpressionError:
        return ()


def normal_name(name: str) -> str:
    """Names that differ only in white space are the same name."""
    return " ".join(name.split())


def add_name(table: NameTable, name: str) -> None:
    words = words_of(name)
    if len(words) < 2:
        return
    longest_first = table.setdefault(words[0], [])
    longest_first.append((words, normal_name(name)))
    longest_first.sort(key=lambda entry: -len(entry[0]))


@lru_cache(maxsize=512)
def table_of(names: frozenset[str]) -> NameTable:
    table: NameTable = {}
    for name in names:
        add_name(table, name)
    return table


class Cursor:
    """A place in the text of one expression."""

    def __init__(
        self, text: str, names: frozenset[str], functions: frozenset[str], kinds: Mapping[str, Kind]
    ) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.at = 0
        self.token = self.tokens[0]
        self.depth = 0
        self.kinds = kinds
        given = table_of(names)
        self.tables: list[NameTable] = [table_of(functions), given, {}]
        self.seen: NameTable = {}
        self.steps = (given, self.seen)

    def advance(self) -> Token:
        token = self.token
        if token.kind == "end":
            raise self.misplaced("something more")
        self.at += 1
        self.token = self.tokens[self.at]
        return token

    def skip_to(self, at: int) -> None:
        self.at = at
        self.token = self.tokens[at]

    def is_sign(self, sign: str) -> bool:
        return self.token.kind == "sign" and self.token.text == sign

    def is_word(self, word: str) -> bool:
        return self.token.kind == "name" and self.token.text == word

    def accept(self, sign: str) -> bool:
        if not self.is_sign(sign):
            return False
        self.advance()
        return True

    def accept_word(self, word: str) -> bool:
        if not self.is_word(word):
            return False
        self.advance()
        return True

    def expect(self, sign: str, why: str) -> None:
        if not self.accept(sign):
            raise self.misplaced(f"“{sign}” {why}")

    def expect_word(self, word: str, why: str) -> None:
        if not self.accept_word(word):
            raise self.misplaced(f"“{word}” {why}")

    def misplaced(self, wanted: str) -> ExpressionError:
        """The error that says what stands here, and what was expected; to be raised."""
        token = self.token
        found = "the expression ends" if token.kind == "end" else f"“{token.text}” stands"
        return fault(self.text, token.start, f"{found} where {wanted} was expected")

    def too_deep(self) -> ExpressionError:
        what = f"this expression nests more than {MAX_DEPTH} levels deep"
        return fault(self.text, self.token.start, what)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.too_deep()
        yield
        self.depth -= 1

    def declare(self, name: str) -> None:
        add_name(self.tables[-1], name)
        add_name(self.seen, name)

    @contextmanager
    def block(self, *names: str) -> Iterator[None]:
        self.tables.append({})
        for name in names:
            self.declare(name)
        yield
        self.tables.pop()

    def known_name(self) -> str | None:
        """Takes the longest known name of several words that starts here, if there is one."""
        word = self.token.text
        best: tuple[Words, str] | None = None
        for table in self.tables:
            for words, name in table.get(word, ()):
                if (best is None or len(words) > len(best[0])) and self.reads(words):
                    best = words, name
        return self.take(best)

    def take(self, found: tuple[Words, str] | None) -> str | None:
        if found is None:
            return None
        self.skip_to(self.at + len(found[0]))
        return found[1]

    def reads(self, words: Words) -> bool:
        here = self.tokens[self.at : self.at + len(words)]
        return tuple(token.text for token in here) == words

    def name_until(self, ends: Callable[[Token], bool], what: str) -> str:
        """A name that is being introduced: all that stands before its end belongs to it."""
        if self.token.kind == "string":
            return string_value(self.advance().text)
        if self.token.kind not in ("name", "quoted"):
            raise self.misplaced(what)
        if self.token.kind == "quoted":
            return normal_name(self.advance().text[1:-1])
        start, end = self.token.start, self.token.end
        while not ends(self.token) and self.token.kind != "end":
            end = self.advance().end
        return normal_name(self.text[start:end])
