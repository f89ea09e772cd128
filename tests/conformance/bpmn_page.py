"""`docs/bpmn.md`: what runs, in which places, and what is refused; made from the tables of this suite.

python tests/conformance/bpmn_page.py        writes docs/bpmn.md anew
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from elements import GROUPS, Fragment
from listener_rows import LISTENERS
from opening_rows import OPENINGS
from patterns import PATTERNS
from placements import PLACES
from pool_rows import POOLS

PAGE = Path(__file__).parents[2] / "docs" / "bpmn.md"
ROOM_FOR_TWO = "instances at once"

_HEAD = """# BPMN: what runs

Every element below is run by the conformance suite (`tests/conformance/`) in every place below, each time
against the trace that BPMN 2.0.2 gives, and compared with a replay of its journal and with its snapshot. This
page is made from the suite by `tests/conformance/bpmn_page.py`.

Whatever is not on this page is refused when a diagram is deployed, with the element, the reason and the cure:
see [checks](checks.md)."""

_PLACES = """## Places

{}

“yes” says that the element runs there; a dash that the suite does not run it there, since the trace of two
at the same time would depend on who is quicker."""

_LISTENERS = """Execution and task listeners run: {}. Besides, those of a process and of a flow (`take`), and of the
assignment of a task. What they may do is in [scripts](scripts.md)."""
_POOLS = """Two processes of one drawing, or of several, talk by messages. What a message carries of the correlation
properties of its conversation says which case it is for; messages that come early are kept."""

_STARTS = """Besides the plain start, by hand or by a call. Where several events start a process together, the case goes
on waiting, after the first, for the others that belong to it; what fits no waiting case starts another. Conditions that
start a process are looked at when data is given for them: `engine.conditions(data)`, `POST /conditions`."""

_TOLD = {
    "process": "directly in a process",
    "sub-process": "in an embedded sub-process",
    "transaction": "in a transaction",
    "called process": "in a process that a call activity calls",
    "event sub-process": "in an interrupting event sub-process",
    "event sub-process beside": "in an event sub-process that does not interrupt",
    "boundary path": "behind a boundary event",
    "parallel branch": "in one of two parallel branches",
    "loop": "in a loop of flows, twice",
    "standard loop": "in a sub-process with a loop marker, twice",
    "instances in turn": "in a sequential multi-instance sub-process",
    ROOM_FOR_TWO: "in a parallel multi-instance sub-process, two at the same time",
}


def page() -> str:
    places = "\n".join(f"{number}. {_TOLD[name]}" for number, name in enumerate(PLACES, 1))
    patterns = [("Pattern", "")] + [
        (one.name, f"refused: {one.not_yet}" if one.not_yet else "runs") for one in PATTERNS
    ]
    sections = [_HEAD, _PLACES.format(places)]
    sections += [f"## {group}\n\n{_elements(fragments)}" for group, fragments in GROUPS.items()]
    sections.append("## Listeners\n\n" + _LISTENERS.format(", ".join(one.name for one in LISTENERS)))
    openings = _table([("How a process begins", ""), *((one.name, "runs") for one in OPENINGS)])
    pools = _table([("Between pools", ""), *((one.name, "runs") for one in POOLS)])
    sections += ["## Pools\n\n" + _POOLS + "\n\n" + pools]
    sections += ["## Starts of a process\n\n" + _STARTS + "\n\n" + openings]
    sections.append("## Workflow patterns\n\n" + _table(patterns))

    return "\n\n".join(sections) + "\n"


def _elements(fragments: Sequence[Fragment]) -> str:
    head = ("Element", *(str(number) for number in range(1, len(PLACES) + 1)))

    return _table([head, *((one.name, *(_runs(one, name) for name in PLACES)) for one in fragments)])


def _runs(fragment: Fragment, place: str) -> str:
    return "yes" if fragment.together or place != ROOM_FOR_TWO else "-"


def _table(lines: Iterable[Sequence[str]]) -> str:
    head, *rest = lines
    ruled = [head, ["---"] * len(head), *rest]

    return "\n".join("| " + " | ".join(cells) + " |" for cells in ruled)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
