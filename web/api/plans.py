"""The inserted work of a case, and work that is saved to be inserted again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from caseloom import adhoc
from caseloom.adhoc import CasePlan
from caseloom.adhoc.insert import Rule
from caseloom.engine.results import Template
from caseloom.web.api.asked import the_user
from caseloom.web.api.operations import Operations, json_body
from caseloom.web.context import the_engine

plans = Operations()


@dataclass(frozen=True, slots=True)
class SaveTemplate:
    """Either `tasks` (as `Insert` takes them, without a place) and their `rule`, or a plan of a case."""

    name: str
    _: KW_ONLY
    tasks: Sequence[Mapping[str, Any]] = ()
    rule: Rule = "all"
    case_id: str | None = None
    plan_id: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateName:
    name: str


@plans.get("/cases/{case_id}/plans", gives=list[CasePlan])
def of_case(case_id: str) -> list[CasePlan]:
    """All inserted work of the case, as it was inserted together; plans have a title."""
    return adhoc.plans(the_engine(), case_id, by=the_user())


@plans.get("/templates", gives=list[Template])
def templates() -> list[Template]:
    """Work that was saved, by name: what `template` of `Insert` and `Plan` takes."""
    return the_engine().templates()


@plans.post("/templates", body=json_body(SaveTemplate), gives=Template, status=201)
def save(wanted: SaveTemplate) -> Template:
    """Saves work under a name, in place of what the name stood for."""
    return the_engine().save_template(
        wanted.name,
        wanted.tasks,
        rule=wanted.rule,
        case_id=wanted.case_id,
        plan_id=wanted.plan_id,
        by=the_user(),
    )


@plans.delete("/templates", query=TemplateName)
def drop(wanted: TemplateName) -> None:
    """The name stands for nothing any more; what was inserted from it stays."""
    the_engine().drop_template(wanted.name)
