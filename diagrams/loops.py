"""The loops of a graph: which of its nodes can be come back to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def loops_in(after: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The groups of nodes that lead to one another; `after` has every node with those that follow it."""
    return [part for part in _components(after) if len(part) > 1 or part[0] in after[part[0]]]


def from_the_start(after: Mapping[str, Sequence[str]]) -> list[str]:
    """The nodes, each before those that follow it, but where a loop leads back."""
    return _as_left(after)[::-1]


def _components(after: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Strongly connected components (Kosaraju), without recursion since a diagram may be long."""
    before: dict[str, list[str]] = {name: [] for name in after}
    for name, targets in after.items():
        for target in targets:
            before[target].append(name)
    found: list[list[str]] = []
    taken: set[str] = set()
    for root in from_the_start(after):
        if root not in taken:
            found.append(_reached(root, before, taken))
    return found


def _as_left(after: Mapping[str, Sequence[str]]) -> list[str]:
    """The names in the order in which a depth-first walk leaves them for good."""
    left: list[str] = []
    seen: set[str] = set()
    for root in after:
        way = [] if root in seen else [(root, iter(after[root]))]
        seen.add(root)
        while way:
            name, targets = way[-1]
            fresh = next((target for target in targets if target not in seen), None)
            if fresh is None:
                left.append(name)
                way.pop()
            else:
                seen.add(fresh)
                way.append((fresh, iter(after[fresh])))
    return left


def _reached(root: str, before: dict[str, list[str]], taken: set[str]) -> list[str]:
    part = [root]
    taken.add(root)
    for name in part:
        fresh = [other for other in dict.fromkeys(before[name]) if other not in taken]
        taken.update(fresh)
        part.extend(fresh)
    return part
