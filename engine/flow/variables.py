"""The variables that an occurrence sees: its own scope's first, the case file last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Variables(Mapping[str, Any]):
    """Scopes of variables, innermost first. Writing goes where the name is known, else to the outermost."""

    __slots__ = ("maps",)

    def __init__(self, *maps: dict[str, Any]) -> None:
        self.maps = maps

    def __getitem__(self, name: str) -> Any:
        for scope in self.maps:
            if name in scope:
                return scope[name]
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(name in scope for scope in self.maps)

    def __iter__(self) -> Iterator[str]:
        seen: dict[str, None] = {}
        for scope in self.maps:
            seen.update(dict.fromkeys(scope))
        return iter(seen)

    def __len__(self) -> int:
        return len(set().union(*self.maps))

    def write(self, name: str, value: Any) -> None:
        for scope in self.maps:
            if name in scope:
                scope[name] = value
                return
        self.maps[-1][name] = value

    def erase(self, name: str) -> None:
        for scope in self.maps:
            scope.pop(name, None)

    def below(self, own: dict[str, Any]) -> Variables:
        """A child scope with variables of its own."""
        return Variables(own, *self.maps)

    def flat(self) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for scope in reversed(self.maps):
            merged.update(scope)
        return merged
