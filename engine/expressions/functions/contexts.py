"""Context functions (DMN 1.5, 10.3.4.9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from caseloom.engine.expressions.kinds import kind_name
from caseloom.engine.expressions.running import Run
from caseloom.engine.expressions.signatures import builtin
from caseloom.engine.expressions.values import Value

Context = Mapping[str, Value]


@builtin("get value(m: context, key: string)")
def get_value(run: Run, m: Context, key: str) -> Value:
    """An entry of a context. `get value({a: 1}, "a") = 1`"""
    return m[key] if key in m else run.null(f"get value: there is no entry “{key}”.")


@builtin("get value(m: context, keys: list)")
def get_value_deep(run: Run, m: Context, keys: Sequence[Value]) -> Value:
    """An entry of a context in a context. `get value({a: {b: 1}}, ["a", "b"]) = 1`"""
    value: Value = m
    for key in keys:
        if not isinstance(value, Mapping) or not isinstance(key, str) or key not in value:
            return run.null(f"get value: there is no entry “{key}”.")
        value = value[key]
    return value if keys else None


@builtin("get entries(m: context)")
def get_entries(run: Run, m: Context) -> Value:
    """The entries as a list. `get entries({a: 1}) = [{key: "a", value: 1}]`"""
    run.spend(len(m))
    return [{"key": key, "value": value} for key, value in m.items()]


@builtin("context(entries: list)")
def context(run: Run, entries: Sequence[Value]) -> Value:
    """A context from a list of entries. `context([{key: "a", value: 1}]) = {a: 1}`"""
    result: dict[str, Value] = {}
    run.spend(len(entries))
    for entry in entries:
        if not isinstance(entry, Mapping) or "key" not in entry or "value" not in entry:
            return run.null("context: every entry needs a key and a value.")
        key = entry["key"]
        if not isinstance(key, str) or key in result:
            return run.null(f"context: {kind_name(key)} is no key, or there are two of it.")
        result[key] = entry["value"]
    return result


@builtin("context put(context: context, key: string, value: Any)")
def context_put(run: Run, context: Context, key: str, value: Value) -> Value:
    """The context with an entry added or changed. `context put({a: 1}, "b", 2) = {a: 1, b: 2}`"""
    run.spend(len(context))
    return {**context, key: value}


@builtin("context put(context: context, keys: list, value: Any)")
def context_put_deep(run: Run, context: Context, keys: Sequence[Value], value: Value) -> Value:
    """The same, in a context in a context. `context put({a: {b: 1}}, ["a", "b"], 2) = {a: {b: 2}}`"""
    if not keys or not all(isinstance(key, str) for key in keys):
        return run.null("context put: the keys must be names.")
    run.spend(len(context) + len(keys))
    first, *rest = keys
    if not rest:
        return {**context, first: value}
    inner = context.get(first)
    if not isinstance(inner, Mapping):
        return run.null(f"context put: “{first}” is no context.")
    run.enter()
    changed = context_put_deep(run, inner, rest, value)
    run.leave()
    return None if changed is None else {**context, first: changed}


@builtin("context merge(contexts: list)")
def context_merge(run: Run, contexts: Sequence[Value]) -> Value:
    """Contexts as one; the later entry wins. `context merge([{a: 1}, {a: 2, b: 3}]) = {a: 2, b: 3}`"""
    result: dict[str, Value] = {}
    for one in contexts:
        if not isinstance(one, Mapping):
            return run.null(f"context merge: a {kind_name(one)} is no context.")
        run.spend(len(one))
        result.update(one)
    return result
