"""Whether the right to revisit covers all that would fall: points of no return, owners of steps, four eyes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from caseloom.adhoc import rights
from caseloom.adhoc.targets import Past
from caseloom.engine.errors import CaseloomError, Conflict, NotAllowed
from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow.model import Node
from caseloom.engine.live import LiveCase
from caseloom.engine.rights import CASE_MANAGERS

_COMPLETED = frozenset({Kind.END, Kind.PASS, Kind.SKIP})
_NOBODY: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Cover:
    """The past of a case, to ask of each completed step whether this person may take it out."""

    case: LiveCase
    starts: Mapping[str, Fact]

    @classmethod
    def of(cls, case: LiveCase, past: Past) -> Cover:
        starts = {
            fact.occurrence: fact for fact in past.effective if fact.kind in (Kind.START, Kind.COMPENSATE)
        }
        return cls(case, starts)

    def check(self, fallen: Iterable[Fact]) -> None:
        """Raises NotAllowed naming the step that stands in the way, where nobody is asked instead."""
        for fact in fallen:
            if fact.kind in _COMPLETED:
                self._check(fact)

    def bars(self, fact: Fact) -> bool:
        """Does this fact stand in the way of every revisit that would take it out?"""
        try:
            self.check([fact])
        except CaseloomError:
            return True
        return False

    def _check(self, fact: Fact) -> None:
        began = self.starts.get(fact.occurrence) if fact.kind != Kind.PASS else None
        node: Node | None = self.case.node_of(fact) if fact.element else None
        outcome = (began.outcome if began is not None else None) or _NOBODY
        if "asks" in outcome:
            raise Conflict(f"“{outcome['name']}” has been answered; ask again instead.")
        if (node is None and "round" not in outcome) or (node is not None and not node.activity):
            return
        name = self.case.name_of(began or fact)
        if node is not None and node.rights.point_of_no_return and not self._may_pass(name):
            raise NotAllowed(
                f"“{name}” is a point of no return: what came before it cannot be revisited any more."
            )
        rights.check_again(self.case, node, name, outcome, (fact.outcome or {}).get("by"))
        if fact.kind != Kind.SKIP and not (fact.outcome or {}).get("skipped"):
            rights.check_four_eyes(self.case, "revisit", node, outcome)

    def _may_pass(self, name: str) -> bool:
        case = self.case
        is_manager = case.enforced and case.person is not None and CASE_MANAGERS in case.person.groups
        return is_manager or rights.overrides(case, "revisit", name)


__all__ = ["Cover"]
