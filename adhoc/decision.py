"""DECIDE: a gateway is not skipped but decided: a person says which way the token goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from caseloom.adhoc import rights, targets
from caseloom.adhoc.skip import needs_reason
from caseloom.engine.errors import Conflict, Invalid
from caseloom.engine.flow import events, firing, ways
from caseloom.engine.flow.model import Flow, Node
from caseloom.engine.flow.tokens import Token
from caseloom.engine.live import LiveCase

_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway", "eventBasedGateway"})


@dataclass(frozen=True, slots=True)
class Decide:
    """Sends the token that waits at a gateway on along these flows (their ids)."""

    gateway: str
    flows: Sequence[str]
    _: KW_ONLY
    reason: str

    def decide(self, case: LiveCase) -> None:
        case.running()
        case.change = True
        needs_reason(self.reason)
        node = _gateway(case, self.gateway)
        rights.check(case, "skip", node)
        flows = _flows(node, self.flows)
        race = next((one for one in _races(case) if one.node is node), None)
        if race is not None:
            events.catch(case.run, race, node.plan.nodes[flows[0].target], outcome={"decided": True})
            return
        tokens = stuck(case, node)
        if not tokens:
            raise Conflict(f"Nothing waits at “{node.label}” for a decision now.")
        firing.decide(case.run, tokens, flows)


def _gateway(case: LiveCase, element_id: str) -> Node:
    node = targets.node(case, element_id)
    if node.kind not in _CHOOSING:
        raise Invalid(f"“{node.label}” is not a gateway that chooses a way.")
    return node


def _flows(node: Node, wanted: Sequence[str]) -> list[Flow]:
    if isinstance(wanted, str):
        wanted = [wanted]
    known = {flow.id: flow for flow in node.flows}
    for flow_id in wanted:
        if flow_id not in known:
            raise Invalid(f"“{flow_id}” does not leave “{node.label}”; {', '.join(known)} do.")
    if not wanted or (len(wanted) > 1 and node.kind != "inclusiveGateway"):
        raise Invalid(f"Exactly one way leads on from “{node.label}”." if wanted else "Name the way to go.")
    return [known[flow_id] for flow_id in dict.fromkeys(wanted)]


def _races(case: LiveCase) -> list[Token]:
    return [
        one
        for one in case.instance.open.values()
        if isinstance(one, Token) and one.node.kind == "eventBasedGateway"
    ]


def stuck(case: LiveCase, node: Node) -> list[Token]:
    """The tokens that wait at a gateway because an incident has parked them, or because a person is asked."""
    return [
        token
        for token in case.instance.get_tasks()
        if token.node is node and not token.occurrence and (token.parked or _asked(case, token))
    ]


def _asked(case: LiveCase, token: Token) -> bool:
    rounds = [case.instance.rounds[held] for held in token.held]
    return any(case.instance.insertions[found.insertion].kind == ways.KIND for found in rounds)


def choosable(case: LiveCase) -> list[Node]:
    """The gateways at which something waits for a decision now."""
    parked = [
        token.node
        for token in case.instance.get_tasks()
        if token.node.kind in _CHOOSING and (token.parked or _asked(case, token))
    ]
    return list(dict.fromkeys([*parked, *(one.node for one in _races(case))]))
