"""Deliberate faults in the engine: each must be caught by the random cases, or these would prove nothing.

A fault is put into the running engine by a patch, for one test. Random cases of a diagram that it can show on are then
played until a law breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from drawing_random import RandomDiagram
from sqlalchemy import text
from work import Bench, Tally, Worker

from caseloom.adhoc import undo
from caseloom.adhoc.testing.operations import CHANGES
from caseloom.engine import door, live, projection, services
from caseloom.engine import facts as fact_rules
from caseloom.engine.facts import Fact, Kind, place
from caseloom.engine.flow import events, instance, joins
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.run import Run
from caseloom.engine.flow.tokens import Token
from caseloom.engine.live import LiveCase
from caseloom.storage.transaction import Transaction

MOST_CASES = 150
LINE = "A > ( B > C | D ) > E > F"

Patch = pytest.MonkeyPatch
Fault = Callable[[Patch], None]
PLANTED: dict[str, tuple[Fault, RandomDiagram]] = {}


def planted(line: str = LINE, *, unsafe: bool = False, **values: tuple[Any, ...]) -> Callable[[Fault], Fault]:
    """A fault that shows on this diagram. `c1` to `c3` are conditions, false at first."""
    drawn = {name: (False, True) for name in ("c1", "c2", "c3") if name in line} | values
    features = frozenset({"non_interrupting"} if unsafe else ())

    def register(fault: Fault) -> Fault:
        PLANTED[fault.__name__] = fault, RandomDiagram({"case": line}, drawn, (), features)
        return fault

    return register


# -- causes that are forgotten ---------------------------------------------------------------------------


@planted("{ S: A > B } > C")
def d1_a_cone_without_scope_closing(patch: Patch) -> None:
    def cone(facts: Any, roots: Any) -> set[int]:
        hit = set(roots)
        for fact in facts:
            if fact.id in hit or not hit.isdisjoint(fact.causes):
                hit.add(fact.id)
        return hit

    patch.setattr(fact_rules, "cone", cone)


@planted("( true: A | true: B > [ c1: C > @end | else: D ] ) > E")
def d2_an_inclusive_join_that_owes_nothing_to_the_branches_that_did_not_come(patch: Patch) -> None:
    patch.setattr(joins, "lost_hope", lambda *_: [])


@planted("A > B")
def d3_a_gate_that_is_released_without_the_work_before_it(patch: Patch) -> None:
    forget_causes(patch, lambda kind, more: kind == Kind.RELEASE, keep=1)


@planted("X > A +message m ( B > C ) > D", unsafe=True)
def d4_the_path_of_an_event_that_does_not_interrupt_stands_by_itself(patch: Patch) -> None:
    forget_causes(patch, lambda kind, more: kind == Kind.BOUNDARY and not more.get("takes"), keep=0)


@planted("{ S: A > @throw-escalation e > B } +escalation e ( C ) > D", unsafe=True)
def d5_what_catches_an_escalation_owes_nothing_to_the_throw(patch: Patch) -> None:
    caught = events.catch

    def catch(*arguments: Any, **more: Any) -> None:
        caught(*arguments, **{**more, "depends": ()})

    patch.setattr(events, "catch", catch)


@planted("( A | B | C ) when 1 > D")
def a_complex_gateway_that_owes_nothing_to_its_activation(patch: Patch) -> None:
    forget_causes(
        patch,
        lambda kind, more: "late" in (more.get("outcome") or {}) or kind == Kind.READY,
        keep=1,
        last=True,
    )


def forget_causes(
    patch: Patch, which: Callable[[str, Mapping[str, Any]], bool], *, keep: int, last: bool = False
) -> None:
    """Facts of a kind keep the first (or only the last) of their causes."""
    note = Run.note

    def forgetful(self: Run, kind: str, *arguments: Any, **more: Any) -> Fact:
        if which(kind, more):
            causes = more.get("causes", ())
            more["causes"] = causes[-keep:] if last and keep else causes[:keep]
        return note(self, kind, *arguments, **more)

    patch.setattr(Run, "note", forgetful)


# -- gates and joins -------------------------------------------------------------------------------------


@planted("( true: A > B | true: C ) > D")
def a_token_behind_a_gate_that_an_inclusive_join_does_not_see(patch: Patch) -> None:
    nothing_comes = joins._nothing_comes

    def blind(scope: Any, node: Any, full: Any) -> bool:
        hidden = {id: token for id, token in scope.tokens.items() if token.held}
        for id in hidden:
            del scope.tokens[id]
        try:
            return nothing_comes(scope, node, full)
        finally:
            scope.tokens.update(hidden)

    patch.setattr(joins, "_nothing_comes", blind)


@planted("{ S: A > B } ^message m ( C > ) > D")
def a_gate_that_is_not_withdrawn_with_its_token(patch: Patch) -> None:
    patch.setattr(Instance, "_drop_round", lambda self, number: None)
    patch.setattr(Instance, "_drop_rounds", lambda self, host: None)


# -- what a replay gives back ----------------------------------------------------------------------------


def after_replay(patch: Patch, spoil: Callable[[LiveCase, Instance, set[int]], None]) -> None:
    """`spoil` gets the case, the instance as it was before, and what no longer counts."""
    replayed = LiveCase.replay

    def replay(self: LiveCase, gone: set[int], **more: Any) -> None:
        before = self.instance
        replayed(self, gone, **more)
        spoil(self, before, gone)

    patch.setattr(LiveCase, "replay", replay)


@planted("( A > c1 := true | B > c2 := true ) > [ c3: C | else: D ] > E")
def values_as_they_were_at_the_step_instead_of_the_last_that_count(patch: Patch) -> None:
    def restore(case: LiveCase, before: Instance, gone: set[int]) -> None:
        facts = [fact for line in case.journal() for fact in line.facts]
        newly = gone - fact_rules.superseded(facts)
        values = case.instance.file.maps[0]
        values.clear()
        for fact in facts:
            if newly and fact.id < min(newly):
                values.update(dict(fact.writes))

    after_replay(patch, restore)


@planted()
def a_token_that_does_not_come_back_to_its_join(patch: Patch) -> None:
    def lose(case: LiveCase, before: Instance, gone: set[int]) -> None:
        for scope in case.instance.scopes.values():
            for waiting in list(scope.waiting.values()):
                for id in [id for id in waiting if id not in before.scopes.get(scope.path, scope).tokens]:
                    del waiting[id], scope.tokens[id]

    after_replay(patch, lose)


@planted()
def a_standing_order_that_stays_used_when_its_use_is_taken_out(patch: Patch) -> None:
    def stay(case: LiveCase, before: Instance, gone: set[int]) -> None:
        for id, order in case.instance.directives.items():
            if id in before.directives:
                order.used = max(order.used, before.directives[id].used)

    after_replay(patch, stay)


@planted("A each n in cs in turn > B", cs=(["a", "b", "c"],))
def counters_that_count_items_which_were_taken_out(patch: Patch) -> None:
    def keep(case: LiveCase, before: Instance, gone: set[int]) -> None:
        for path, scope in case.instance.scopes.items():
            if scope.body and path in before.scopes:
                done = before.scopes[path].vars.maps[0]["nrOfCompletedInstances"]
                scope.vars.maps[0]["nrOfCompletedInstances"] = done

    after_replay(patch, keep)


@planted()
def an_undo_that_does_not_bring_back_what_fell(patch: Patch) -> None:
    patch.setattr(undo, "_restored", lambda facts: set())


@planted()
def an_undo_that_brings_tasks_back_under_new_ids(patch: Patch) -> None:
    decide = undo.Undo.decide

    def anew(self: Any, case: LiveCase) -> None:
        before = set(case.instance.by_start)
        decide(self, case)
        for number in [number for number in case.instance.by_start if number not in before]:
            one = case.instance.by_start.pop(number)
            one.started = number + 1000
            case.instance.by_start[one.started] = one

    patch.setattr(undo.Undo, "decide", anew)


# -- numbers and counters --------------------------------------------------------------------------------


@planted()
def a_number_that_is_given_again(patch: Patch) -> None:
    patch.setattr(live, "_highest", lambda rows: {})


@planted("A each n in cs > B", cs=(["a", "b", "c"],))
def items_that_end_without_being_counted(patch: Patch) -> None:
    count = Instance._count_items

    def forgetful(self: Instance, scope: Any, *, started: int = 0, completed: int | None = None) -> None:
        count(self, scope, started=started, completed=completed if not completed else 0)

    patch.setattr(Instance, "_count_items", forgetful)


@planted("A > !topic Do > B")
def a_job_that_is_done_again_under_its_old_key(patch: Patch) -> None:
    job = services.Services._job

    def old_key(self: Any, record: Any) -> Any:
        found = job(self, record)
        return replace(found, idempotency_key=place(found.idempotency_key))

    patch.setattr(services.Services, "_job", old_key)


@planted("A ^compensation ( Fix ) > B > @throw-compensation > C")
def what_is_put_right_stays_to_be_put_right(patch: Patch) -> None:
    compensate = instance._APPLY[Kind.COMPENSATE]

    def keep(self: Instance, fact: Fact, at: Any) -> None:
        scope = self.scopes[fact.scope]
        entries = list(scope.compensable)
        compensate(self, fact, at)
        scope.compensable[:] = entries

    patch.setitem(instance._APPLY, Kind.COMPENSATE, keep)


# -- rows ------------------------------------------------------------------------------------------------


@planted("A ^timer P2D ( B > ) > C")
def a_timer_that_is_not_cancelled(patch: Patch) -> None:
    patch.setattr(projection, "_timer_ids", lambda case, token: [])


@planted("A > @message m Wait > B")
def a_subscription_that_stays_and_hears_the_message_again(patch: Patch) -> None:
    patch.setattr(projection, "_subscription_ids", lambda case, token: [])


@planted()
def a_row_of_the_journal_that_is_changed(patch: Patch) -> None:
    append = Transaction.append_entry

    def meddle(self: Transaction, entry: Any) -> None:
        append(self, entry)
        if entry.seq > 2:
            self._run(text("UPDATE caseloom_journal SET reason = 'changed' WHERE seq = 2"), {})

    patch.setattr(Transaction, "append_entry", meddle)


@planted()
def a_preview_that_works_out_something_else(patch: Patch) -> None:
    preview = door.Door.preview

    def other(self: Any, *arguments: Any, **more: Any) -> Any:
        found = preview(self, *arguments, **more)
        return replace(found, opened=found.opened[1:], withdrawn=found.withdrawn[1:])

    patch.setattr(door.Door, "preview", other)


@planted("{ S: A > B } ^message m ( C > ) > D")
def an_interrupted_scope_whose_work_goes_on(patch: Patch) -> None:
    closed = Instance._close

    def half(self: Instance, path: str | None) -> None:
        inside = [
            one for one in self.open.values() if path and isinstance(one, Token) and one.scope.path == path
        ]
        closed(self, path)
        for one in inside[:1]:
            self.open[one.occurrence or ""] = self.by_start[one.started] = one

    patch.setattr(Instance, "_close", half)


# -- the tests -------------------------------------------------------------------------------------------


@contextmanager
def bench() -> Iterator[Bench]:
    found = Bench()
    try:
        yield found
    finally:
        found.close()  # what a fault has left behind goes with it


def caught(diagram: RandomDiagram) -> tuple[int, str] | None:
    """After how many cases, and by what."""
    with bench() as found:
        for seed in range(MOST_CASES):
            try:
                with found.place() as (engine, clock):
                    Worker(engine, clock, diagram, Random(seed), Tally(), operations=CHANGES).play()
            except Exception as broken:  # noqa: BLE001 - whatever goes wrong has shown the fault
                return seed + 1, f"{type(broken).__name__}: {broken}"
    return None


@pytest.mark.parametrize("name", PLANTED)
def test_a_fault_is_caught(name: str, monkeypatch: Patch) -> None:
    fault, diagram = PLANTED[name]
    fault(monkeypatch)

    found = caught(diagram)

    assert found is not None, f"{MOST_CASES} cases have not shown it"
    print(f"{name}: case {found[0]}, {found[1][:160]}")


def test_there_are_twenty_of_them() -> None:
    assert len(PLANTED) >= 20


@pytest.mark.parametrize("name", PLANTED)
def test_without_a_fault_the_same_diagrams_are_played_to_their_ends(name: str) -> None:
    _, diagram = PLANTED[name]

    with bench() as found:
        for seed in range(2):
            with found.place() as (engine, clock):
                Worker(engine, clock, diagram, Random(seed), Tally(), operations=CHANGES).play()
