"""What events wait for and throw: references, timers, and errors that nobody throws or catches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from lxml import etree

from caseloom.diagrams.checks.rules import Remark, Surroundings, document_rule, on, on_event, process_rule
from caseloom.diagrams.conversations import flows_at, message_of, own_message, referred
from caseloom.diagrams.model import Document, EventDefinition, Node, Process, Scope, expression_in
from caseloom.diagrams.namespaces import bpmn_child
from caseloom.engine.errors import ExpressionError, Severity
from caseloom.engine.expressions import cron
from caseloom.engine.expressions.temporal import MixedDuration, parse_date_time, parse_duration
from caseloom.engine.expressions.values import WideDuration, YearMonthDuration

TIMER_KINDS = ("timeDate", "timeDuration", "timeCycle")

_REPEATS = re.compile(r"^R(\d*)/(.+)$")
_SHORTEST_CYCLE = timedelta(seconds=1)
_VERBS = {"receiveTask": "waits for", "sendTask": "sends"}
_CATCHES = ("startEvent", "intermediateCatchEvent", "boundaryEvent")
_THROWS_ANYTHING = frozenset(
    {"serviceTask", "sendTask", "businessRuleTask", "callActivity", "userTask", "receiveTask"}
)


@document_rule("unknown-message")
def unknown_message(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
    """A message that is waited for is declared in the file, and has a name.

    What a message flow leads to waits for the message of that flow, or of its other end. A receive task without one
    waits for a message of its own name.

    Cure: choose the message in the properties panel, and name it.
    """
    for node, event in _events(document, "message"):
        reference = event.reference
        if reference is None and (node.tag not in _CATCHES or message_of(document.root, node.xml, None)):
            continue
        yield from _judged_reference(document, node, event, "message", reference)
    for node in _nodes(document):
        if node.tag in _VERBS and node.xml.get("messageRef"):
            missing = _missing(document, "message", node.xml.get("messageRef"), "name")
            if missing:
                yield on(node, f"“{node.label}” {_VERBS[node.tag]} a message {missing}.")


@document_rule("message-flow", Severity.WARNING)
def message_flow(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
    """What is sent along a message flow is what is waited for at its end: messages are found by their names.

    Cure: choose the same message at both ends.
    """
    for node in _nodes(document):
        for flow, other in flows_at(document.root, node.id):
            sent, awaited = own_message(node.xml), own_message(other)
            if referred(flow.get("sourceRef")) == node.id and sent and awaited and sent != awaited:
                ends = f"“{_name(document, sent)}” and waited for as “{_name(document, awaited)}”"
                yield on(node, f"What “{node.label}” sends along a message flow is sent as {ends}.")


def _name(document: Document, message: str) -> str:
    declared = document.definitions.get(("message", message))
    return message if declared is None else declared.get("name") or message


@document_rule("unknown-signal")
def unknown_signal(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
    """A signal that is waited for or sent is declared in the file, and has a name.

    Cure: choose the signal in the properties panel, and name it.
    """
    for node, event in _events(document, "signal"):
        yield from _judged_reference(document, node, event, "signal", event.reference)


@document_rule("unknown-error")
def unknown_error(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
    """An error that is thrown is declared in the file, and has a code.

    A boundary event or triggering start without an error catches all. Cure: choose the error, and give it a code.
    """
    for node, event in _events(document, "error"):
        if event.reference is None and node.tag != "endEvent":
            continue
        missing = _missing(document, "error", event.reference, "errorCode")
        if missing:
            verb = "throws" if node.tag == "endEvent" else "catches"
            yield on_event(node, event, f"“{node.label}” {verb} an error {missing}.")


def _judged_reference(
    document: Document, node: Node, event: EventDefinition, kind: str, reference: str | None
) -> Iterator[Remark]:
    missing = _missing(document, kind, reference, "name")
    if missing:
        verb = "waits for" if node.tag in _CATCHES else "sends"
        yield on_event(node, event, f"“{node.label}” {verb} a {kind} {missing}.")


def _missing(document: Document, kind: str, reference: str | None, word: str) -> str | None:
    """What is wrong with a reference, as the end of a sentence."""
    if not reference:
        return "but does not say which: choose one"
    declared = document.definitions.get((kind, reference.rpartition(":")[2]))
    if declared is None:
        return f"“{reference}” that the file does not declare"
    if not declared.get(word):
        return f"“{reference}” that has no {'code' if word == 'errorCode' else 'name'}: give it one"
    return None


@process_rule("wrong-timer")
def wrong_timer(process: Process) -> Iterator[Remark]:
    """A timer has one date, duration or cycle, in ISO 8601, and it can come due.

    Literal text as `PT5M`, `2026-03-01T09:00:00Z` or `R3/P1D`, without quotation marks; or an expression as
    `${wait}` or `=now() + duration("P3D")`. A cycle has a period of a second or more; it may also be a cron
    expression as `0 0 9 ? * MON-FRI`.

    Cure: write it so.
    """
    for node in process.all_nodes():
        for event in node.events:
            if event.kind != "timer":
                continue
            problem = _timer_problem(event.xml)
            if problem:
                yield on_event(node, event, f"The timer of “{node.label}” {problem}.")


def timer_of(definition: etree._Element) -> tuple[str, str] | None:
    """The kind and text of a timer: ("timeDuration", "PT5M"); None where there is not exactly one."""
    found = [
        (kind, expression_in(definition, kind))
        for kind in TIMER_KINDS
        if bpmn_child(definition, kind) is not None
    ]
    if len(found) != 1 or found[0][1] is None:
        return None
    return found[0][0], found[0][1].text


def is_computed(text: str) -> bool:
    """Whether the text is an expression and not literal."""
    return text.startswith("=") or "${" in text or "#{" in text


def _timer_problem(definition: etree._Element) -> str | None:
    timer = timer_of(definition)
    if timer is None:
        return "needs one date, duration or cycle"
    kind, text = timer
    if is_computed(text):
        return None
    if text[:1] in "\"'":
        return f"is written in quotation marks: write {text.strip(chr(34) + chr(39))} alone"
    try:
        return _PROBLEMS[kind](text)
    except ValueError:
        return f"cannot be read: “{text}” is no {_EXAMPLES[kind]}"


def _date_problem(text: str) -> str | None:
    parse_date_time(text)
    return None


def _duration_problem(text: str) -> str | None:
    return None if _length(text) >= timedelta(0) else "is negative: it would have passed before it began"


def _cycle_problem(text: str) -> str | None:
    if cron.is_cron(text):
        return _cron_problem(text)
    repeats = _REPEATS.match(text)
    if repeats is None:
        return None if _length(text) >= _SHORTEST_CYCLE else f"repeats without a pause: “{text}”"
    if repeats.group(1) == "0":
        return f"repeats zero times: “{text}”"
    *begins, period = repeats.group(2).split("/")
    if len(begins) > 1:
        raise ValueError("a cycle has a beginning and a period")
    for begin in begins:
        parse_date_time(begin)
    return None if _length(period) >= _SHORTEST_CYCLE else f"repeats without a pause: “{text}”"


def _cron_problem(text: str) -> str | None:
    try:
        cron.read(text)
    except ExpressionError as wrong:
        return f"cannot be read: {str(wrong).removesuffix('.')}"
    return None


def _length(text: str) -> timedelta:
    """About how long: a month counts as 28 days here."""
    duration = parse_duration(text)
    if isinstance(duration, MixedDuration):
        months, rest = duration
        return timedelta(days=28 * months.months) + rest
    if isinstance(duration, YearMonthDuration):
        return timedelta(days=28 * duration.months)
    if isinstance(duration, WideDuration):
        raise ValueError("finer or longer than a timer can be")
    return duration


_PROBLEMS = {"timeDate": _date_problem, "timeDuration": _duration_problem, "timeCycle": _cycle_problem}
_EXAMPLES = {
    "timeDate": "date such as 2026-03-01T09:00:00Z",
    "timeDuration": "duration such as PT5M or P14D",
    "timeCycle": "cycle such as R3/PT1H",
}


@document_rule("error-not-thrown", Severity.WARNING)
def error_not_thrown(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
    """A boundary event catches an error that something in its activity can throw.

    Cure: correct the code, or delete the event.
    """
    for process in document.examined:
        for scope in process.scopes():
            for event in scope.nodes:
                host = scope.by_id.get(event.attached_to or "")
                if host is not None and event.has_event("error") and not _can_throw(document, host, event):
                    yield on(
                        event, f"Nothing in “{host.label}” throws the error that “{event.label}” catches."
                    )


def _can_throw(document: Document, host: Node, catcher: Node) -> bool:
    if any(event.kind == "error" for event in host.told):
        return True
    if host.inner is None:
        return host.tag in _THROWS_ANYTHING
    wanted = _code(document, catcher.reference("error"))
    nodes = list(host.inner.all_nodes())
    if any(node.tag in _THROWS_ANYTHING for node in nodes):
        return True
    thrown = {_code(document, end.reference("error")) for end in nodes if _throws_error(end)}
    return bool(thrown) if wanted is None else wanted in thrown


@document_rule("escalation-not-thrown", Severity.WARNING)
def escalation_not_thrown(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
    """A boundary event catches an escalation that something in its activity can throw.

    Cure: correct the code, or delete the event.
    """
    for process in document.examined:
        for scope in process.scopes():
            for event in scope.nodes:
                host = scope.by_id.get(event.attached_to or "")
                if host is None or not event.has_event("escalation") or _can_escalate(document, host, event):
                    continue
                yield on(
                    event, f"Nothing in “{host.label}” throws the escalation that “{event.label}” catches."
                )


def _can_escalate(document: Document, host: Node, catcher: Node) -> bool:
    if any(event.kind == "escalation" for event in host.told):
        return True
    if host.inner is None:
        return host.tag == "callActivity"
    nodes = list(host.inner.all_nodes())
    if any(node.tag == "callActivity" for node in nodes):
        return True
    wanted = _escalation_code(document, catcher.reference("escalation"))
    thrown = {
        _escalation_code(document, node.reference("escalation"))
        for node in nodes
        if node.tag in ("endEvent", "intermediateThrowEvent") and node.has_event("escalation")
    }
    told = any(event.kind == "escalation" for node in nodes for event in node.told)
    return told or (bool(thrown) if wanted is None else wanted in thrown)


def _escalation_code(document: Document, reference: str | None) -> str | None:
    """The code behind a reference to an escalation; None for “any”."""
    if reference is None:
        return None
    declared = document.definitions.get(("escalation", reference.rpartition(":")[2]))
    return reference if declared is None else declared.get("escalationCode") or reference


@document_rule("error-not-caught", Severity.WARNING)
def error_not_caught(document: Document, _surroundings: Surroundings) -> Iterator[Remark]:
    """An error that an end event throws is caught on the border of a sub-process around it.

    Otherwise it goes to whoever called the process, or stops the case with an incident.

    Cure: draw an error boundary event on the sub-process, or a plain end event.
    """
    for process in document.examined:
        yield from _uncaught(document, process, [])


def _uncaught(document: Document, scope: Scope, caught: list[str | None]) -> Iterator[Remark]:
    caught = caught + list(_caught_within(document, scope))
    for node in scope.nodes:
        if _throws_error(node):
            code = _code(document, node.reference("error"))
            if code not in caught and None not in caught:
                yield on(node, f"Nobody in this process catches the error that “{node.label}” throws.")
        if node.inner is not None:
            here = [
                _code(document, event.reference("error"))
                for event in scope.boundary_events.get(node.id, ())
                if event.has_event("error")
            ]
            yield from _uncaught(document, node.inner, caught + here)


def _caught_within(document: Document, scope: Scope) -> Iterator[str | None]:
    """The codes that the event sub-processes of a scope catch."""
    for node in scope.nodes:
        for start in node.inner.start_events if node.inner is not None and node.triggered_by_event else ():
            if start.has_event("error"):
                yield _code(document, start.reference("error"))


def _throws_error(node: Node) -> bool:
    return node.tag == "endEvent" and node.has_event("error")


def _code(document: Document, reference: str | None) -> str | None:
    """The code behind a reference to an error; None for “any”."""
    if reference is None:
        return None
    declared = document.definitions.get(("error", reference.rpartition(":")[2]))
    return reference if declared is None else declared.get("errorCode") or reference


def _nodes(document: Document) -> Iterator[Node]:
    for process in document.examined:
        yield from process.all_nodes()


def _events(document: Document, kind: str) -> Iterator[tuple[Node, EventDefinition]]:
    for node in _nodes(document):
        for event in (*node.events, *node.told):
            if event.kind == kind:
                yield node, event


RULES = (
    unknown_message,
    message_flow,
    unknown_signal,
    unknown_error,
    wrong_timer,
    error_not_thrown,
    escalation_not_thrown,
    error_not_caught,
)
