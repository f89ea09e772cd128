"""What a rule is: one function that looks at a diagram and yields remarks.

A decorator gives the function its code and severity; its docstring is its entry in `docs/checks.md`.
Rules look at executable processes, since the others are drawings. Adding one: write it, list it in its
module's RULES, and give a valid and an invalid example in the tests.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from caseloom.diagrams.model import Document, EventDefinition, Flow, Node, Process, Scope
from caseloom.diagrams.soundness import Soundness
from caseloom.engine.errors import Finding, Severity


@dataclass(frozen=True, slots=True)
class Remark:
    """What a rule has to say about one element; the rule adds its code and severity."""

    element_id: str | None
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class KnownThings:
    """What a diagram may refer to besides the files it comes with; `topics=None`: anything may be served."""

    processes: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    topics: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else there is: what is deployed together, and what is known already."""

    documents: tuple[Document, ...]
    decisions: frozenset[str]
    forms: frozenset[str]
    known: KnownThings
    soundness: Callable[[Process], Soundness]

    def process(self, process_id: str) -> Process | None:
        for document in self.documents:
            for process in document.executable:
                if process.id == process_id:
                    return process
        return None


Examination = Callable[[Document, Surroundings], Iterable[Remark]]


@dataclass(frozen=True, slots=True)
class Rule:
    code: str
    severity: Severity
    examine: Examination
    about: str

    def findings(self, document: Document, surroundings: Surroundings) -> Iterator[Finding]:
        for remark in self.examine(document, surroundings):
            yield Finding(
                document.file, remark.element_id, remark.line, self.severity, self.code, remark.message
            )


def on(element: Node | Flow | Scope, message: str) -> Remark:
    return Remark(element.id or None, element.line, message)


def on_event(node: Node, event: EventDefinition, message: str) -> Remark:
    """The remark is about the event's definition; pages mark the event that holds it."""
    return Remark(node.id, event.line, message)


def process_rule(
    code: str, severity: Severity = Severity.ERROR
) -> Callable[[Callable[[Process], Iterable[Remark]]], Rule]:
    """For a rule that needs one process and nothing else."""

    def wrap(function: Callable[[Process], Iterable[Remark]]) -> Rule:
        def examine(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
            for process in document.examined:
                yield from function(process)

        return Rule(code, severity, examine, _about(function))

    return wrap


def scope_rule(
    code: str, severity: Severity = Severity.ERROR
) -> Callable[[Callable[[Scope], Iterable[Remark]]], Rule]:
    """For a rule that looks at every process and sub-process by itself."""

    def wrap(function: Callable[[Scope], Iterable[Remark]]) -> Rule:
        def examine(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
            for process in document.examined:
                for scope in process.scopes():
                    yield from function(scope)

        return Rule(code, severity, examine, _about(function))

    return wrap


def document_rule(code: str, severity: Severity = Severity.ERROR) -> Callable[[Examination], Rule]:
    """For a rule that needs the whole file, or what lies around it."""

    def wrap(function: Examination) -> Rule:
        return Rule(code, severity, function, _about(function))

    return wrap


def _about(function: Callable[..., object]) -> str:
    return inspect.cleandoc(function.__doc__ or "")
