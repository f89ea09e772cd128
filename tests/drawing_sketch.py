"""Draws what `drawing_notation` has read: one method for each thing that can stand on a line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from drawing_notation import Block, Boundary, Branch, NotationError, Repeat, Sequence, Step, read
from drawing_xml import expression, extensions, flow, node, process

SHORTHAND = {
    "assignee": "camunda:assignee",
    "users": "camunda:candidateUsers",
    "groups": "camunda:candidateGroups",
    "due": "camunda:dueDate",
    "follow_up": "camunda:followUpDate",
    "priority": "camunda:priority",
    "form": "camunda:formKey",
    "effect": "caseloom:effect",
    "compensation": "caseloom:compensation",
    "reuse": "caseloom:reuse",
    "goal": "caseloom:goal",
    "skip": "caseloom:skipGroups",
    "revisit": "caseloom:revisitGroups",
    "insert": "caseloom:insertGroups",
}
TAGS = {
    "user": "userTask",
    "script": "scriptTask",
    "service": "serviceTask",
    "send": "sendTask",
    "receive": "receiveTask",
    "rule": "businessRuleTask",
    "task": "task",
    "manual": "manualTask",
    "call": "callActivity",
    "scope": "subProcess",
    "event": "intermediateThrowEvent",
    "message": "intermediateCatchEvent",
    "timer": "intermediateCatchEvent",
    "signal": "intermediateCatchEvent",
    "throw-message": "intermediateThrowEvent",
    "throw-signal": "intermediateThrowEvent",
    "throw-escalation": "intermediateThrowEvent",
    "throw-compensation": "intermediateThrowEvent",
    "start-message": "startEvent",
    "start-timer": "startEvent",
    "start-signal": "startEvent",
    "start-error": "startEvent",
    "start-escalation": "startEvent",
    "end": "endEvent",
    "terminate": "endEvent",
    "error": "endEvent",
    "end-message": "endEvent",
    "end-signal": "endEvent",
    "end-escalation": "endEvent",
    "end-compensation": "endEvent",
}
CATCHES = frozenset({"message", "timer", "signal", "receive"})
DECLARED = ("message", "signal", "error", "escalation")
GATEWAYS = {
    "fork": "parallelGateway",
    "some": "inclusiveGateway",
    "choice": "exclusiveGateway",
    "race": "eventBasedGateway",
}
JOINS = {
    "fork": ("join", "parallelGateway"),
    "some": ("sync", "inclusiveGateway"),
    "choice": ("merge", "exclusiveGateway"),
    "race": ("caught", "exclusiveGateway"),
}


@dataclass(frozen=True, slots=True)
class _Exit:
    """A flow that has left its source and waits for a target."""

    source: str
    condition: str | None = None
    default: bool = False


@dataclass(slots=True)
class Sketch:
    """A drawing under way: what is drawn in each scope, and which names are taken."""

    taken: Counter[str] = field(default_factory=Counter)
    gateways: Counter[str] = field(default_factory=Counter)
    declared: dict[tuple[str, str], str] = field(default_factory=dict)
    scopes: list[list[Element]] = field(default_factory=list)
    nodes: dict[str, Element] = field(default_factory=dict)

    # -- the whole -----------------------------------------------------------------------------------------

    def process(self, notation: str, key: str, name: str | None) -> Element:
        inside = self.scope(read(notation), prefix="")

        return process(key, *inside, name=name)

    def declarations(self) -> list[Element]:
        return [_declaration(kind, name, id) for (kind, name), id in self.declared.items()]

    def scope(self, sequence: Sequence, *, prefix: str) -> list[Element]:
        """Everything between a start event and the ends."""
        self.scopes.append([])
        exits = (
            []
            if _starts_by_event(sequence)
            else [_Exit(self.add(node("startEvent", self.fresh(f"{prefix}start"))))]
        )
        exits = self.sequence(sequence, exits)
        if exits:
            self.connect(exits, self.add(node("endEvent", self.fresh(f"{prefix}end"))))

        return sorted(self.scopes.pop(), key=lambda element: element.tag.endswith("association"))

    def sequence(self, sequence: Sequence, exits: list[_Exit]) -> list[_Exit]:
        if sequence.until is not None:
            return self.loop(replace(sequence, until=None), sequence.until, exits)
        for at, item in enumerate(sequence.items):
            direct_in, direct_out = at in sequence.direct, at + 1 in sequence.direct
            if isinstance(item, Block):
                exits = self.block(item, exits, direct_in=direct_in, direct_out=direct_out)
            elif isinstance(item, Sequence):
                exits = self.sequence(item, exits)
            else:
                exits = self.step(item, exits, direct_out=direct_out)

        return exits

    # -- blocks --------------------------------------------------------------------------------------------

    def block(self, block: Block, exits: list[_Exit], *, direct_in: bool, direct_out: bool) -> list[_Exit]:
        kind = _kind_of(block)
        self.gateways[kind] += 1
        number = self.gateways[kind]
        if not direct_in:
            gateway = self.add(node(GATEWAYS[kind], self.fresh(f"{kind}_{number}")))
            self.connect(exits, gateway)
            exits = [_Exit(gateway)]
        ends = [end for branch in block.branches for end in self.branch(branch, exits)]
        if direct_out or len(ends) < 2:
            return ends

        if block.when is not None:
            return self.enough(ends, block.when, number)

        return self.joined(ends, JOINS[kind], number)

    def enough(self, ends: list[_Exit], count: int, number: int) -> list[_Exit]:
        """A complex gateway that goes on when so many have come, and takes the others when they come."""
        condition = expression("activationCondition", f"activationCount >= {count}")
        gateway = self.add(node("complexGateway", self.fresh(f"enough_{number}"), children=[condition]))
        self.connect(ends, gateway)

        return [_Exit(gateway)]

    def branch(self, branch: Branch, exits: list[_Exit]) -> list[_Exit]:
        if any(exit.condition is not None or exit.default for exit in exits):
            raise NotationError("A conditional flow leads into a block: put a gateway or a step between.")
        taken = [replace(exit, condition=branch.condition, default=branch.default) for exit in exits]

        return self.sequence(branch.path, taken)

    def joined(self, ends: list[_Exit], join: tuple[str, str], number: int) -> list[_Exit]:
        stem, tag = join
        gateway = self.add(node(tag, self.fresh(f"{stem}_{number}")))
        self.connect(ends, gateway)

        return [_Exit(gateway)]

    def loop(self, body: Sequence, until: str, exits: list[_Exit]) -> list[_Exit]:
        self.gateways["loop"] += 1
        number = self.gateways["loop"]
        again = self.add(node("exclusiveGateway", self.fresh(f"again_{number}")))
        self.connect(exits, again)
        ends = self.sequence(body, [_Exit(again)])
        decide = self.add(node("exclusiveGateway", self.fresh(f"until_{number}")))
        self.connect(ends, decide)
        self.connect([_Exit(decide, default=True)], again)

        return [_Exit(decide, until)]

    # -- steps ---------------------------------------------------------------------------------------------

    def step(self, step: Step, exits: list[_Exit], *, direct_out: bool) -> list[_Exit]:
        if step.kind not in TAGS:
            raise NotationError(f"“@{step.kind}” is not known.")
        id = self.named(step)
        element = self.add(self.activity(step, id))
        if step.body is not None and _starts_by_event(step.body):
            self.nodes[id].set("triggeredByEvent", "true")
            return exits
        if not step.kind.startswith("start-"):
            self.connect(exits, element)
        back = [end for boundary in step.boundaries for end in self.boundary(boundary, id)]
        if TAGS[step.kind] == "endEvent":
            return []
        if not back or direct_out:
            return [_Exit(id), *back]
        self.gateways["back"] += 1

        return self.joined([_Exit(id), *back], ("back", "exclusiveGateway"), self.gateways["back"])

    def named(self, step: Step) -> str:
        if step.id is not None:
            return self.exactly(step.id)
        if step.kind == "script":
            return self.fresh(f"set_{step.name}")
        kind = step.kind.rpartition("-")[2]
        if step.kind == "call" and not step.name:
            return self.fresh(f"call_{_snake(step.argument or '')}")
        words = step.name or (step.argument if kind in (*DECLARED, "receive") else "")

        return self.fresh(_snake(words or "") or kind)

    def activity(self, step: Step, id: str) -> Element:
        attributes = {**_own_attributes(step), **{_attribute(key): v for key, v in step.attributes.items()}}
        if step.kind == "receive":
            attributes["messageRef"] = self.declare("message", step.argument)
        inside = [_everything_in_and_out()] if step.kind == "call" else []
        if step.repeat:
            inside.append(_loop(step.repeat))
        if step.kind == "script":
            inside.append(node("script", text=step.argument))
        if step.body is not None:
            inside += self.scope(step.body, prefix=f"{id}_")
        if TAGS[step.kind].endswith("Event"):
            inside += self.event_definition(step.kind.rpartition("-")[2], step.argument)

        return node(TAGS[step.kind], id, name=_title(step), attributes=attributes, children=inside)

    def boundary(self, boundary: Boundary, host: str) -> list[_Exit]:
        id = self.fresh(f"{host}_{boundary.kind}")
        if boundary.kind == "compensation":
            return self.compensation(boundary, id, host)
        attributes = {"attachedToRef": host}
        if not boundary.interrupting:
            attributes["cancelActivity"] = "false"
        definition = self.event_definition(boundary.kind, boundary.argument)
        if not definition:
            raise NotationError(f"“{boundary.kind}” cannot stand on a boundary.")
        self.add(node("boundaryEvent", id, attributes=attributes, children=definition))
        ends = self.sequence(boundary.path, [_Exit(id)])
        if boundary.path.leads_on or not ends:
            return ends
        self.connect(ends, self.add(node("endEvent", self.fresh(f"{id}_end"))))

        return []

    def compensation(self, boundary: Boundary, id: str, host: str) -> list[_Exit]:
        """The step that puts right what its host did."""
        [step] = boundary.path.items
        assert isinstance(step, Step)
        definition = node("compensateEventDefinition")
        self.add(node("boundaryEvent", id, attributes={"attachedToRef": host}, children=[definition]))
        handler = self.named(step)
        self.add(self.activity(step, handler))
        self.nodes[handler].set("isForCompensation", "true")
        ends = {"sourceRef": id, "targetRef": handler, "associationDirection": "One"}
        self.scopes[-1].append(node("association", self.fresh(f"{id}__{handler}"), attributes=ends))

        return []

    def event_definition(self, kind: str, argument: str | None) -> list[Element]:
        if kind == "timer":
            return [node("timerEventDefinition", children=[_timer(argument or "")])]
        if kind == "terminate":
            return [node("terminateEventDefinition")]
        if kind == "compensation":
            return [node("compensateEventDefinition")]
        if kind not in DECLARED:
            return []
        refers = {f"{kind}Ref": self.declare(kind, argument)} if argument else {}

        return [node(f"{kind}EventDefinition", attributes=refers)]

    # -- names and flows -----------------------------------------------------------------------------------

    def add(self, element: Element) -> str:
        id = element.get("id", "")
        self.scopes[-1].append(element)
        self.nodes[id] = element

        return id

    def connect(self, exits: Iterable[_Exit], target: str) -> None:
        exits = list(exits)
        if not exits:
            raise NotationError(f"Nothing leads to “{target}”: what stands before it has ended.")
        for exit in exits:
            id = self.fresh(f"{exit.source}__{target}")
            self.scopes[-1].append(flow(exit.source, target, exit.condition, id=id))
            if exit.default:
                self.nodes[exit.source].set("default", id)

    def fresh(self, wanted: str) -> str:
        self.taken[wanted] += 1
        if self.taken[wanted] == 1:
            return wanted

        return self.fresh(f"{wanted}_{self.taken[wanted]}")

    def exactly(self, wanted: str) -> str:
        if self.taken[wanted]:
            raise NotationError(f"The id “{wanted}” is there twice.")

        return self.fresh(wanted)

    def declare(self, kind: str, name: str | None) -> str:
        if not name:
            raise NotationError(f"A {kind} needs a name.")
        if (kind, name) not in self.declared:
            self.declared[kind, name] = self.fresh(f"{kind}_{_snake(name)}")

        return self.declared[kind, name]


def _kind_of(block: Block) -> str:
    conditional = [branch.condition is not None or branch.default for branch in block.branches]
    if block.together:
        if any(conditional) and not all(conditional):
            raise NotationError("Give every branch a condition, or none.")
        return "some" if any(conditional) else "fork"
    if all(conditional):
        return "choice"
    if any(conditional) or not all(_begins_with_a_catch(branch) for branch in block.branches):
        raise NotationError("In square brackets each branch has a condition, or each begins with an event.")

    return "race"


def _starts_by_event(body: Sequence) -> bool:
    first = body.items[0] if body.items else None

    return isinstance(first, Step) and first.kind.startswith("start-")


def _begins_with_a_catch(branch: Branch) -> bool:
    first = branch.path.items[0] if branch.path.items else None

    return isinstance(first, Step) and first.kind in CATCHES


def _own_attributes(step: Step) -> dict[str, str]:
    argument = step.argument or ""
    if step.kind in ("service", "send"):
        return {"camunda:type": "external", "camunda:topic": argument}
    if step.kind == "script":
        return {"scriptFormat": "feel", "camunda:resultVariable": step.name}
    if step.kind == "call":
        return {"calledElement": argument}
    if step.kind == "rule":
        return {"camunda:decisionRef": argument, "camunda:resultVariable": argument}

    return {}


def _everything_in_and_out() -> Element:
    """A called process sees what its caller has, and gives back what it wrote."""
    return extensions(*(node(f"camunda:{way}", attributes={"variables": "all"}) for way in ("in", "out")))


def _title(step: Step) -> str | None:
    if step.kind == "script":
        return f"{step.name} := {step.argument}"

    return step.name or None


def _attribute(key: str) -> str:
    return SHORTHAND.get(key) or key.replace(".", ":")


def _loop(repeat: Repeat) -> Element:
    if repeat.again is not None:
        return node("standardLoopCharacteristics", children=[expression("loopCondition", repeat.again)])
    attributes = {"isSequential": str(repeat.in_turn).lower()}
    inside = []
    if repeat.collection is not None:
        attributes |= {
            "camunda:collection": repeat.collection,
            "camunda:elementVariable": repeat.item or "item",
        }
    if repeat.times is not None:
        inside.append(expression("loopCardinality", repeat.times))
    if repeat.enough is not None:
        inside.append(expression("completionCondition", repeat.enough))

    return node("multiInstanceLoopCharacteristics", attributes=attributes, children=inside)


def _timer(text: str) -> Element:
    """A date, a cycle, else a duration; an expression that is none of these says so: `date==due`."""
    kind, equals, rest = text.partition("=")
    if equals and kind in ("date", "cycle", "duration"):
        return expression(f"time{kind.capitalize()}", rest)
    if re.match(r"\d{4}-", text):
        return expression("timeDate", text)

    return expression("timeCycle" if text.startswith("R") else "timeDuration", text)


def _declaration(kind: str, name: str, id: str) -> Element:
    code = {f"{kind}Code": name} if kind in ("error", "escalation") else None

    return node(kind, id, name=name, attributes=code)


def _snake(words: str) -> str:
    return re.sub(r"\W+", "_", words.lower()).strip("_")
