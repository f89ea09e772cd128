"""Which way? What a condition reads was left open by a skip, so a person is asked instead of a guess being made.

The question is a task like inserted work: it holds the tokens, or the occurrence, until somebody has named the
flows that they go on along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from caseloom.engine.errors import ExpressionError, Invalid
from caseloom.engine.expressions import Expression
from caseloom.engine.facts import Fact, Kind, Writes
from caseloom.engine.flow import beside
from caseloom.engine.flow.model import Flow, Node
from caseloom.engine.flow.tokens import Occurrence, Token, Work

if TYPE_CHECKING:
    from caseloom.engine.flow.run import Run

KIND = "decision"
WAY = "way"


class LeftOpen(ExpressionError):
    """A condition reads what a skipped step has not said."""

    def __init__(self, node: Node, names: Sequence[str], text: str) -> None:
        self.names = names
        super().__init__(
            f"“{node.label}”: {told(names)} was left open by a skip; give it a value.", text=text
        )


def told(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def check(
    run: Run,
    node: Node,
    condition: Expression,
    variables: Mapping[str, Any],
    said: Mapping[str, Any] | None = None,
) -> None:
    """Raises LeftOpen where a condition reads a value that was called missing and that nobody has given since."""
    missing = run.instance.missing.union((said or {}).get("missing", ()))
    _guard(node, condition, variables, missing)


def blame(
    run: Run,
    node: Node,
    condition: Expression,
    variables: Mapping[str, Any],
    said: Mapping[str, Any] | None = None,
) -> None:
    """A condition has no answer: raises LeftOpen where that is because of a value that a skip left open."""
    _guard(node, condition, variables, run.instance.left_open.union((said or {}).get("open", ())))


def _guard(node: Node, condition: Expression, variables: Mapping[str, Any], unsaid: set[str]) -> None:
    names = [
        name for name in sorted(condition.reads & unsaid) if name not in variables or variables[name] is None
    ]
    if names:
        raise LeftOpen(node, names, condition.text)


def chosen(token: Occurrence) -> list[Flow] | None:
    """The flows that a person has chosen for it."""
    if not isinstance(token, Token) or token.ways is None:
        return None
    return [flow for flow in token.node.flows if flow.id in token.ways]


def ask(run: Run, tokens: Sequence[Token], open_: LeftOpen) -> None:
    """A task that asks which way the tokens of an element, or an occurrence that is over, go on."""
    first = tokens[0]
    work = _question(first.node, open_.names)
    if groups := first.node.rights.skip or first.scope.model.rights.skip:
        work["groups"] = list(groups)
    causes = tuple(sorted({cause for token in tokens for cause in token.causes}))
    fact = run.note(
        Kind.INSERT, first.node.name, causes=causes,
        outcome={
            "kind": KIND, "element": first.node.name, "scope": first.scope.path, "blocking": True, "every": False,
            "need": 1, "in_turn": False, "works": [work],
        },
    )  # fmt: skip
    insertion = run.instance.insertions[fact.id]
    if first.occurrence:
        beside.open_round(run, insertion, first.scope, host=first, depends=causes)
    else:
        beside.open_round(run, insertion, first.scope, tokens=tokens, depends=causes)


def _question(node: Node, names: Sequence[str]) -> dict[str, Any]:
    ways = [(flow.id, flow.name or node.plan.nodes[flow.target].label) for flow in node.flows]
    one = node.kind == "exclusiveGateway"
    form = (
        [
            {
                "id": WAY,
                "label": "Which way?",
                "type": "enum",
                "options": [list(way) for way in ways],
                "required": True,
            }
        ]
        if one
        else [{"id": way, "label": label, "type": "boolean", "options": []} for way, label in ways]
    )
    return {
        "name": f"Which way at “{node.label}”?",
        "description": f"The way depends on {told(names)}, which a skipped step left open.",
        "form": form,
        "ways": [way for way, _ in ways],
        "one": one,
    }


def asks(work: Work) -> bool:
    return "ways" in work.outcome


def answer(run: Run, work: Work, writes: Writes, kind: str, outcome: Mapping[str, Any] | None) -> Fact:
    """The question is answered: nothing goes into the case file. Raises Invalid where no way is named."""
    if kind == Kind.SKIP:
        raise Invalid(f"“{work.name}” cannot be skipped: the case cannot tell the way by itself. Say which.")
    ways = _named(work, dict(writes))
    return run.note(
        kind, "", work.scope.path, work.occurrence,
        takes=(work.occurrence,), causes=work.causes, outcome={**(outcome or {}), "ways": ways},
    )  # fmt: skip


def _named(work: Work, data: Mapping[str, Any]) -> list[str]:
    known = work.outcome["ways"]
    given = data.get(WAY, [name for name in known if data.get(name) is True])
    wanted = [given] if isinstance(given, str) else list(given) if isinstance(given, list | tuple) else []
    unknown = [name for name in wanted if name not in known]
    if not wanted or unknown or (work.outcome["one"] and len(wanted) > 1):
        some = "exactly one" if work.outcome["one"] else "at least one"
        raise Invalid(f"“{work.name}” is answered with {some} of {', '.join(known)} as “{WAY}”.")
    return [name for name in known if name in wanted]


__all__ = ["LeftOpen", "answer", "ask", "asks", "check", "chosen"]
