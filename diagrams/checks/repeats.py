"""How many tokens an activity needs and gives, and what its instances throw when they are done."""

from __future__ import annotations

from collections.abc import Iterator

from caseloom.diagrams.checks.rules import Remark, on, process_rule
from caseloom.diagrams.model import Node, Process

MOST_TOKENS = 1000
_QUANTITIES = ("startQuantity", "completionQuantity")


@process_rule("wrong-quantity")
def wrong_quantity(process: Process) -> Iterator[Remark]:
    """`startQuantity` and `completionQuantity` are whole numbers from 1 to 1000, on activities that flows lead to.

    Cure: correct the number, or take the attribute away.
    """
    for node in process.all_nodes():
        for name in _QUANTITIES:
            text = node.xml.get(name, "1").strip()
            if not (text.isdecimal() and 1 <= int(text) <= MOST_TOKENS):
                yield on(
                    node, f"The {name} of “{node.label}” is “{text}”: use a number from 1 to {MOST_TOKENS}."
                )
            elif int(text) > 1 and not _may_count(node):
                yield on(node, f"“{node.label}” has a {name}, but no tokens to count: take it away.")


def _may_count(node: Node) -> bool:
    return node.is_activity and not node.stands_apart


RULES = (wrong_quantity,)
