"""Handlers of listeners: functions of this process, by the name that a diagram gives them.

A handler is called while a command is decided, before anything is stored, and what it returns is written along with
the fact that it listened to. It is not called by a replay, and not by a preview.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from caseloom.engine.errors import CaseloomError, ExpressionError, Invalid
from caseloom.engine.results import Occasion
from caseloom.storage.payload import checked

log = logging.getLogger("caseloom.handlers")

Handler = Callable[[Occasion], Mapping[str, Any] | None]


class Handlers:
    """The handlers that this process has registered."""

    def __init__(self) -> None:
        self._functions: dict[str, Handler] = {}

    def register(self, name: str) -> Callable[[Handler], Handler]:
        if not name or not isinstance(name, str):
            raise Invalid("A listener's handler is registered under a name, which is text.")

        def registered(function: Handler) -> Handler:
            self._functions[name] = function
            return function

        return registered

    def call(self, occasion: Occasion, label: str) -> Mapping[str, Any]:
        """What the handler writes. Raises ExpressionError where there is none, or where it fails."""
        function = self._functions.get(occasion.name)
        if function is None:
            raise ExpressionError(
                f"“{label}” has a listener “{occasion.name}”, which nobody has registered: "
                f'register a function with @engine.listener("{occasion.name}"), then retry.'
            )
        told = replace(occasion, data=checked(occasion.data, "The case file"))
        try:
            found = function(told)
        except CaseloomError as refusal:
            raise ExpressionError(
                f"The listener “{occasion.name}” of “{label}” refuses: {refusal}"
            ) from refusal
        except Exception as problem:  # whatever a handler raises is that handler's failure, not ours
            log.warning("The listener “%s” failed in case %s", occasion.name, occasion.case_id, exc_info=True)
            raise ExpressionError(
                f"The listener “{occasion.name}” of “{label}” failed: {type(problem).__name__}: {problem}"
            ) from problem
        written: Mapping[str, Any] = checked(
            dict(found or {}), f"The result of the listener “{occasion.name}”"
        )
        return written
