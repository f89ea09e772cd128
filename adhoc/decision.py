"""DECIDE: a gateway is not skipped but decided: a person says which way the token goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from caseloom.adhoc import rights, targets
from caseloom.adhoc.revisit import Policy, Revisit
from caseloom.adhoc.skip import needs_reason
from caseloom.adhoc.targets import Past
from caseloom.engine.errors import Conflict, Invalid
from caseloom.engine.flow import events, firing, starting, ways
from caseloom.engine.flow.model import Flow, Node
from caseloom.engine.flow.tokens import Token
from caseloom.engine.live import LiveCase

CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"})
PASSED = CHOOSING - {"complexGateway"}  # may be decided again
_SEVERAL = frozenset({"inclusiveGateway", "complexGateway"})


@dataclass(frozen=True, slots=True)
class Decide:
    """Sends the token that waits at a gateway on along these flows (their ids).

    Where the gateway has been passed already, the case goes back to it and takes the other way, as one change;
    `effects`, `data_policy` and `reuse` are those of `Revisit`.
    """

    gateway: str
    flows: Sequence[str]
    _: KW_ONLY
    reason: str
    effects: Mapping[str, str] | str | None = None
    data_policy: Policy | Mapping[str, Policy] | None = None
    reuse: Literal["manual", "unchanged", "never"] | None = None
    item: Any = None

    def decide(self, case: LiveCase) -> None:
        case.change = True
        needs_reason(self.reason)
        node = _gateway(case, self.gateway)
        rights.check(case, "skip", node)
        flows = _flows(node, self.flows)
        tokens = [one for one in stuck(case, node) if self.item is None or targets.has_item(one, self.item)]
        race = next((one for one in _races(case) if one.node is node), None)
        if race is None and not tokens:
            self._again(case, node, flows)
            return
        case.running()
        if race is not None:
            _let_happen(case, race, flows[0])
        else:
            for together in _firing(node, tokens):
                firing.decide(case.run, together, flows)

    def _again(self, case: LiveCase, node: Node, flows: Sequence[Flow]) -> None:
        """The gateway was passed: back to it, and the other way."""
        past = Past.of(case)
        if node.complex or not any(
            fact.element == node.name and targets.ran(fact) for fact in past.effective
        ):
            raise Conflict(f"Nothing waits at “{node.label}” for a decision now.")
        passed = past.ran(case, self.gateway, self.item)
        if set(passed.gives) == {flow.id for flow in flows}:
            raise Conflict(f"The case went this way at “{node.label}”.")
        Revisit(
            self.gateway, reason=self.reason, effects=self.effects, data_policy=self.data_policy, reuse=self.reuse,
            item=self.item,
        ).decide(case)  # fmt: skip
        scope = case.instance.scopes[passed.scope]
        tokens = [scope.tokens[taken] for taken in passed.takes]
        if any(_held(case, token) for token in tokens):
            raise Conflict(
                f"Something has to be put right first: go back to “{node.label}”, and decide when that is done."
            )
        if node.kind == "eventBasedGateway":
            starting.start(case.run, tokens[0])
            _let_happen(case, tokens[0], flows[0])
        else:
            firing.decide(case.run, tokens, flows)


def _firing(node: Node, tokens: Sequence[Token]) -> list[list[Token]]:
    """A join takes all that wait in one scope at once, any other gateway each token by itself."""
    if not node.joins:
        return [[token] for token in tokens]
    scopes = dict.fromkeys(token.scope.path for token in tokens)
    return [[token for token in tokens if token.scope.path == path] for path in scopes]


def _let_happen(case: LiveCase, race: Token, flow: Flow) -> None:
    events.catch(case.run, race, race.node.plan.nodes[flow.target], outcome={"decided": True})


def _gateway(case: LiveCase, element_id: str) -> Node:
    node = targets.node(case, element_id)
    if node.kind not in CHOOSING:
        raise Invalid(f"“{node.label}” is not a gateway that chooses a way.")
    return node


def _flows(node: Node, wanted: Sequence[str]) -> list[Flow]:
    if isinstance(wanted, str):
        wanted = [wanted]
    known = {flow.id: flow for flow in node.flows}
    for flow_id in wanted:
        if flow_id not in known:
            raise Invalid(f"“{flow_id}” does not leave “{node.label}”; {', '.join(known)} do.")
    if not wanted or (len(wanted) > 1 and node.kind not in _SEVERAL):
        raise Invalid(f"Exactly one way leads on from “{node.label}”." if wanted else "Name the way to go.")
    return [known[flow_id] for flow_id in dict.fromkeys(wanted)]


def _races(case: LiveCase) -> list[Token]:
    return [
        one
        for one in case.instance.open.values()
        if isinstance(one, Token) and one.node.kind == "eventBasedGateway"
    ]


def stuck(case: LiveCase, node: Node) -> list[Token]:
    """The tokens that wait at a gateway for a person: parked by an incident, or asked about."""
    return [token for token in case.instance.get_tasks() if token.node is node and _waits(case, token)]


def _waits(case: LiveCase, token: Token) -> bool:
    """A complex gateway that only waits for more tokens is no such case: no run of the diagram goes on with fewer."""
    return not token.occurrence and bool(token.parked or token.held) and not _held(case, token)


def _held(case: LiveCase, token: Token) -> bool:
    """By something else than the question which way it goes?"""
    rounds = [case.instance.rounds.get(number) for number in token.held]
    return any(
        found is None or case.instance.insertions[found.insertion].kind != ways.KIND for found in rounds
    )


def choosable(case: LiveCase) -> list[Node]:
    """The gateways at which something waits for a decision now."""
    parked = [
        token.node
        for token in case.instance.get_tasks()
        if token.node.kind in CHOOSING and _waits(case, token)
    ]
    return list(dict.fromkeys([*parked, *(one.node for one in _races(case))]))
