"""A case's state as small JSON-able data, and back. It refers to the diagram by definition id, never carries it.

The layout has a version: snapshots of older releases must load, or be left aside for a replay of the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from caseloom.engine.facts import Fact, Kind
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.model import Model
from caseloom.engine.flow.tokens import (
    Compensable,
    Directive,
    Insertion,
    Round,
    Scope,
    Token,
    TokenId,
    Trouble,
    Wait,
    Work,
)
from caseloom.engine.results import Status

LAYOUT = 7


def freeze(instance: Instance) -> dict[str, Any]:
    return {
        "layout": LAYOUT,
        "next": instance.next_id,
        "status": str(instance.status),
        "stopped": instance.stopped,
        "scopes": [_freeze_scope(scope) for scope in instance.scopes.values()],
        "insertions": [_freeze_insertion(insertion) for insertion in instance.insertions.values()],
        "rounds": [_freeze_round(found) for found in instance.rounds.values()],
        "works": [_freeze_work(work) for work in instance.open.values() if isinstance(work, Work)],
        "directives": [
            [getattr(directive, name) for name in Directive.__slots__]
            for directive in instance.directives.values()
        ],
        "waits": [
            [wait.id, wait.scope, wait.first, wait.then, _ids(wait.tokens), sorted(wait.hosts), wait.met]
            for wait in instance.waits.values()
        ],
        "troubles": [
            [
                t.id,
                t.element,
                t.scope,
                t.occurrence,
                [list(token) for token in t.tokens],
                t.kind,
                t.message,
                t.at,
                t.started,
            ]
            for t in instance.troubles.values()
        ],
        "offers": instance.offers,
        "stale": sorted(instance.stale),
        "missing": [sorted(instance.missing), sorted(instance.left_open)],
        "writers": instance.writers,
        "replies": instance.replies,
        "dates": instance.dates,
        "closed": instance.closed,
    }


def _freeze_insertion(insertion: Insertion) -> list[Any]:
    i = insertion
    return [
        i.id, i.scope, i.kind, i.element, i.blocking, i.every, i.need, i.in_turn, i.works, i.rounds, i.title,
        i.pauses, i.stays, i.by, i.last_edit, i.order, [list(pair) for pair in i.edited.items()],
        [list(pair) for pair in i.removed.items()],
    ]  # fmt: skip


def _freeze_scope(scope: Scope) -> list[Any]:
    called = scope.model.definition_id if scope.host is not None else None
    return [
        scope.path,
        scope.host.occurrence if scope.host else None,
        called,
        scope.plan.name,
        scope.vars.maps[0],
        len(scope.vars.maps) == 1,
        scope.items,
        scope.counts,
        {join: [[fact, sorted(gone)] for fact, gone in lost] for join, lost in scope.lost.items()},
        {str(number): value for number, value in scope.results.items()},
        [_freeze_token(token) for token in scope.tokens.values()],
        [_freeze_watch(token) for token in scope.watches.values()],
        [entry.row() for entry in scope.compensable],
        scope.activated,
        scope.states,
        [scope.closing, scope.freed],
        [_pairs(scope.added), _pairs(scope.removed)],
        scope.talks,
    ]


def _pairs(by_number: Mapping[int, int]) -> list[list[int]]:
    return [[number, fact] for number, fact in by_number.items()]


def _ids(tokens: Iterable[TokenId]) -> list[list[Any]]:
    return [list(token) for token in sorted(tokens, key=str)]


def _thaw_wait(instance: Instance, row: list[Any]) -> None:
    number, path, first, then, tokens, hosts, met = row
    wait = Wait(number, path, first, then, {tuple(token) for token in tokens}, set(hosts), met)
    instance.waits[number] = wait
    for subject in instance.waiting_for(wait):
        subject.held.add(number)


def _freeze_token(token: Token) -> list[Any]:
    row: list[Any] = [list(token.id), token.node.name, token.number]
    waiting = [
        list(token.after),
        sorted(token.passed),
        token.parked,
        token.restores,
        token.chosen,
        token.ways,
    ]
    if not token.occurrence and not token.restores:
        return [*row, waiting] if any(waiting) else row
    own = list(token.vars.maps[: -len(token.scope.vars.maps)])
    return [*row, waiting, _lived(token) if token.occurrence else None, own]


def _lived(token: Token) -> list[Any]:
    return [
        token.occurrence,
        token.started,
        token.at,
        token.outcome,
        token.assignee,
        token.timers,
        token.previous,
        token.truths,
        token.heard,
    ]


def _freeze_watch(token: Token) -> list[Any]:
    return [token.node.plan.name, *_lived(token)]


def _freeze_round(found: Round) -> list[Any]:
    return [
        found.id,
        found.insertion,
        found.scope,
        found.host,
        found.holds,
        [[list(token), found.tokens[token]] for token in sorted(found.tokens, key=str)],
        [[index, fact] for index, fact in found.closed.items()],
        sorted(found.dropped),
        [[index, address] for index, address in found.open.items()],
        found.paused,
    ]


def _freeze_work(work: Work) -> list[Any]:
    return [
        work.occurrence, work.started, work.scope.path, work.round, work.index, work.outcome, work.assignee,
        work.previous, work.at, work.parked, work.ticked, list(work.after),
    ]  # fmt: skip


def thaw(frozen: Mapping[str, Any], model: Model, models: Callable[[str], Model]) -> Instance:
    """The instance that was frozen. Raises KeyError or ValueError where the data does not fit the diagram."""
    if frozen["layout"] != LAYOUT:
        raise ValueError(f"snapshot layout {frozen['layout']}")
    instance = Instance(model, models)
    instance.next_id = frozen["next"]
    instance.status = Status(frozen["status"])
    instance.stopped = frozen["stopped"]
    instance.offers = {place: list(offers) for place, offers in frozen["offers"].items()}
    instance.stale = set(frozen["stale"])
    instance.missing, instance.left_open = (set(names) for names in frozen["missing"])
    instance.writers = dict(frozen["writers"])
    instance.replies = {place: list(found) for place, found in frozen["replies"].items()}
    instance.dates = {place: list(found) for place, found in frozen["dates"].items()}
    instance.closed = [list(one) for one in frozen["closed"]]
    for row in frozen["insertions"]:
        insertion = instance.insertions[row[0]] = Insertion(*row[:-2])
        insertion.edited, insertion.removed = dict(row[-2]), dict(row[-1])
    works = {row[0]: row for row in frozen["works"]}
    for row in frozen["scopes"]:
        if row[1] in works:  # an inserted process: its host before its scope
            _thaw_work(instance, works.pop(row[1]))
        _thaw_scope(instance, row)
    for row in works.values():
        _thaw_work(instance, row)
    for row in frozen["directives"]:
        instance.directives[row[0]] = Directive(*row)
    for row in frozen["rounds"]:
        _thaw_round(instance, row)
    for row in frozen["waits"]:
        _thaw_wait(instance, row)
    for row in frozen["troubles"]:
        tokens = [tuple(token) for token in row[4]]
        instance.troubles[row[0]] = Trouble(row[0], row[1], row[2], row[3], tokens, *row[5:])
    instance.settle_jobs()
    instance.rest()
    instance.touched.clear()
    return instance


def _thaw_scope(instance: Instance, row: list[Any]) -> None:
    (
        path,
        host_address,
        called,
        plan_name,
        own,
        isolated,
        items,
        counts,
        lost,
        results,
        tokens,
        watches,
        done,
        activated,
        states,
        selection,
        items_changed,
        talks,
    ) = row
    if host_address is None:
        scope = instance.root
        scope.vars.maps[0].update(own)
    else:
        host = instance.open[host_address]
        model = instance.model if called == instance.model.definition_id else instance.models(called)
        variables = host.vars.below(own)
        if isolated:
            variables = type(host.vars)(own)
        scope = Scope(path, host, model, model.plans[plan_name], variables, items)
        instance.scopes[path] = scope
    scope.counts = dict(counts)
    scope.lost = {join: [(fact, frozenset(gone)) for fact, gone in found] for join, found in lost.items()}
    scope.results = {int(number): value for number, value in results.items()}
    scope.added, scope.removed = (dict(pairs) for pairs in items_changed)
    for token in tokens:
        _thaw_token(instance, scope, token)
    scope.states = dict(states)
    scope.activated = {name: list(flows) for name, flows in activated.items()}
    instance.dirty.update({(path, name): None for name in activated if scope.awaits_rest(name)})
    scope.compensable = [Compensable.of(entry) for entry in done]
    scope.closing, scope.freed = selection[0], list(selection[1])
    scope.talks = [dict(talk) for talk in talks]
    for watch in watches:
        _thaw_watch(instance, scope, watch)


def _thaw_token(instance: Instance, scope: Scope, row: list[Any]) -> None:
    token_id, name, number, *more = row
    active = dict(scope.vars.maps[0]) if scope.body else None
    token = instance.put(scope, scope.plan.node(name), tuple(token_id), number)
    if active is not None:
        scope.vars.maps[0].update(active)  # the counters of items are frozen with the scope
    if more:
        after, passed, token.parked, token.restores, token.chosen, token.ways = more[0]
        token.after, token.passed = tuple(after), set(passed)
    if len(more) > 1:
        if more[1] is not None:
            instance.stop_waiting(token)
            _thaw_lived(instance, token, more[1])
        token.vars = scope.vars
        for own in reversed(more[2]):
            token.vars = token.vars.below(dict(own))


def _thaw_lived(instance: Instance, token: Token, row: list[Any]) -> None:
    address, token.started, token.at, token.outcome, token.assignee, timers, token.previous, truths, heard = (
        row
    )
    token.occurrence = address
    token.timers = {timer: list(due) for timer, due in timers.items()}
    token.truths = dict(truths)
    token.heard = {element: dict(parts) for element, parts in heard.items()}
    instance.open[address] = instance.by_start[token.started] = token
    if "conditions" in token.outcome:
        instance.conditional[token.started] = token
    if "compensates" in token.outcome:
        instance.restoring[address] = token


def _thaw_watch(instance: Instance, scope: Scope, row: list[Any]) -> None:
    plan_name, *lived = row
    token = Token((lived[1], "watch"), scope.model.plans[plan_name].trigger, scope)
    token.watch = True
    _thaw_lived(instance, token, lived)
    scope.watches[lived[0]] = token


def _thaw_round(instance: Instance, row: list[Any]) -> None:
    number, insertion_id, path, host, holds, tokens, closed, dropped, opened, paused = row
    found = Round(number, insertion_id, path, host, holds, paused=paused)
    found.tokens = {tuple(token): where for token, where in tokens}
    found.closed = dict(closed)
    found.dropped = set(dropped)
    found.open = dict(opened)
    instance.rounds[number] = found
    scope = instance.scopes[path]
    if instance.insertions[insertion_id].waited_for:
        scope.rounds.add(number)
    if holds and host in instance.open:
        held = instance.open[host]
        held.held.add(number)
        if paused is not None and isinstance(held, Token):
            held.paused.add(number)
    for token_id, where in found.tokens.items():
        instance.scopes[where].tokens[token_id].held.add(number)


def _thaw_work(instance: Instance, row: list[Any]) -> None:
    occurrence, started, path, round_id, index, outcome, assignee, previous, at, parked, ticked, after = row
    fact = Fact(started, Kind.START, scope=path, occurrence=occurrence, outcome=outcome)
    work = Work(fact, instance.scopes[path], round_id, index, at)
    work.assignee, work.previous, work.parked = assignee, previous, parked
    work.ticked, work.after = dict(ticked), tuple(after)
    instance.open[occurrence] = instance.by_start[started] = work
