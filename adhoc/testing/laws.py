"""What must hold of every case, whatever was done to it. Each law has its number and raises AssertionError.

They look at the case from outside: its journal, its rows, its state in memory, what a preview had said. None of them
knows the diagram, so they hold for any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from caseloom.adhoc.testing.states import marking, rebuilt, standing
from caseloom.engine import facts as fact_rules
from caseloom.engine.errors import CaseloomError, Conflict, Invalid
from caseloom.engine.facts import BEGINS, Fact, Kind
from caseloom.engine.flow.run import Run
from caseloom.engine.flow.tokens import Token
from caseloom.engine.results import Preview, Status, Task

if TYPE_CHECKING:
    from caseloom.adhoc.testing.play import Play
    from caseloom.engine.commands import Command

Law = Callable[["Play"], None]
_CLOSING = frozenset({Kind.BOUNDARY, Kind.HEARD, Kind.ROUND, Kind.RELEASE})


def i1_ended_properly(play: Play) -> None:
    """I1: the case has ended, once, and nothing of it is left."""
    instance = play.instance
    assert instance.status is Status.COMPLETED, f"the case is {instance.status}"
    left = [f"a token at “{token.node.label}”" for token in instance.get_tasks()]
    left += [f"“{one.name}” open" for one in instance.open.values()]
    left += [f"inserted work of round {number}" for number in instance.rounds]
    left += [f"the incident “{trouble.message}”" for trouble in instance.troubles.values()]
    assert not left, f"the case has ended and leaves {', '.join(left)}"
    rows = standing(play.engine, play.case_id)
    for name in ("tasks", "jobs", "subscriptions", "incidents"):
        assert not rows[name], f"the case has ended and leaves {name}: {rows[name]}"
    ends = [fact for fact in play.effective() if fact.kind == Kind.DONE]
    assert len(ends) == 1, f"the case has ended {len(ends)} times"


def i3_tokens_are_used_once(play: Play) -> None:
    """I3: no token is used up twice, none that no effective fact has made, and no number is given twice."""
    made: set[Any] = set()
    used: set[Any] = set()
    begun = [fact.occurrence for fact in play.facts() if fact.occurrence and fact.kind in BEGINS]
    twice = [address for address, times in Counter(begun).items() if times > 1]
    assert not twice, f"two occurrences have the same number: {twice}"
    for fact in play.effective():
        for token in fact.takes:
            assert token not in used, f"{fact} uses {token}, which was used before"
            if isinstance(token, tuple):
                assert token in made, f"{fact} uses {token}, which nothing that counts has made"
            used.add(token)
        made.update((fact.id, flow) for flow in fact.gives)
        if fact.kind == Kind.COMPENSATE:
            made.add((fact.id, "compensate"))


def i4_every_wait_has_its_rows(play: Play) -> None:
    """I4: each open task, timer, subscription and job belongs to one live wait, which has all of its own."""
    id, instance = play.case_id, play.instance
    tokens = [one for one in instance.open.values() if isinstance(one, Token)]
    with play.engine.database.read() as reader:
        tasks = {one.id: one.held for one in reader.tasks(case_id=id, held=True, limit=None)}
        jobs = {one.id for one in reader.jobs(case_id=id)}
        waits = {one.id for one in reader.subscriptions(id)}
        incidents = {one.id for one in reader.incidents(case_id=id)}
    people = {f"{id}-{one.started}": bool(one.held) for one in instance.open.values() if _human(one)}
    _same(tasks, people, "open tasks")
    timers = {f"{id}-{one.started}.{name}" for one in tokens for name in one.timers if one.hears(name)}
    services = {
        f"{id}-{one.started}" for one in tokens if "topic" in one.outcome and not one.held and not one.parked
    }
    _same(jobs, timers | services, "timers and jobs")
    expected = {
        f"{id}-{one.started}.{name}"
        for one in tokens
        for kind in ("messages", "signals")
        for name in one.outcome.get(kind, ())
        if one.hears(name)
    }
    _same(waits, expected, "subscriptions")
    _same(incidents, {f"{id}-i{number}" for number in instance.troubles}, "incidents")


def _human(one: Any) -> bool:
    return not isinstance(one, Token) or (
        one.node.inbox and "items" not in one.outcome and "inside" not in one.outcome
    )


def _same(found: Any, wanted: Any, what: str) -> None:
    assert found == wanted, f"{what}: stored are {found}, live are {wanted}"


def i5_the_journal_only_grows(play: Play) -> None:
    """I5: rows are never changed; whoever changed the case outside its diagram, when, and why stands in them."""
    with play.engine.database.read() as reader:
        rows = list(reader.entries(play.case_id))
    before, play.journal = play.journal, rows
    assert rows[: len(before)] == before, "a row of the journal was changed"
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1)), "the journal has a gap"
    for row in rows[len(before) :]:
        assert row.at is not None and row.command, f"row {row.seq} does not say when or what"


def i16_the_journal_gives_the_state(play: Play) -> None:
    """I16: memory, snapshot, a fresh load and a replay of the journal are the same, and nothing is left to decide."""
    instance = play.instance
    state = marking(instance)
    look = play.engine.look(play.case_id)
    _alike(marking(look.instance), state, "a snapshot gives another state")
    again = rebuilt(instance, play.rows())
    _alike(marking(again), state, "the journal gives another state")
    assert again.next_id == instance.next_id, "the journal gives another number to the next fact"
    if again.stopped is not None:
        return  # it has run away; a person has to say how it goes on
    again.rounds_wanted = frozenset(again.rounds_touched)  # as after every replay
    more = Run(again, look.world, play.clock.now)
    more.advance()
    assert not more.facts, f"something was left to do: {more.facts}"
    if play.random.random() < 0.3:
        play.engine.door.hot.forget(play.case_id)
        _alike(
            marking(play.engine.door.load(play.case_id).instance), state, "a fresh load gives another state"
        )


def _alike(found: Mapping[str, Any], wanted: Mapping[str, Any], what: str) -> None:
    different = [name for name in wanted if found.get(name) != wanted[name]]
    told = "; ".join(f"{name}: {found.get(name)} instead of {wanted[name]}" for name in different)
    assert not different, f"{what}: {told}"


def i18_counters_count_what_counts(play: Play) -> None:
    """I18: the counters of a loop or multi-instance are those of its effective items."""
    instance = play.instance
    bodies = [scope for scope in instance.scopes.values() if scope.body]
    if not bodies:
        return
    facts = play.effective()
    for scope in bodies:
        own = scope.vars.maps[0]
        ended = [fact for fact in facts if fact.kind in (Kind.END, Kind.SKIP) and fact.scope == scope.path]
        done = sum(1 for fact in ended if fact.element in scope.plan.nodes)  # not inserted work of its own
        active = sum(1 for token in scope.tokens.values() if token.number is not None)
        _same(own["nrOfCompletedInstances"], done, f"completed items of “{scope.path}”")
        _same(own["nrOfActiveInstances"], active, f"active items of “{scope.path}”")


def i8_each_effect_once(play: Play) -> None:
    """I8: under one idempotency key something is done once, and what is put right is put right once."""
    twice = [key for key, times in play.ledger.items() if times > 1]
    assert not twice, f"done twice under the same key: {twice}"
    done: dict[Any, Fact] = {}
    for fact in play.effective():
        if fact.kind == Kind.COMPENSATE:
            entry = (fact.outcome or {})["entry"]
            assert entry not in done, f"{entry} is compensated twice, by {done[entry]} and {fact}"
            done[entry] = fact


ALWAYS: Sequence[Law] = (
    i3_tokens_are_used_once,
    i4_every_wait_has_its_rows,
    i5_the_journal_only_grows,
    i8_each_effect_once,
    i16_the_journal_gives_the_state,
    i18_counters_count_what_counts,
)


# -- around one change -------------------------------------------------------------------------------


def i6_the_rest_is_untouched(play: Play, before: Mapping[str, Task]) -> None:
    """I6: a task outside the cone of a revisit is the very same task, unless what ran by itself closed its scope."""
    made = play.last_facts()
    revisited = next((fact for fact in made if fact.kind == Kind.REVISIT), None)
    if revisited is None:
        return
    cone = fact_rules.unpack((revisited.outcome or {})["superseded"])
    play.tally.cones.append(len(cone))
    if any(fact.closes is not None or fact.kind in _CLOSING for fact in made):
        return
    after = play.tasks()
    play.tally.checked["I6"] += 1
    for id, one in before.items():
        if int(id.rpartition("-")[2]) not in cone:
            assert id in after, f"I6: “{one.name}” is gone, though nothing of what falls led to it"
            assert replace(after[id], held=one.held) == one, f"I6: “{one.name}” has changed"


def i9_an_undone_change_leaves_no_trace(play: Play, before: Mapping[str, Any]) -> None:
    """I9: a change and its undo leave everything as it was."""
    _alike(standing(play.engine, play.case_id), before, "I9: after the undo it is not as before")


def i10_what_was_shown_has_come(play: Play, before: Mapping[str, Task], shown: Preview) -> None:
    """I10: a preview tells what opens, what is withdrawn and what comes back."""
    after = play.tasks()
    restored, withdrawn = _ids(shown.restored), _ids(shown.withdrawn)
    opened = sorted(one.name for one in shown.opened if one.task_id)
    came = sorted(one.name for id, one in after.items() if id not in before and id not in restored)
    assert opened == came, f"I10: shown as opening were {opened}, and {came} opened"
    gone = {id for id in before if id not in after} - set(_ended(play))
    assert withdrawn == gone, f"I10: shown as withdrawn were {withdrawn}, and {gone} went"
    assert restored <= set(after), f"I10: shown as coming back were {restored}, and there are {set(after)}"


def _ids(refs: Any) -> set[str]:
    return {one.task_id for one in refs if one.task_id}


def _ended(play: Play) -> Iterator[str]:
    made = [fact for fact in play.last_facts() if fact.kind in (Kind.END, Kind.SKIP)]
    addresses = {address for fact in made for address in fact.takes}
    for fact in play.facts():
        if fact.kind == Kind.START and fact.occurrence in addresses:
            yield f"{play.case_id}-{fact.id}"


def i11_twice_is_once(play: Play, command: Command, request: str, revision: int) -> None:
    """I11: the same request again does nothing, and one that was meant for an older revision is refused whole."""
    before = standing(play.engine, play.case_id)
    play.engine.do(play.case_id, command, request_id=request)
    _alike(standing(play.engine, play.case_id), before, "I11: the same request has done something again")
    try:
        play.engine.do(play.case_id, command, expect_revision=revision)
    except Conflict:
        _alike(standing(play.engine, play.case_id), before, "I11: a refused command has changed the case")
        return
    raise AssertionError("I11: a command for an older revision was carried out")


def i11_refused_is_refused_whole(play: Play, command: Command, before: Mapping[str, Any]) -> None:
    """I11: what a preview refuses is refused, for want of a value and nothing else, and changes nothing."""
    try:
        play.engine.do(play.case_id, command)
    except Invalid:
        _alike(standing(play.engine, play.case_id), before, "I11: a refused command has changed the case")
        return
    except CaseloomError as refusal:
        raise AssertionError(f"listed as possible, but refused: {refusal}") from refusal
    raise AssertionError("I11: what the preview refused was carried out")


def number(law: Callable[..., Any]) -> str:
    """`i16_the_journal_gives_the_state` is I16."""
    return law.__name__.partition("_")[0].upper()
