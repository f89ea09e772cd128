"""Data objects, stores, inputs and outputs: what refers to them, and what leads from one to another."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from caseloom.diagrams.checks.rules import Remark, process_rule
from caseloom.diagrams.data import ITEMS, path_of
from caseloom.diagrams.model import Node, Process, line_of
from caseloom.diagrams.namespaces import BPMN, bpmn_child, bpmn_children, tag_of, text_of

_ASSOCIATIONS = ("dataInputAssociation", "dataOutputAssociation")
_SETS = {
    "inputSet": ("dataInput", ("dataInputRefs", "optionalInputRefs", "whileExecutingInputRefs")),
    "outputSet": ("dataOutput", ("dataOutputRefs", "optionalOutputRefs", "whileExecutingOutputRefs")),
}
_SCOPES = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})


@process_rule("unknown-data")
def unknown_data(process: Process) -> Iterator[Remark]:
    """What data associations and references name is in the file, and can be seen from where they stand.

    A data object of a sub-process is seen inside it only (BPMN 2.0.2, 10.4.1).

    Cure: draw the association again.
    """
    items = _items(process.xml.getroottree().getroot())
    for node in process.all_nodes():
        for association in bpmn_children(node.xml, *_ASSOCIATIONS):
            for reference in bpmn_children(association, "sourceRef", "targetRef"):
                problem = _problem(node, items.get(_id(reference.text)), _id(reference.text))
                if problem:
                    yield Remark(node.id, line_of(reference), f"“{node.label}” {problem}: draw it again.")
    for element in process.xml.iter(f"{{{BPMN}}}dataObjectReference", f"{{{BPMN}}}dataStoreReference"):
        word = "dataObjectRef" if tag_of(element) == "dataObjectReference" else "dataStoreRef"
        wanted = _id(element.get(word))
        if wanted and wanted not in items:
            name = element.get("name") or element.get("id")
            message = f"“{name}” stands for the data “{wanted}”, which is not there: choose it again."
            yield Remark(element.get("id"), line_of(element), message)


def _items(root: etree._Element) -> dict[str, etree._Element]:
    found = root.iter(*(f"{{{BPMN}}}{tag}" for tag in ITEMS))
    return {element.get("id", ""): element for element in found}


def _problem(node: Node, item: etree._Element | None, wanted: str) -> str | None:
    if item is None:
        return f"refers to the data “{wanted}”, which is not there"
    holder = _holder(item)
    if holder is None or holder is node.xml or tag_of(holder) not in _SCOPES:
        return (
            None if holder is None or holder is node.xml else f"refers to the data “{wanted}” of another step"
        )
    if holder in node.xml.iterancestors():
        return None
    return f"refers to the data “{wanted}” of a scope that it is not in"


def _holder(item: etree._Element) -> etree._Element | None:
    """The scope, activity or event that an item belongs to; None for what stands beside all processes."""
    holder = item.getparent()
    while holder is not None and tag_of(holder) in ("ioSpecification", "multiInstanceLoopCharacteristics"):
        holder = holder.getparent()
    return None if holder is None or tag_of(holder) == "definitions" else holder


@process_rule("wrong-data-association")
def wrong_data_association(process: Process) -> Iterator[Remark]:
    """A data association leads to something, and an assignment says from where and to what.

    `to` is the name of the target, or a path into it: `order`, `order.total`.

    Cure: complete it, as the finding says.
    """
    for node in process.all_nodes():
        for association in bpmn_children(node.xml, *_ASSOCIATIONS):
            for message in _association_problems(node, association):
                yield Remark(node.id, line_of(association), message)


def _association_problems(node: Node, association: etree._Element) -> Iterator[str]:
    assignments = list(bpmn_children(association, "assignment"))
    if not assignments and bpmn_child(association, "targetRef") is None:
        yield f"A data association of “{node.label}” leads nowhere: give it a target."
    for assignment in assignments:
        if not text_of(bpmn_child(assignment, "from")):
            yield f"An assignment in “{node.label}” does not say what is assigned: write its “from”."
        target = text_of(bpmn_child(assignment, "to"))
        if path_of(target) is None:
            yield f"An assignment in “{node.label}” leads to “{target}”: write a name, or a path of names with dots."


@process_rule("wrong-data-set")
def wrong_data_set(process: Process) -> Iterator[Remark]:
    """Input and output sets name inputs and outputs of the same step or process.

    Cure: choose them again.
    """
    owners: list[Node | Process] = [process, *process.all_nodes()]
    for owner in owners:
        specification = bpmn_child(owner.xml, "ioSpecification")
        if specification is None:
            continue
        for tag, (kind, words) in _SETS.items():
            known = {one.get("id") for one in bpmn_children(specification, kind)}
            for row in bpmn_children(specification, tag):
                for reference in bpmn_children(row, *words):
                    if _id(reference.text) not in known:
                        message = f"“{owner.label}” has no {kind} “{_id(reference.text)}”: choose it again."
                        yield Remark(owner.id, line_of(reference), message)


def _id(text: str | None) -> str:
    return (text or "").strip().rpartition(":")[2]


RULES = (unknown_data, wrong_data_association, wrong_data_set)
