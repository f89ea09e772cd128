"""Random process models for property-based tests, built of blocks so that they are sound by construction.

    @given(random_diagrams(size=8, without={"call"}))
    def test_every_case_ends(diagram):
        engine.deploy(("random.bpmn", diagram.xml))
        case = engine.start("case", data=diagram.start_data)

A model is a line of the notation (see `drawing`), so a failing example prints as something one can read and
draw again. Whatever a condition reads is listed in `values` with all that it may hold: start with
`start_data`, and let completing a task set any of them. Every choice has a default, every loop holds a user
task and is left with the start data; nobody waits for something that cannot come, if messages are sent and
clocks go on. The called processes share all data with their caller.

Three features make a model legal but unsafe. With `implicit_merge` a second token follows the first through
the last task of a scope; the path of a `non_interrupting` event may be taken again while it is still under
way; and by `overtaking` a loop goes on while branches that its complex gateway did not wait for are still
under way. Leave them out where a test asks for one token in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random
from typing import Any, TypeAlias

from drawing import draw_all
from hypothesis import strategies as st

Value: TypeAlias = bool | int | list[str]

BOOLEANS: tuple[Value, ...] = (False, True)
ENDING: tuple[Value, ...] = (True, False)
NUMBERS: tuple[Value, ...] = (1, 2, 3)
COLLECTIONS: tuple[Value, ...] = (["a", "b"], ["a"], ["a", "b", "c"], [])
BOUNDARIES = ("timer P2D", "message {}", "signal {}")
UNSAFE = frozenset({"implicit_merge", "non_interrupting", "overtaking"})
MAX_DEPTH = 4


@dataclass(frozen=True)
class RandomDiagram:
    """`lines` holds a line of notation for each process; the one to start is `case`."""

    lines: Mapping[str, str]
    values: Mapping[str, tuple[Value, ...]]
    messages: tuple[str, ...]
    features: frozenset[str]

    @cached_property
    def xml(self) -> bytes:
        return draw_all(**self.lines)

    @property
    def unsafe(self) -> bool:
        """May two tokens stand in one place?"""
        return bool(self.features & UNSAFE)

    @property
    def choices(self) -> dict[str, tuple[Value, ...]]:
        """What completing a task may set: all but the counters of scripts."""
        return {name: values for name, values in self.values.items() if name[0] == "c"}

    @property
    def start_data(self) -> dict[str, Value]:
        return {name: values[0] for name, values in self.values.items()}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something is drawn. In an `alone` place there is one token, so its line may end early.

    From a `quiet` place no signal is thrown: a way that begins again and again could call itself, without end.
    """

    budget: int
    depth: int = 0
    alone: bool = True
    quiet: bool = False

    def inside(self, budget: int, *, alone: bool, quiet: bool = False) -> _Place:
        return _Place(max(budget, 1), self.depth + 1, alone, self.quiet or quiet)

    def scope(self) -> _Place:
        """The whole of a sub-process or called process drawn here."""
        return self.inside(self.budget - 1, alone=True)


@dataclass(slots=True)
class _Author:
    """Writes one model; `pick` makes each of its choices."""

    pick: Callable[[Sequence[Any]], Any]
    without: Collection[str]
    counts: dict[str, int] = field(default_factory=dict)
    values: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    signals: list[str] = field(default_factory=list)
    features: set[str] = field(default_factory=set)
    lines: dict[str, str] = field(default_factory=dict)

    def name(self, stem: str) -> str:
        self.counts[stem] = self.counts.get(stem, 0) + 1

        return f"{stem}{self.counts[stem]}"

    def variable(self, values: tuple[Value, ...]) -> str:
        name = self.name("c")
        self.values[name] = values

        return name

    def message(self) -> str:
        self.messages.append(self.name("m"))

        return self.messages[-1]

    def signal(self) -> str:
        """A new signal, or one that something else waits for too."""
        if not self.signals or self.flip():
            self.signals.append(self.name("s"))

        return self.pick(self.signals)

    def flip(self) -> bool:
        return bool(self.pick((False, True)))

    def line(self, place: _Place) -> str:
        """Some pieces one after the other; at least one of them is there."""
        pieces: list[str] = []
        left = place.budget
        while left > 0 and (not pieces or self.pick(range(3 + 1)) > 0):
            share = self.pick(range(1, left + 1))
            pieces.append(self.piece(replace(place, budget=share)))
            left -= share

        return " > ".join(pieces)

    def whole(self, place: _Place) -> str:
        """A line that fills a scope, so that tokens which were never joined may end there one by one."""
        line = self.line(place)
        if "implicit_merge" in self.without or self.pick(range(9 + 1)) < 9:
            return line
        self.features.add("implicit_merge")

        return f"{line} > ( {self.name('T')} | {self.name('T')} ) ~> {self.name('T')}"

    def piece(self, place: _Place) -> str:
        possible = [name for name in FEATURES if name not in self.without and _fits(name, place)]
        feature = self.pick(["task", "task", "task", *possible])
        if feature == "task":
            return self.name("T")
        self.features.add(feature)

        return FEATURES[feature](self, place)


def _fits(feature: str, place: _Place) -> bool:
    if place.depth >= MAX_DEPTH:
        return False

    if place.quiet and feature == "signal":
        return False

    return place.budget >= (1 if feature in CHEAP else 2) and (place.alone or feature not in ONLY_ALONE)


def _exclusive(author: _Author, place: _Place) -> str:
    half = place.inside(place.budget // 2, alone=place.alone)
    if author.flip():
        condition = author.variable(BOOLEANS)
        return f"[ {condition}: {author.line(half)} | else: {_perhaps(author, half)} ]{_arrow(author)}"
    number = author.variable(NUMBERS)
    branches = f"{number} = 2: {author.line(half)} | {number} = 3: {_perhaps(author, half)}"

    return f"[ {branches} | else: {author.line(half)} ]{_arrow(author)}"


def _perhaps(author: _Author, place: _Place) -> str:
    return author.line(place) if author.flip() else ""


def _arrow(author: _Author) -> str:
    """Exclusive branches may lead into the next step without a merging gateway."""
    if author.flip():
        return ""
    author.features.add("merge_without_gateway")

    return f" ~> {author.name('T')}"


def _parallel(author: _Author, place: _Place) -> str:
    return f"( {' | '.join(_branches(author, place))} )"


def _implicit_split(author: _Author, place: _Place) -> str:
    return f"{author.name('T')} ~> ( {' | '.join(_branches(author, place))} )"


def _branches(author: _Author, place: _Place) -> list[str]:
    number = author.pick(range(2, min(3, place.budget) + 1))
    part = place.inside(place.budget // number, alone=False)

    return [author.line(part) for _ in range(number)]


def _inclusive(author: _Author, place: _Place) -> str:
    return f"( {_conditional(author, place)} )"


def _conditional_flows(author: _Author, place: _Place) -> str:
    return f"{author.name('T')} ~> ( {_conditional(author, place)} )"


def _conditional(author: _Author, place: _Place) -> str:
    branches = [f"{author.variable(BOOLEANS)}: {branch}" for branch in _branches(author, place)]
    if author.flip():
        return " | ".join(["true: ", *branches])

    return " | ".join([*branches, f"else: {author.name('T')}"])


def _loop(author: _Author, place: _Place) -> str:
    body = author.line(place.inside(place.budget - 1, alone=place.alone, quiet=True))

    return f"( {body} > {author.name('T')} until {author.variable(ENDING)} )"


def _race(author: _Author, place: _Place) -> str:
    half = place.inside(place.budget // 2, alone=place.alone)
    message = f"@message {author.message()} > {_line_or_task(author, half)}"

    return f"[ {message} | @timer P1D {author.name('Waited')} > {_line_or_task(author, half)} ]"


def _line_or_task(author: _Author, place: _Place) -> str:
    return author.line(place) if author.flip() else author.name("T")


def _scope(author: _Author, place: _Place) -> str:
    return f"{_sub_process(author, place)}{_boundaries(author, place) if author.flip() else ''}"


def _sub_process(author: _Author, place: _Place) -> str:
    return f"{{ {author.name('S')}: {author.whole(place.scope())} }}"


def _boundary(author: _Author, place: _Place) -> str:
    return f"{author.name('T')}{_boundaries(author, place)}"


def _boundaries(author: _Author, place: _Place) -> str:
    trigger = author.pick(BOUNDARIES)
    if "{}" in trigger:
        trigger = trigger.format(author.signal() if "signal" in trigger else author.message())
    inside = place.inside(place.budget - 1, alone=place.alone)
    if "non_interrupting" not in author.without and author.flip():
        author.features.add("non_interrupting")
        return f" +{trigger} ( {author.whole(replace(inside, alone=True, quiet=True))} )"
    author.features.add("interrupting")
    if place.alone and author.flip():
        return f" ^{trigger} ( {author.line(inside)} )"

    return f" ^{trigger} ( {_leading(_perhaps(author, inside))}> )"


def _leading(path: str) -> str:
    return f"{path} " if path else ""


def _error(author: _Author, place: _Place) -> str:
    code = author.name("e")
    body, thrown = author.line(place.scope()), _thrown(author, code)
    if author.flip():
        author.features.add("handler")
        caught = f"{{ {author.name('H')}: @start-error {code} > {author.name('T')} }}"
        return f"{{ {author.name('S')}: {body} > {caught} > {thrown} }}"

    return f"{{ {author.name('S')}: {body} > {thrown} }} ^error {code} ( {author.name('T')} > )"


def _thrown(author: _Author, code: str) -> str:
    return f"[ {author.variable(BOOLEANS)}: @error {code} | else: {author.name('T')} ]"


def _escalation(author: _Author, place: _Place) -> str:
    code = author.name("e")
    half = replace(place.scope(), budget=max(place.budget // 2, 1))
    body = f"{author.line(half)} > @throw-escalation {code} > {author.line(half)}"
    if author.flip():
        author.features.add("interrupting")
        return f"{{ {author.name('S')}: {body} }} ^escalation {code} ( {author.name('T')} > )"
    if "non_interrupting" in author.without:
        author.features.add("handler")
        caught = f"{{ {author.name('H')}: @start-escalation {code} > {author.name('T')} }}"
        return f"{{ {author.name('S')}: {body} > {caught} }}"
    author.features.add("non_interrupting")

    return f"{{ {author.name('S')}: {body} }} +escalation {code} ( {author.name('T')} )"


def _handler(author: _Author, place: _Place) -> str:
    """A sub-process with an event sub-process, which stops the rest or runs beside it."""
    half = replace(place.scope(), budget=max(place.budget // 2, 1))
    trigger = author.pick(["message", "signal", "timer"])
    what = {"message": author.message, "signal": author.signal}.get(trigger, lambda: "P3D")()
    beside = "" if author.flip() else " <isInterrupting=false>"
    if beside:
        author.features.add("handler_beside")
    handled = author.line(replace(half, quiet=half.quiet or bool(beside)))
    inner = f"{{ {author.name('H')}: @start-{trigger} {what}{beside} > {handled} }}"

    return f"{{ {author.name('S')}: {author.line(half)} > {inner} }}"


def _signal(author: _Author, place: _Place) -> str:
    return f"@throw-signal {author.signal()}"


def _standard_loop(author: _Author, place: _Place) -> str:
    """Each round begins with a wait: a loop without one would never rest."""
    condition = author.variable(BOOLEANS)
    if author.flip():
        return f"{author.name('T')} again while {condition}"
    body = f"{author.name('T')} > {author.whole(place.scope())}"

    return f"{{ {author.name('S')}: {body} }} again while {condition}"


def _complex(author: _Author, place: _Place) -> str:
    """Some of the branches are enough to go on; the others come later and lead nowhere."""
    branches = _branches(author, replace(place, budget=max(place.budget, 3)))
    least = len(branches) if place.quiet and "overtaking" in author.without else 1
    enough = author.pick(range(least, len(branches) + 1))
    if place.quiet and enough < len(branches):
        author.features.add("overtaking")

    return f"( {' | '.join(branches)} ) when {enough}"


def _catch(author: _Author, place: _Place) -> str:
    own = place.quiet  # what begins again with a signal could wait for that very signal, without end
    events = [
        f"@message {author.message()}",
        f"@signal {author.name('s') if own else author.signal()}",
        "@timer P1D",
        f"@receive {author.message()}",
    ]

    return f"{author.pick(events)} {author.name('Wait')}"


def _service(author: _Author, place: _Place) -> str:
    return f"!topic {author.name('Do')}"


def _compensation(author: _Author, place: _Place) -> str:
    """What was done in a sub-process is put right in it."""
    first, second = author.name("T"), author.name("T")
    handlers = (
        f"{first} ^compensation ( {author.name('Fix')} ) > {second} ^compensation ( {author.name('Fix')} )"
    )

    return f"{{ {author.name('S')}: {handlers} > @throw-compensation > {author.name('T')} }}"


def _terminate(author: _Author, place: _Place) -> str:
    return f"[ {author.variable(BOOLEANS)}: @terminate | else: {author.name('T')} ]"


def _end(author: _Author, place: _Place) -> str:
    early = author.line(place.inside(place.budget - 1, alone=True))

    return f"[ {author.variable(BOOLEANS)}: {early} > @end | else: ]"


def _repeat(author: _Author, place: _Place) -> str:
    host = author.name("T") if author.flip() else _sub_process(author, place)
    item = author.name("item")
    times = "2 times" if author.flip() else f"each {item} in {author.variable(COLLECTIONS)}"
    order = " in turn" if author.flip() else ""
    enough = f" enough when {author.variable(BOOLEANS)}" if author.flip() else ""

    return f"{host} {times}{order}{enough}"


def _call(author: _Author, place: _Place) -> str:
    key = author.name("part_")
    author.lines[key] = author.whole(place.scope())

    return f"@call {key}"


def _script(author: _Author, place: _Place) -> str:
    counter = author.name("x")
    author.values[counter] = (0,)

    return f"{counter} := {counter} + 1"


def _manual(author: _Author, place: _Place) -> str:
    return f"@task {author.name('Note')}"


FEATURES: Mapping[str, Callable[[_Author, _Place], str]] = {
    "exclusive": _exclusive,
    "parallel": _parallel,
    "inclusive": _inclusive,
    "loop": _loop,
    "scope": _scope,
    "boundary": _boundary,
    "error": _error,
    "repeat": _repeat,
    "race": _race,
    "call": _call,
    "script": _script,
    "task_passed": _manual,
    "end": _end,
    "terminate": _terminate,
    "implicit_split": _implicit_split,
    "conditional_flows": _conditional_flows,
    "escalation": _escalation,
    "handler": _handler,
    "signal": _signal,
    "standard_loop": _standard_loop,
    "complex": _complex,
    "catch": _catch,
    "service": _service,
    "compensation": _compensation,
}
ONLY_ALONE = frozenset({"end"})
CHEAP = frozenset(
    {"script", "task_passed", "boundary", "terminate", "signal", "catch", "service", "standard_loop"}
)


@st.composite
def random_diagrams(draw: st.DrawFn, *, size: int = 8, without: Collection[str] = ()) -> RandomDiagram:
    """Models of about `size` tasks, without the features named (`FEATURES`, and those that are unsafe)."""
    return _written(_Author(lambda options: draw(st.sampled_from(options)), without), size)


def diagram_of(random: Random, *, size: int = 8, without: Collection[str] = ()) -> RandomDiagram:
    """One such model by the dice: quicker, for where nothing has to be made smaller."""
    return _written(_Author(random.choice, without), size)


def _written(author: _Author, size: int) -> RandomDiagram:
    line = author.whole(_Place(size))

    return RandomDiagram(
        lines={"case": line, **author.lines},
        values=dict(author.values),
        messages=tuple(author.messages),
        features=frozenset(author.features),
    )
