"""What inserted work is: a task or a small process, described as facts, plans and templates keep it.

A description is a mapping of the names in `FIELDS`, in plain types; what is not said is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from caseloom.engine import times
from caseloom.engine.errors import Conflict, Invalid
from caseloom.engine.flow.tokens import Occurrence, Work
from caseloom.engine.results import FormField
from caseloom.storage.payload import checked

FIELDS = (
    "name", "assignee", "groups", "due", "follow_up", "form", "goal", "data", "checklist", "fragment",
)  # fmt: skip
MOST = 200
_TASK_ONLY = ("assignee", "groups", "due", "follow_up", "form", "goal", "checklist")
_FIELD = ("id", "label", "type", "default", "options", "required", "readonly")
_ITEMS = 100


def described(given: Any, at: datetime) -> dict[str, Any]:
    """The description of one piece of work, from a mapping or a command with these fields. Raises Invalid."""
    read = given.get if isinstance(given, Mapping) else lambda name: getattr(given, name)
    if isinstance(given, Mapping) and (unknown := sorted(set(given) - set(FIELDS))):
        raise Invalid(f"“{unknown[0]}” is nothing that a task has; use {', '.join(FIELDS)}.")
    name = named(read("name") or read("fragment"))
    work = {
        field: PARTS[field](name, value, at) for field in FIELDS[1:] if given_at_all(value := read(field))
    }
    _guard_process(name, work)
    return storable({"name": name, **work}, "The task")


def storable(value: Mapping[str, Any], what: str) -> dict[str, Any]:
    """A copy in plain types, fit to be kept in a fact. Raises Invalid, naming the place."""
    return dict(checked(value, what))


def given_at_all(value: Any) -> bool:
    return value is not None and value != () and value != []


def named(name: Any) -> str:
    if not isinstance(name, str) or not name.strip():
        raise Invalid("An inserted task needs a name.")
    return name.strip()


def _guard_process(name: str, work: Mapping[str, Any]) -> None:
    if "fragment" in work and (told := [field for field in _TASK_ONLY if field in work]):
        raise Invalid(f"“{name}” is a process with tasks of its own: {told[0]} belongs to one of these.")


def _text(name: str, value: Any, at: datetime) -> str:
    if not isinstance(value, str):
        raise Invalid(f"“{name}”: “{value}” is not text.")
    return value


def _groups(name: str, value: Any, at: datetime) -> list[str]:
    groups = [value] if isinstance(value, str) else list(value)
    return [_text(name, group, at) for group in groups]


def _date(name: str, value: Any, at: datetime) -> Any:
    times.instant(value, at, element=name)
    return value


def _data(name: str, value: Any, at: datetime) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Invalid(f"The data of “{name}” must be a mapping of names to values.")
    return dict(value)


def _checklist(name: str, value: Any, at: datetime) -> list[list[Any]]:
    """Pairs of an item and whether it must be done. An item is given by its name, or with `required`."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise Invalid(f"The checklist of “{name}” is a list of items.")
    items = [_item(name, given) for given in value]
    names = [item for item, _ in items]
    if len(set(names)) < len(names):
        raise Invalid(f"The checklist of “{name}” has the same item twice.")
    if len(items) > _ITEMS:
        raise Invalid(f"The checklist of “{name}” has {len(items)} items; at most {_ITEMS} are allowed.")
    return items


def _item(name: str, given: Any) -> list[Any]:
    item, required = given, False
    if isinstance(given, Mapping):
        if unknown := sorted(set(given) - {"name", "required"}):
            raise Invalid(f"“{unknown[0]}” is nothing that an item of a checklist has; use name, required.")
        item, required = given.get("name"), given.get("required", False)
    elif isinstance(given, list | tuple) and len(given) == 2:
        item, required = given
    if not isinstance(item, str) or not item.strip() or not isinstance(required, bool):
        raise Invalid(
            f"Each item of the checklist of “{name}” is a text, or a name with required true or false."
        )
    return [item.strip(), required]


def _form(name: str, value: Any, at: datetime) -> Any:
    """A form in plain words: the key of a deployed one, a form-js schema, or a list of fields."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        if not isinstance(value.get("components"), list):
            raise Invalid(f"The form of “{name}” is no form-js schema: it has no list of components.")
        return value
    if not isinstance(value, Sequence):
        raise Invalid(f"The form of “{name}” is a key, a form-js schema or a list of fields.")
    return [_field(name, given) for given in value]


def _field(name: str, given: Any) -> dict[str, Any]:
    """One field: its id alone, or a mapping with id, label, type, default, options, required and readonly."""
    if isinstance(given, FormField):
        given = {field: getattr(given, field) for field in _FIELD}
    if isinstance(given, str):
        given = {"id": given}
    if not isinstance(given, Mapping) or not isinstance(given.get("id"), str) or not given["id"]:
        raise Invalid(f"Each field of the form of “{name}” needs an id.")
    if unknown := sorted(set(given) - set(_FIELD)):
        raise Invalid(f"“{unknown[0]}” is nothing that a field can have; use {', '.join(_FIELD)}.")
    options = given.get("options") or ()
    pairs = [list(option) if isinstance(option, list | tuple) else [option, option] for option in options]
    if any(len(pair) != 2 for pair in pairs):
        raise Invalid(f"The options of “{given['id']}” are texts, or pairs of a value and its text.")
    return {**given, "options": pairs}


# How each field of a description is read.
PARTS = {
    "assignee": _text,
    "groups": _groups,
    "due": _date,
    "follow_up": _date,
    "form": _form,
    "goal": _text,
    "data": _data,
    "checklist": _checklist,
    "fragment": _text,
}


def need(rule: Any, count: int) -> int:
    """How many of so many works have to be done. Raises Invalid for a rule that there is not."""
    if rule in ("all", "in-turn"):
        return count
    if rule == "any":
        return 1
    if isinstance(rule, int) and not isinstance(rule, bool) and 1 <= rule <= count:
        return rule
    raise Invalid(f"“{rule}”: of {count} tasks, all, any, in-turn, or a number of them can be asked for.")


# -- checklists and approvals ------------------------------------------------------------------------


def check_complete(task: Occurrence) -> None:
    """May an inserted task be completed as it is? Raises Conflict naming what is open."""
    if not isinstance(task, Work):
        return
    check_no_answer(task)
    missing = [
        item for item, required in task.outcome.get("checklist") or () if required and item not in task.ticked
    ]
    if missing:
        raise Conflict(f"“{task.name}” is not done yet: “{missing[0]}” on its checklist is open.")


def check_no_answer(task: Occurrence) -> None:
    """An approval is given or refused, never done, skipped or removed like other work."""
    if isinstance(task, Work) and "asks" in task.outcome:
        raise Conflict(f"“{task.name}” is answered with Approve or Reject.")


def check_item(task: Occurrence, item: Any) -> None:
    names = [name for name, _ in task.outcome.get("checklist") or ()]
    if item not in names or not isinstance(task, Work):
        listed = f"it has {', '.join(names)}" if names else "it has no checklist"
        raise Invalid(f"“{item}” is not on the checklist of “{task.name}”: {listed}.")


def is_ticked(task: Occurrence, item: str) -> bool:
    return isinstance(task, Work) and item in task.ticked
