"""What the random cases consisted of, so that nobody proves something about nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Counts, over all cases that were played: steps, changes, refusals, laws that were checked, sizes of cones."""

    cases: int = 0
    ended: int = 0
    ran_away: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    features: Counter[str] = field(default_factory=Counter)
    cones: list[int] = field(default_factory=list)

    @property
    def refusal_rate(self) -> float:
        tried = sum(self.changes.values()) + sum(self.refused.values())
        return sum(self.refused.values()) / tried if tried else 0.0

    def told(self) -> str:
        cones = sorted(self.cones)
        sizes = [cones[len(cones) * part // 100] for part in (10, 50, 90)] if cones else [0, 0, 0]
        lines = [
            f"cases: {self.cases} played, {self.ended} ended properly, {self.ran_away} ran away",
            *_lines("ordinary steps", self.steps),
            *_lines("changes", self.changes),
            *_lines("refused", self.refused),
            f"refusals: {self.refusal_rate:.1%} of all changes that were tried",
            f"cones: {len(cones)}; 10 % of at most {sizes[0]} facts, half of at most {sizes[1]}, "
            f"90 % of at most {sizes[2]}, the largest {cones[-1] if cones else 0}",
            *_lines("rows of the tables", self.rows),
            *_lines("features of the diagrams", self.features),
            *_lines("laws, how often checked", self.checked),
        ]
        return "\n".join(lines)


def _lines(title: str, counts: Counter[str]) -> list[str]:
    if not counts:
        return []
    width = max(len(name) for name in counts)
    return [
        f"{title}: {sum(counts.values())}",
        *(f"  {name:<{width}} {counts[name]}" for name in sorted(counts)),
    ]
