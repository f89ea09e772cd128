"""Caseloom's engine: cases that follow a drawn process.

    from caseloom.engine import Complete, Engine

    engine = Engine("sqlite:///cases.db")
    engine.deploy("order.bpmn")
    case = engine.start("order", data={"amount": 5})
    engine.do(case.id, Complete(case.tasks[0].id, data={"approved": True}), by="bo")

Names are loaded when they are first used, so that expressions can be had without a database.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from caseloom.engine.choosing import CompleteSubProcess, StartActivity
    from caseloom.engine.commands import (
        Assign,
        Cancel,
        Claim,
        Complete,
        Resume,
        Retry,
        SaveDraft,
        SetData,
        Suspend,
        Tick,
        Unclaim,
    )
    from caseloom.engine.engine import Engine
    from caseloom.engine.migration import Migrate
    from caseloom.engine.results import (
        BpmnError,
        Case,
        DataStore,
        Job,
        Occasion,
        Person,
        Preview,
        Task,
        Template,
    )

_HOMES = {
    "Engine": "engine",
    "Migrate": "migration",
    **dict.fromkeys(
        (
            "Assign",
            "Cancel",
            "Claim",
            "Complete",
            "Resume",
            "Retry",
            "SaveDraft",
            "SetData",
            "Suspend",
            "Tick",
            "Unclaim",
        ),
        "commands",
    ),
    **dict.fromkeys(("CompleteSubProcess", "StartActivity"), "choosing"),
    **dict.fromkeys(
        ("BpmnError", "Case", "DataStore", "Job", "Occasion", "Person", "Preview", "Task", "Template"),
        "results",
    ),
}

__all__ = [
    "Assign",
    "BpmnError",
    "Cancel",
    "Case",
    "Claim",
    "Complete",
    "CompleteSubProcess",
    "DataStore",
    "Engine",
    "Job",
    "Migrate",
    "Occasion",
    "Person",
    "Preview",
    "Resume",
    "Retry",
    "SaveDraft",
    "SetData",
    "StartActivity",
    "Suspend",
    "Task",
    "Template",
    "Tick",
    "Unclaim",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
