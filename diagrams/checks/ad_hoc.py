"""Ad-hoc sub-processes: what may stand in them, and what they may say of themselves (BPMN 2.0.2, 10.3.5)."""

from __future__ import annotations

from collections.abc import Iterator

from caseloom.diagrams.checks.rules import Remark, on, process_rule, scope_rule
from caseloom.diagrams.model import Node, Process, Scope
from caseloom.diagrams.namespaces import zeebe_elements

AD_HOC = "adHocSubProcess"
_NEEDS_FLOW = frozenset(
    {
        "intermediateThrowEvent",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "complexGateway",
        "eventBasedGateway",
    }
)
_ORDERINGS = ("Parallel", "Sequential")
_YES_OR_NO = ("true", "false", "1", "0")


@scope_rule("ad-hoc-event")
def ad_hoc_event(scope: Scope) -> Iterator[Remark]:
    """An ad-hoc sub-process has no start and no end event: people choose what begins, and when it is over.

    Cure: delete the event; what comes first needs no flow into it.
    """
    if scope.tag != AD_HOC:
        return
    for node in scope.nodes:
        if node.tag in ("startEvent", "endEvent"):
            word = "start" if node.tag == "startEvent" else "end"
            yield on(
                node,
                f"“{node.label}” is {_article(word)} event, which “{scope.label}” cannot have: delete it.",
            )


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


@scope_rule("ad-hoc-without-activity")
def ad_hoc_without_activity(scope: Scope) -> Iterator[Remark]:
    """An ad-hoc sub-process holds an activity, and something to begin with: an activity or event that no flow leads to.

    Cure: draw an activity that no flow leads to.
    """
    if scope.tag != AD_HOC or not scope.nodes:
        return
    if not any(node.is_activity for node in scope.nodes) or not any(_begins(node) for node in scope.nodes):
        yield on(scope, f"“{scope.label}” has no activity to begin with: draw one that no flow leads to.")


def _begins(node: Node) -> bool:
    chosen = node.is_activity and not node.stands_apart
    return not node.incoming and (chosen or node.tag == "intermediateCatchEvent")


@scope_rule("ad-hoc-loose")
def ad_hoc_loose(scope: Scope) -> Iterator[Remark]:
    """In an ad-hoc sub-process only activities and events that are waited for begin by themselves.

    A gateway or a throw event that no flow leads to would never be reached.

    Cure: lead a flow to it, or delete it.
    """
    if scope.tag != AD_HOC:
        return
    for node in scope.nodes:
        if node.tag in _NEEDS_FLOW and not node.incoming:
            yield on(node, f"“{node.label}” can never be reached: lead a flow to it, or delete it.")
        if node.tag == "intermediateCatchEvent" and not node.outgoing:
            yield on(node, f"Nothing comes of “{node.label}” in “{scope.label}”: lead it to an activity.")


@process_rule("ad-hoc-attribute")
def ad_hoc_attribute(process: Process) -> Iterator[Remark]:
    """The attributes of an ad-hoc sub-process have values that BPMN knows, and do not contradict each other.

    Cure: correct the value, or leave the attribute out.
    """
    for node in process.all_nodes():
        if node.tag != AD_HOC:
            continue
        ordering, cancels = node.xml.get("ordering"), node.xml.get("cancelRemainingInstances")
        if ordering is not None and ordering not in _ORDERINGS:
            yield on(node, f"The ordering of “{node.label}” is “{ordering}”: use Parallel or Sequential.")
        if cancels is not None and cancels not in _YES_OR_NO:
            yield on(node, f"cancelRemainingInstances of “{node.label}” is “{cancels}”: use true or false.")
        named = any(one.get("activeElementsCollection") for one in zeebe_elements(node.xml, "adHoc"))
        if named and ordering == "Sequential":
            yield on(
                node, f"“{node.label}” is sequential, so it cannot begin with several activities at once."
            )


RULES = (ad_hoc_event, ad_hoc_without_activity, ad_hoc_loose, ad_hoc_attribute)
