"""How long a diagram is read and checked before it runs, beside the time that lxml takes for the plain tree.

Run it: `python tests/bench/parsing.py`. The aim: a diagram of 500 elements within a second, one of 2,000 steps in a row
within a few.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

sys.path.insert(0, str(Path(__file__).parents[1]))

from drawing import draw

from caseloom.diagrams.checks import check
from caseloom.diagrams.reading import read
from caseloom.engine.flow import parsing

DIAGRAMS = {
    "tasks in a row": " > ".join(f"T{n}" for n in range(249)),
    "pairs in parallel": " > ".join(f"( A{n} | B{n} )" for n in range(55)),
    "choices and scripts": " > ".join(
        f"[ a{n} > 1: A{n} | else: B{n} ] > x{n} := a{n} + 1" for n in range(45)
    ),
    "loops with boundary events": " > ".join(
        f"( A{n} ^timer P{n + 1}D ( Late{n} > ) > B{n} until done{n} )" for n in range(32)
    ),
    "2,000 steps in a row": " > ".join(f"T{n}" for n in range(2_000)),
}


def seconds(work: Callable[[], object]) -> float:
    """The best of three runs."""
    times = []
    for _ in range(3):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return min(times)


def main() -> None:
    print(f"{'diagram':28}{'elements':>9}{'lxml':>9}{'read':>9}{'checked':>9}{'model':>9}{'to lxml':>9}")
    for name, line in DIAGRAMS.items():
        xml = draw(line)
        elements = sum(1 for one in etree.fromstring(xml).iter("{*}*") if one.get("id"))
        plain = seconds(lambda xml=xml: etree.fromstring(xml))
        source = read("a.bpmn", xml)
        parts = (
            seconds(lambda xml=xml: read("a.bpmn", xml)),
            seconds(lambda source=source: check([source])),
            seconds(lambda source=source: parsing.read(source.root, "a.bpmn")),
        )
        told = "".join(f"{part:9.4f}" for part in (plain, *parts))
        print(f"{name:28}{elements:9}{told}{sum(parts) / plain:8.0f}x")


if __name__ == "__main__":
    main()
