"""When an earlier answer may confirm itself: when all that its step shows is as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from caseloom.engine.flow.model import Node
from caseloom.storage.payload import encode


def inputs(node: Node) -> list[str] | None:
    """The variables that a step shows or reads: its form's fields and its input mappings; None is the whole case file."""
    names = {field.id for field in node.form.fields} if node.form is not None else set()
    for mapping in node.input_mappings:
        if mapping.source is not None:
            names |= mapping.source.reads
    return sorted(names) or None


def print_of(values: Mapping[str, Any], names: Iterable[str] | None, own: Iterable[str]) -> str:
    """A fingerprint of variables, without those that the step itself wrote."""
    left_out = set(own)
    shown = sorted(set(names) - left_out if names is not None else set(values) - left_out)
    basis = [[name, values[name]] for name in shown if name in values]
    return hashlib.sha256(encode(basis).encode()).hexdigest()[:32]
