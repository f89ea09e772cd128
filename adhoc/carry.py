"""Earlier answers, offered again: what people had said, or drafted, in steps that a revisit takes back.

Each answer keeps a fingerprint of what it was based on, so that it can confirm itself where nothing changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from caseloom.adhoc.targets import Past
from caseloom.engine.facts import Fact, Kind, inside, place_of_items
from caseloom.engine.flow.model import Node
from caseloom.engine.ids import occurrence_id
from caseloom.engine.live import LiveCase
from caseloom.engine.reuse import inputs, prints_of


def offers(
    case: LiveCase, past: Past, targets: Iterable[Fact], fallen: Iterable[Fact], reuse: str | None
) -> dict[str, list[dict[str, Any]]]:
    """Place -> what to offer to the occurrences that will come there, in their order.

    What an earlier revisit offers and nobody has asked for yet comes after it. What is revisited itself never
    confirms itself: somebody wants it done again.
    """
    fallen = list(fallen)
    ends = {fact.occurrence: fact for fact in fallen if fact.kind == Kind.END}
    drafts = _drafts(case)
    found: dict[str, list[dict[str, Any]]] = {}
    for fact in fallen:
        if fact.kind != Kind.START:
            continue
        node = case.node_of(fact) if fact.element else None
        how = reuse or (node.reuse if node is not None else None) or "manual"
        if how == "never" or not _human(fact, node):
            continue
        draft = drafts.get(occurrence_id(case.id, fact.id))
        offer = _offer(ends.get(fact.occurrence), draft) or _offered(case, fact)
        if offer is None:
            continue
        offer["of"] = fact.id
        if any(inside(fact.occurrence, target.occurrence) for target in targets):
            offer.pop("prints", None)
        elif how == "unchanged" and fact.occurrence in ends and node is not None:
            offer |= _basis(past, fact, node, ends[fact.occurrence])
        found.setdefault(place_of_items(fact.occurrence, past.item_of), []).append(offer)
    for address, pending in case.instance.offers.items():
        found.setdefault(address, []).extend(dict(offer) for offer in pending)
    return found


def _human(fact: Fact, node: Node | None) -> bool:
    if node is None:
        return "round" in (fact.outcome or {}) and "compensates" not in (fact.outcome or {})
    return node.inbox and "items" not in (fact.outcome or {})


def _offered(case: LiveCase, start: Fact) -> dict[str, Any] | None:
    """What an open task was offered itself."""
    one = case.instance.by_start.get(start.id)
    return dict(one.previous) if one is not None and one.previous else None


def _offer(end: Fact | None, draft: Any) -> dict[str, Any] | None:
    if end is not None:
        return {"data": dict(end.writes), "by": (end.outcome or {}).get("by")}
    if draft is not None:
        return {"data": draft}
    return None


def _drafts(case: LiveCase) -> dict[str, Any]:
    """The newest draft of each occurrence."""
    newest: dict[str, Any] = {}
    for draft in sorted(case.drafts(), key=lambda draft: draft.at):
        newest[draft.occurrence_id] = draft.data
    return newest


def _basis(past: Past, start: Fact, node: Node, end: Fact) -> Mapping[str, Any]:
    """What the answer was based on: the variables that the step shows, as they were when it opened."""
    own = [name for name, _ in end.writes]
    names = inputs(node)
    return {"own": own, "prints": prints_of(_before(past, start.id), names, own)}


def _before(past: Past, fact_id: int) -> dict[str, Any]:
    """The values of all variables just before a fact, by the writes that count now."""
    values: dict[str, Any] = {}
    for fact in past.effective:
        if fact.id >= fact_id:
            break
        values.update(dict(fact.writes))
    return values
