"""When an earlier answer may confirm itself: when all that its step shows is as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from caseloom.engine.flow.model import Node
from caseloom.storage.payload import encode


def inputs(node: Node) -> list[str] | None:
    """The variables that a step shows or reads: fields, input mappings, data inputs; None is the whole case file."""
    names = {field.id for field in node.form.fields} if node.form is not None else set()
    for mapping in node.input_mappings:
        if mapping.source is not None:
            names |= mapping.source.reads
    for one in node.data_inputs:
        names |= {source.name for source in one.sources}
        texts = (one.transformation, *(source for source, _ in one.assignments))
        names |= {name for text in texts if text is not None for name in text.reads}
    return sorted(names) or None


def prints_of(values: Mapping[str, Any], names: Iterable[str] | None, own: Iterable[str]) -> dict[str, str]:
    """A fingerprint of each variable, without those that the step itself wrote."""
    shown = set(values if names is None else names) - set(own)
    return {name: _print(values[name]) for name in sorted(shown) if name in values}


def unchanged(earlier: Mapping[str, str], now: Mapping[str, str], stale: Iterable[str]) -> bool:
    """Is all as it was? What a revisit left behind and nobody has confirmed since says nothing either way."""
    names = {*earlier, *now} - set(stale)
    return all(earlier.get(name) == now.get(name) for name in names)


def _print(value: Any) -> str:
    return hashlib.sha256(encode(value).encode()).hexdigest()[:16]
