"""A case as one comparable value: its working state, the state that its journal gives, and its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from caseloom.engine import Engine
from caseloom.engine import facts as fact_rules
from caseloom.engine.flow.instance import Instance
from caseloom.engine.flow.snapshot import freeze
from caseloom.engine.live import Row, replay


def live(engine: Engine, case_id: str) -> Instance:
    """The instance in memory, current. It must not be changed."""
    return engine.door.fresh(case_id).instance


def rebuilt(now: Instance, rows: Sequence[Row]) -> Instance:
    """The instance that the journal alone gives: a full replay."""
    gone = fact_rules.superseded(fact for line in rows for fact in line.facts)
    return replay(now.model, now.models, rows, gone)


def marking(instance: Instance) -> dict[str, Any]:
    """The working state without the number of the next fact, and in no order."""
    frozen: dict[str, Any] = _plain(freeze(instance))
    del frozen["next"]
    frozen["scopes"] = sorted(
        (
            [
                sorted(part, key=str) if at in _UNORDERED else part
                for at, part in enumerate(scope)
                if at != _NUMBERS
            ]
            for scope in frozen["scopes"]
        ),
        key=str,
    )
    for name, found in frozen.items():
        if name != "scopes" and isinstance(found, list):
            frozen[name] = sorted(found, key=str)
    return frozen


# Of a frozen scope: the numbers that were ever used, which an undo does not give back; its tokens, and what it watches.
_NUMBERS = 7
_UNORDERED = frozenset({10, 11})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(one) for one in value), key=str)
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value


def standing(engine: Engine, case_id: str) -> dict[str, Any]:
    """How a case stands for people and for the clock: what an undone change must leave as it was."""
    state = marking(live(engine, case_id))
    with engine.database.read() as reader:
        record = reader.case(case_id)
        assert record is not None
        return {
            "case": (record.status, record.data, record.ended_at),
            "tasks": sorted(reader.tasks(case_id=case_id, held=True, limit=None), key=_by_id),
            "jobs": sorted(reader.jobs(case_id=case_id), key=_by_id),
            "subscriptions": sorted(reader.subscriptions(case_id), key=_by_id),
            "incidents": sorted(reader.incidents(case_id=case_id), key=_by_id),
            "drafts": sorted(reader.drafts(case_id), key=str),
            "marking": state,
        }


def _by_id(record: Any) -> str:
    return str(record.id)
