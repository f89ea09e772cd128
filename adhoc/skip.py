"""SKIP: an activity or event is not needed in this case. Its token goes on as if it had been done; nothing runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from caseloom.adhoc import effects, rights, targets
from caseloom.engine import times, works
from caseloom.engine.errors import Conflict, Invalid, NotFound
from caseloom.engine.expressions import compile_feel
from caseloom.engine.facts import Kind, Writes
from caseloom.engine.flow import beside, events, outputs, ways
from caseloom.engine.flow.model import Node
from caseloom.engine.flow.outputs import Left
from caseloom.engine.flow.tokens import Occurrence, Scope, Token, Work
from caseloom.engine.live import LiveCase

_CAUGHT = frozenset({"intermediateCatchEvent"})
_TREATED_AS_HAPPENED = frozenset({"timer", "message", "signal", "conditional", "multiple"})
REST = "rest"


@dataclass(frozen=True, slots=True)
class Skip:
    """A handler decides that something is not needed in this case.

    `data` stands in for what it would have written; what is required and not known goes into `missing`, by name, and
    a condition that reads it asks a person. `when` is `now` for what waits, `next` or `every` for an element to come;
    such an order holds `until` a date or until the element of that id has been reached, only where `condition` (FEEL)
    is true on arrival, and only in `scope`, a sub-process under way. `item` is one of a multi-instance activity, by
    value or index, or `rest`: all of its items that are not done.
    """

    target: str
    _: KW_ONLY
    reason: str
    data: Mapping[str, Any] | None = None
    when: Literal["now", "next", "every"] = "now"
    item: Any = None
    missing: Sequence[str] = ()
    until: datetime | str | None = None
    condition: str | None = None
    scope: str | None = None

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        needs_reason(self.reason)
        values = Values.of(case, self.data, self.missing)
        if self.when == "now":
            self._now(case, values)
        elif self.when in ("next", "every"):
            self._later(case, values)
        else:
            raise Invalid(f"“{self.when}”: something is skipped now, next or every time.")

    def _now(self, case: LiveCase, values: Values) -> None:
        if self.until is not None or self.condition is not None or self.scope is not None:
            raise Invalid("A limit or a condition is for an order to skip something next or every time.")
        node = None if targets.names_occurrence(case, self.target) else case.node(self.target)
        if node is not None and self._happens(case, node, values):
            return
        if self.item == REST:
            body = targets.waiting(case, self.target)
            if isinstance(body, Token) and "items" in body.outcome and not _is_item(body, REST):
                _skip_rest(case, body, values)
                return
        if node is not None:
            _guard_kind(node)
        occurrence = targets.waiting(case, self.target, self.item)
        if occurrence is None:
            label = targets.node(case, self.target).label
            raise Conflict(f"“{label}” is not waiting now; skip it when it comes, with when=“next”.")
        check_now(case, occurrence)
        skip_now(case, occurrence, values)

    def _happens(self, case: LiveCase, node: Node, values: Values) -> bool:
        """An event behind a gateway, or on the edge of what waits, is treated as having happened."""
        race = _race_before(case, node)
        host = race or _host_of(case, node, self.item)
        if host is None:
            return False
        rights.check(case, "skip", node, host)
        if host.held and race is not None:
            raise Conflict(f"“{host.name}” is held by inserted work; skip or finish that first.")
        values = values.for_step(case, node, host.scope)
        outcome = {"skipped": True, **values.unsaid}
        events.catch(case.run, host, node, values.writes, outcome=outcome)
        return True

    def _later(self, case: LiveCase, values: Values) -> None:
        if self.item is not None:
            raise Invalid("An item can be skipped once it waits, not in advance.")
        node = targets.node(case, self.target)
        check_later(case, node)
        scope = self._scope(case, node)
        values = values.for_step(case, node, scope or _likely_scope(case, node))
        case.run.note(
            Kind.DIRECT,
            node.name,
            outcome=order(values, every=self.when == "every") | self._limits(case, node, scope),
        )

    def _limits(self, case: LiveCase, node: Node, scope: Scope | None) -> dict[str, Any]:
        limits = {
            "until": _until(case, node, self.until),
            "condition": _condition(self.condition),
            "scope": scope.path if scope is not None else None,
        }
        return {name: value for name, value in limits.items() if value is not None}

    def _scope(self, case: LiveCase, node: Node) -> Scope | None:
        if self.scope is None:
            return None
        host = targets.waiting(case, self.scope)
        scope = case.instance.scopes.get(host.occurrence or "") if host is not None else None
        if scope is None:
            raise Invalid(f"“{self.scope}” is not a sub-process or called process that is under way.")
        return scope


@dataclass(frozen=True, slots=True)
class Values:
    """What stands in for the outputs of a skipped step: values, and the names of those that nobody has.

    `missing` were called so; `open` are those that are read behind the step, have no value and may still get one.
    """

    writes: Writes
    missing: Sequence[str] = ()
    open: Sequence[str] = ()

    @classmethod
    def of(cls, case: LiveCase, data: Mapping[str, Any] | None, missing: Sequence[str]) -> Values:
        writes = case.writes(dict(data or {}))
        names = [missing] if isinstance(missing, str) else list(missing)
        if any(not isinstance(name, str) or not name for name in names):
            raise Invalid("What stays missing is named, by the names of the values.")
        if both := sorted(set(names) & {name for name, _ in writes}):
            raise Invalid(f"“{both[0]}” is given and called missing; say one of the two.")
        return cls((*writes, *((name, None) for name in names)), names)

    @property
    def unsaid(self) -> dict[str, Any]:
        """What a fact records of what was not said."""
        found = {"missing": list(self.missing), "open": list(self.open)}
        return {name: names for name, names in found.items() if names}

    def for_step(self, case: LiveCase, node: Node, scope: Scope, occurrence: Token | None = None) -> Values:
        """With the defaults of the step's form. Raises Invalid, listing what is asked for and was not given."""
        if occurrence is None:
            return self.for_steps(case, Left.step(scope, node), [node], scope.vars)
        left = Left.step(scope, node, occurrence.occurrence)
        if occurrence.number is not None:
            left = replace(left, reads=())  # the other items say it as well
        return self.for_steps(case, left, [node], occurrence.vars, occurrence.outcome.get("defaults", {}))

    def for_steps(
        self,
        case: LiveCase,
        left: Left,
        steps: Sequence[Node],
        seen: Mapping[str, Any],
        computed: Mapping[str, Any] = MappingProxyType({}),
    ) -> Values:
        given = {name for name, _ in self.writes}
        known = {name: value for node in steps for name, value in outputs.defaults(node, computed).items()}
        asked = {name for node in steps for name in outputs.declared(node)}
        filled = tuple((name, known[name]) for name in sorted(asked - given) if name in known)
        view = {**seen, **dict(self.writes), **dict(filled)}
        asked |= left.needed(case.instance, view)
        if unsaid := sorted(asked - given - {name for name, _ in filled}):
            labels = ", ".join(f"“{node.label}”" for node in steps)
            raise Invalid(
                f"What {labels} would have said is needed later: give {ways.told(unsaid)} as data, or call it missing."
            )
        open_ = sorted(left.unknown(view) - set(self.missing))
        return Values((*self.writes, *filled), self.missing, open_)


def order(values: Values, *, every: bool) -> dict[str, Any]:
    """A standing order as it is recorded."""
    found: dict[str, Any] = {"every": every, "writes": [list(pair) for pair in values.writes]}
    return found | ({"missing": list(values.missing)} if values.missing else {})


def skip_now(case: LiveCase, occurrence: Occurrence, values: Values) -> None:
    outcome = dict(effects.skipped(case, occurrence) or {})
    if isinstance(occurrence, Token):
        values = values.for_step(case, occurrence.node, occurrence.scope, occurrence)
    beside.skip(case.run, occurrence, values.writes, outcome | values.unsaid)


def _skip_rest(case: LiveCase, body: Token, values: Values) -> None:
    """One item after the other, as they come: in a sequence the next one begins when the one before is skipped."""
    rights.check(case, "skip", body.node, body)
    while (scope := case.instance.scopes.get(body.occurrence or "")) is not None:
        items = [token for token in scope.tokens.values() if token.occurrence]
        if not items:
            raise Conflict(
                f"An item of “{body.name}” waits for an incident to be resolved; retry that first."
            )
        for item in items:
            if case.instance.open.get(item.occurrence or "") is item:
                check_now(case, item)
                skip_now(case, item, values)
        case.run.advance()


def check_now(case: LiveCase, occurrence: Occurrence) -> None:
    """May this waiting occurrence be skipped now? Raises NotAllowed, Conflict or Invalid."""
    node = occurrence.node if isinstance(occurrence, Token) else None
    if node is not None:
        _guard_kind(node)
    works.check_no_answer(occurrence)
    if isinstance(occurrence, Work) and ways.asks(occurrence):
        raise Invalid(f"“{occurrence.name}” is answered, not skipped.")
    rights.check(case, "skip", node, occurrence)
    rights.check_four_eyes(case, "skip", node, occurrence.outcome)
    if occurrence.held:
        raise Conflict(f"“{occurrence.name}” is held by inserted work; skip or finish that first.")


def check_later(case: LiveCase, node: Node) -> None:
    """May this element be skipped when it comes?"""
    _guard_kind(node)
    rights.check(case, "skip", node)
    rights.check_four_eyes(case, "skip", node, {})


def _guard_kind(node: Node) -> None:
    if node.gateway:
        raise Invalid(f"“{node.label}” is a gateway: it is decided, not skipped.")
    started = node.kind == "startEvent" and node.waits  # by the first of several triggers
    if not (node.activity or started or node.kind in _CAUGHT):
        raise Invalid(
            f"“{node.label}” is not an activity or an event that is waited for, so it cannot be skipped."
        )


def _is_item(body: Token, word: str) -> bool:
    return word in body.outcome["items"]


def _race_before(case: LiveCase, node: Node) -> Token | None:
    """The event-based gateway that waits for this event, if one does."""
    for one in case.instance.open.values():
        if (
            not isinstance(one, Token)
            or one.node.kind != "eventBasedGateway"
            or one.node.plan is not node.plan
        ):
            continue
        if any(flow.target == node.name for flow in one.node.flows):
            return one
    return None


def _host_of(case: LiveCase, node: Node, item: Any) -> Token | None:
    """What waits with this event on its edge."""
    if node.kind != "boundaryEvent" or node.host is None:
        return None
    if node.event.kind not in _TREATED_AS_HAPPENED:
        raise Invalid(
            f"“{node.label}” catches what happens inside “{node.host.label}”; it cannot be treated as happened."
        )
    host = targets.waiting(case, node.host.name, item)
    if not isinstance(host, Token):
        raise Conflict(f"“{node.host.label}” is not open, so “{node.label}” cannot happen now.")
    return host


def _likely_scope(case: LiveCase, node: Node) -> Scope:
    """The live scope that the element belongs to, or the case while it has none yet."""
    scopes = case.instance.scopes.values()
    return next((one for one in scopes if one.plan is node.plan and not one.body), case.instance.root)


def _until(case: LiveCase, node: Node, until: datetime | str | None) -> datetime | str | None:
    if until is None:
        return None
    if isinstance(until, str) and case.node(until) is not None:
        if until == node.name:
            raise Invalid(
                f"“{node.label}” would be reached before it is skipped; name another element or a date."
            )
        return until
    if isinstance(until, str) and not until.strip().startswith("P") and not until[:1].isdecimal():
        raise NotFound(f"There is no element “{until}” in the diagram of this case.")
    moment = times.instant(until, case.at, element=node.label)
    if moment is not None and moment <= case.at:
        raise Invalid(f"“{until}” has passed already; an order to skip holds until a time to come.")
    return moment


def _condition(text: str | None) -> str | None:
    if text is None:
        return None
    if not isinstance(text, str) or not text.strip():
        raise Invalid("The condition of an order to skip is a FEEL expression.")
    text = text.strip().removeprefix("=")
    compile_feel(text)
    return text


def needs_reason(reason: str) -> None:
    if not isinstance(reason, str) or not reason.strip():
        raise Invalid("Say why: a change outside the diagram needs a reason.")


__all__ = ["Skip", "Values", "check_later", "check_now", "needs_reason", "order", "skip_now"]
