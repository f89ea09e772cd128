"""What JUEL expressions may ask of `execution` and `task`, and the few functions they may call.

Everything is a table; what is not in it does not exist.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from caseloom.engine.errors import ExpressionError
from caseloom.engine.expressions.running import Scope
from caseloom.engine.expressions.texts import plain_text
from caseloom.engine.expressions.values import Value

Keys = tuple[str, ...]
_CASE: Mapping[str, Keys] = {
    "processInstanceId": ("case_id",),
    "processDefinitionId": ("definition_id",),
    "tenantId": ("tenant_id",),
}
OBJECTS: Mapping[str, Mapping[str, Keys]] = {
    "execution": {
        **_CASE,
        "id": ("id", "case_id"),
        "businessKey": ("business_key",),
        "processBusinessKey": ("business_key",),
        "currentActivityId": ("element_id",),
        "currentActivityName": ("element_name",),
        "activityInstanceId": ("occurrence_id",),
        "eventName": ("event_name",),
    },
    "task": {
        **_CASE,
        "id": ("task_id",),
        "name": ("element_name",),
        "taskDefinitionKey": ("element_id",),
        "executionId": ("id", "case_id"),
        "assignee": ("assignee",),
        "owner": ("owner",),
        "priority": ("priority",),
        "description": ("description",),
        "dueDate": ("due_at",),
        "followUpDate": ("follow_up_at",),
        "createTime": ("created_at",),
        "eventName": ("event_name",),
    },
}


def of_execution(scope: Scope, keys: Keys) -> Value:
    known = scope.run.env.execution or {}
    return next((known[key] for key in keys if known.get(key) is not None), None)


def _get_variable(scope: Scope, name: Value) -> Value:
    key, env = plain_text(name), scope.run.env
    for written in (env.local, env.writes):
        if key in written:
            return written[key]
    return scope.names.get(key)


def _has_variable(scope: Scope, name: Value) -> Value:
    key, env = plain_text(name), scope.run.env
    return key in env.local or key in env.writes or key in scope.names


def _set_variable(scope: Scope, name: Value, value: Value) -> Value:
    key, env = plain_text(name), scope.run.env
    (env.local if key in env.local else env.writes)[key] = value
    return None


def _set_variable_local(scope: Scope, name: Value, value: Value) -> Value:
    scope.run.env.local[plain_text(name)] = value
    return None


VARIABLE_METHODS: Mapping[tuple[str, int], Callable[..., Value]] = {
    ("getVariable", 1): _get_variable,
    ("getVariableLocal", 1): _get_variable,
    ("hasVariable", 1): _has_variable,
    ("hasVariableLocal", 1): _has_variable,
    ("setVariable", 2): _set_variable,
    ("setVariableLocal", 2): _set_variable_local,
}
SETTERS = frozenset(("setVariable", "setVariableLocal"))


def _changing(what: str) -> Callable[..., Value]:
    def change(scope: Scope, value: Value) -> Value:
        scope.run.env.changes.append((what, value))
        return None

    return change


# What a listener may do to the task itself; each is left in `Environment.changes` under its second name.
TASK_METHODS: Mapping[tuple[str, int], Callable[..., Value]] = {
    ("setAssignee", 1): _changing("assignee"),
    ("setPriority", 1): _changing("priority"),
    ("setDueDate", 1): _changing("due"),
    ("setFollowUpDate", 1): _changing("follow_up"),
    ("addCandidateUser", 1): _changing("users"),
    ("addCandidateUsers", 1): _changing("users"),
    ("addCandidateGroup", 1): _changing("groups"),
    ("addCandidateGroups", 1): _changing("groups"),
}


def _now(scope: Scope) -> Value:
    scope.run.env.used_volatile = True
    if scope.run.env.now is None:
        raise ExpressionError("Nobody said what time it is.")
    return scope.run.env.now


def _spin(scope: Scope, value: Value) -> Value:
    """Camunda Spin: JSON as a value; ours is one already, unless it came as text."""
    if not isinstance(value, str):
        return value
    scope.run.spend(len(value) // 10)
    try:
        return json.loads(value, parse_float=_decimal, parse_int=_decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as fault:
        raise ExpressionError(f"“{value[:50]}” is no JSON.") from fault


def _decimal(text: str) -> Value:
    from caseloom.engine.expressions.numbers import number_from_text

    try:
        return number_from_text(text)
    except ArithmeticError as fault:
        raise ValueError(text) from fault


def _no_number(text: str) -> Value:
    raise ValueError(text)


FUNCTIONS: Mapping[tuple[str, int], Callable[..., Value]] = {
    ("now", 0): _now,
    ("dateTime", 0): _now,
    ("S", 1): _spin,
    ("JSON", 1): _spin,
}
VOLATILE = frozenset(("now", "dateTime"))
