"""How many tokens an activity needs and gives, and what its instances throw when they are done."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from caseloom.diagrams.checks.rules import Remark, on, on_event, process_rule
from caseloom.diagrams.model import Node, Process, expression_in, line_of
from caseloom.diagrams.namespaces import bpmn_child, bpmn_children

MOST_TOKENS = 1000
_TELLS = frozenset({"message", "signal", "error", "escalation"})
_QUANTITIES = ("startQuantity", "completionQuantity")


@process_rule("wrong-quantity")
def wrong_quantity(process: Process) -> Iterator[Remark]:
    """`startQuantity` and `completionQuantity` are whole numbers from 1 to 1000, on activities that flows lead to.

    Cure: correct the number, or take the attribute away.
    """
    for node in process.all_nodes():
        for name in _QUANTITIES:
            text = node.xml.get(name, "1").strip()
            if not (text.isdecimal() and 1 <= int(text) <= MOST_TOKENS):
                yield on(
                    node, f"The {name} of “{node.label}” is “{text}”: use a number from 1 to {MOST_TOKENS}."
                )
            elif int(text) > 1 and not _may_count(node):
                yield on(node, f"“{node.label}” has a {name}, but no tokens to count: take it away.")


def _may_count(node: Node) -> bool:
    return node.is_activity and not node.stands_apart


@process_rule("instance-events")
def instance_events(process: Process) -> Iterator[Remark]:
    """What instances throw when they complete is a message, a signal, an error or an escalation that is there.

    `behavior` is All, None, One or Complex; None and One may name an event definition, Complex needs conditions
    (BPMN 2.0.2, table 10.31). Cure: as the finding says.
    """
    for node in process.all_nodes():
        loop = node.multi_instance
        if loop is None:
            continue
        for message in _behaving(node, loop):
            yield Remark(node.id, line_of(loop), message)
        for event in node.told:
            if event.kind not in _TELLS:
                yield on_event(
                    node,
                    event,
                    f"The instances of “{node.label}” cannot throw {event.kind} events: use a signal.",
                )


def _behaving(node: Node, loop: etree._Element) -> Iterator[str]:
    behavior = loop.get("behavior", "All")
    if behavior not in ("All", "None", "One", "Complex"):
        yield f"The behaviour of “{node.label}” is “{behavior}”: use All, None, One or Complex."
    reference = loop.get(f"{behavior.lower()}BehaviorEventRef") if behavior in ("None", "One") else None
    if reference and not node.told:
        yield f"The instances of “{node.label}” throw “{reference}”, which is not there: choose it again."
    if behavior != "Complex":
        return
    rows = list(bpmn_children(loop, "complexBehaviorDefinition"))
    if not rows:
        yield f"“{node.label}” behaves in a complex way and does not say how: add a condition and an event."
    for row in rows:
        if expression_in(row, "condition") is None:
            yield f"“{node.label}” does not say when its instances throw: add the condition."
        event = bpmn_child(row, "event")
        if event is not None and len(list(event)) != 1:
            yield f"“{node.label}” throws several events on one condition: write a row for each."


@process_rule("unknown-event-definition")
def unknown_event_definition(process: Process) -> Iterator[Remark]:
    """An event that refers to a shared definition refers to one that is in the file.

    Cure: choose it again, or draw the definition inside the event.
    """
    for node in process.all_nodes():
        references = list(bpmn_children(node.xml, "eventDefinitionRef"))
        known = {event.id for event in node.events}
        for reference in references:
            wanted = (reference.text or "").strip().rpartition(":")[2]
            if wanted not in known:
                message = (
                    f"“{node.label}” refers to the definition “{wanted}”, which is not there: choose it."
                )
                yield Remark(node.id, line_of(reference), message)


RULES = (wrong_quantity, instance_events, unknown_event_definition)
