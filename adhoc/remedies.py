"""What is put right before a step is done again: the counter-steps of what a revisit takes out.

They are inserted work that holds the step: one after the other, the last thing that was done first, each with the
data that its activity had when it completed. An occurrence is put right at most once. One that fails leaves an
incident, and the step is not opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from caseloom.adhoc.targets import Past
from caseloom.engine import ledger
from caseloom.engine.facts import Fact, Kind, inside, parent
from caseloom.engine.flow import beside
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.tokens import Scope, Token
from caseloom.engine.live import LiveCase
from caseloom.engine.live import replay as replayed

Work = dict[str, Any]


def planned(case: LiveCase, past: Past, fallen: Iterable[Fact], wanted: set[int]) -> list[Work]:
    """The work of putting right what these facts began, and what an earlier revisit has not put right yet.

    Newest first: what came of something is put right before it.
    """
    fallen = list(fallen)
    begun = ledger.begins(fallen)
    ends = {
        fact.id
        for fact in fallen
        if fact.kind in (Kind.END, Kind.PASS)
        and fact.occurrence in begun
        and begun[fact.occurrence].id in wanted
    }
    works = [*_unfinished(case, {fact.id for fact in fallen}), *_snapshots(case, past, ends)]
    return sorted(works, key=lambda work: -int(work["entry"][0]))


def _unfinished(case: LiveCase, fallen: set[int]) -> list[Work]:
    """Counter-steps that an earlier revisit called for, which fall before they came to their end."""
    instance = case.instance
    return [
        work
        for found in instance.rounds.values()
        if found.id in fallen
        for index, work in enumerate(instance.insertions[found.insertion].works)
        if "entry" in work and index not in found.closed
    ]


def _snapshots(case: LiveCase, past: Past, ends: set[int]) -> list[Work]:
    """Each with the data of its completion: the case is replayed once up to there."""
    if not ends:
        return []
    found: dict[int, Work] = {}

    def look(instance: Instance, fact: Fact) -> None:
        if fact.id in ends:
            scope = instance.scopes[fact.scope]
            entry = next((one for one in scope.compensable if one.end == fact.id), None)
            if entry is not None:
                found[fact.id] = _work(scope, entry.element, entry.row())

    replayed(case.instance.model, case.instance.models, case.journal(), set(past.gone), seen=look)
    return list(found.values())


def _work(scope: Scope, element: str, entry: list[Any]) -> Work:
    node = scope.plan.nodes[element]
    return {
        "name": node.compensator.label if node.compensator is not None else f"Take back: {node.label}",
        "entry": entry,
        "plan": scope.plan.name,
        "definition": scope.model.definition_id,
    }


def begin(case: LiveCase, works: Sequence[Work], roots: Sequence[Fact], revisited: Fact) -> None:
    """Holds what is to be done again until all is put right."""
    if not works:
        return
    waiting = _waiting(case, roots)
    path = _around(waiting) if waiting else _home(case, roots)
    fact = case.run.note(
        Kind.INSERT, roots[0].element if waiting else "", causes=(revisited.id,),
        outcome={
            "kind": "before" if waiting else "scope", "element": roots[0].element if waiting else None, "scope": path,
            "blocking": True, "every": False, "need": len(works), "in_turn": True, "works": list(works),
        },
    )  # fmt: skip
    insertion = case.instance.insertions[fact.id]
    scope = case.instance.scopes[path]
    opened = {scope.host.started} if scope.host is not None else set()
    here = [token for token in waiting if token.scope is scope]
    causes = sorted({cause for token in here for cause in token.causes} | opened)
    beside.open_round(case.run, insertion, scope, tokens=here, depends=causes)
    [found] = [one for one in case.instance.rounds.values() if one.insertion == insertion.id]
    for token in waiting:
        if token.scope is not scope:
            beside.hold(case.run, found, token)


def _waiting(case: LiveCase, roots: Iterable[Fact]) -> list[Token]:
    """The tokens that wait again where the steps begin."""
    return [
        token
        for root in roots
        if root.scope in case.instance.scopes
        for id in root.takes
        if (token := case.instance.scopes[root.scope].tokens.get(id)) is not None and not token.occurrence
    ]


def _around(tokens: Sequence[Token]) -> str:
    """The innermost scope that all of them lie in: what is put right does not end with one of several."""
    path = tokens[0].scope.path
    while not all(inside(token.scope.path, path) for token in tokens):
        path = parent(path)
    return path


def _home(case: LiveCase, roots: Sequence[Fact]) -> str:
    """Where there is no token to hold, the scope does not end before all is put right."""
    return next((root.scope for root in roots if root.scope in case.instance.scopes), "")


__all__ = ["begin", "planned"]
