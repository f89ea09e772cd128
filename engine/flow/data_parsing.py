"""Data objects, stores, properties, inputs and outputs of a diagram, and what leads from one to another.

BPMN 2.0.2, 10.4. All of them are variables by their names: those of a process are in the case file, those of a
sub-process live and end with it, inputs, outputs and properties of an activity are its own. A data store is not:
its value is shared by all cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from caseloom.diagrams.data import PLACEHOLDER, computed_text, path_of
from caseloom.engine.expressions import Expression, compile_place
from caseloom.engine.flow.model import Association, DataNeeds, Item
from caseloom.engine.flow.vendors import BPMN, local

Element = Any

_SCOPES = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})


def associations(element: Element, tag: str, by_id: Mapping[str, Element]) -> tuple[Association, ...]:
    found = (_association(child, by_id) for child in _children(element, tag))
    return tuple(one for one in found if one is not None)


def parts_data(inputs: Iterable[Association], outputs: Iterable[Association]) -> bool:
    """Does a call say itself what it hands over and gets back? A line to a store, or one without a source, does not."""
    return any(
        one.transformation is not None
        or one.assignments
        or any(source.kind != "store" for source in one.sources)
        for one in (*inputs, *outputs)
    )


def declared(scope: Element) -> tuple[str, ...]:
    """The variables that a scope has of its own: its data objects and properties."""
    found = [*_children(scope, "dataObject"), *_children(scope, "property")]
    references = {one.get("dataObjectRef"): one for one in _children(scope, "dataObjectReference")}
    names = [_name(one, references.get(one.get("id"))) for one in found]
    return tuple(dict.fromkeys(name for name in names if name != PLACEHOLDER))


def needs(element: Element) -> DataNeeds | None:
    """The inputs that must be there before an activity or process can begin, one set of them or another."""
    specification = element.find(f"{{{BPMN}}}ioSpecification")
    if specification is None:
        return None
    names = {one.get("id"): _name(one) for one in _children(specification, "dataInput")}
    sets = tuple(_required(row, names) for row in _children(specification, "inputSet"))
    return DataNeeds(sets) if sets and all(sets) else None


def _required(row: Element, names: Mapping[str, str]) -> tuple[str, ...]:
    optional = {
        (one.text or "").strip()
        for tag in ("optionalInputRefs", "whileExecutingInputRefs")
        for one in _children(row, tag)
    }
    wanted = [(one.text or "").strip() for one in _children(row, "dataInputRefs")]
    found = (names.get(reference) for reference in wanted if reference not in optional)
    return tuple(name for name in found if name and name != PLACEHOLDER)


def _association(element: Element, by_id: Mapping[str, Element]) -> Association | None:
    """None for a line that only tells people something: between a step and a variable that it sees anyway."""
    sources = tuple(item(one.text, by_id) for one in _children(element, "sourceRef"))
    sources = tuple(source for source in sources if source.name != PLACEHOLDER)
    targets = [item(one.text, by_id) for one in _children(element, "targetRef")]
    target = targets[0] if targets else None
    transformation = element.find(f"{{{BPMN}}}transformation")
    computed = None if transformation is None else _computed(transformation)
    assignments = tuple(_assignment(one) for one in _children(element, "assignment"))
    if target is not None and target.name == PLACEHOLDER:
        target = Item(target.id, sources[0].name, "own") if sources else None
    plain = computed is None and not assignments
    drawn_only = targets and targets[0].name == PLACEHOLDER and sources and sources[0].kind == "variable"
    if plain and (target is None or drawn_only or (not sources and target.kind == "variable")):
        return None
    return Association(sources, target, computed, assignments)


def _assignment(element: Element) -> tuple[Expression | None, str]:
    source, target = element.find(f"{{{BPMN}}}from"), element.find(f"{{{BPMN}}}to")
    path = path_of("".join(target.itertext())) if target is not None else None
    return (None if source is None else _computed(source)), path or ""


def _computed(element: Element) -> Expression | None:
    text = computed_text(element)
    return compile_place(text, bare="feel") if text else None


def item(reference: str | None, by_id: Mapping[str, Element]) -> Item:
    own = (reference or "").strip().rpartition(":")[2]
    element = by_id.get(own)
    if element is None:
        return Item(own, own, "variable")
    kind = local(element)
    if kind in ("dataStoreReference", "dataStore"):
        store = by_id.get(element.get("dataStoreRef", "").rpartition(":")[2], element)
        return Item(own, store.get("name") or element.get("name") or store.get("id"), "store")
    if kind == "dataObjectReference":
        drawn = by_id.get(element.get("dataObjectRef", "").rpartition(":")[2])
        state = element.find(f"{{{BPMN}}}dataState")
        name = _name(element) if drawn is None else _name(drawn, element)
        return Item(own, name, "variable", None if state is None else state.get("name"))
    return Item(own, _name(element), "own" if _is_own(element) else "variable")


def _is_own(element: Element) -> bool:
    """Does it belong to one activity or event, and not to the scope around it?"""
    holder = element.getparent()
    if local(element) in ("dataInput", "dataOutput") and local(holder) == "ioSpecification":
        holder = holder.getparent()
    return local(element) in ("dataInput", "dataOutput", "property") and local(holder) not in _SCOPES


def _name(element: Element, reference: Element | None = None) -> str:
    drawn = None if reference is None else reference.get("name")
    return str(element.get("name") or drawn or element.get("id", ""))


def _children(element: Element, tag: str) -> Iterator[Element]:
    return iter(element.iterchildren(f"{{{BPMN}}}{tag}"))
