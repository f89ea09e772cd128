"""Draws any BPMN element from short text: a notation of nodes and flows, beside the one of blocks in `drawing`.

    shape('''
        start > and:fork > a > and:join > end
        fork > sub:hear { hear_start > b > hear_end } > join
        bound:late(on hear; timer PT1H) > c > end:late_end
    ''')

A line is a chain of nodes; `|` parts chains on one line. `>` is a flow, `>[x > 1]` one with a condition, `>!` the
default. A node is `kind:id(arguments){content}` where it is first named and its id afterwards. Without a kind,
an id that ends in `start` or `end` is such an event, any other a user task. Names are ids.

Arguments, parted by `;`

    timer PT1H   message m   signal s   error e   escalation e   conditional x > 1   link l   cancel
    terminate   compensate [activity]         what an event waits for or throws; several make it multiple
    on host   alone   parallel                boundary event's host; not interrupting; all of several triggers
    seq 3   par 3   seq x in xs   par x in xs   until x > 1     multi-instance and its completion condition
    behavior One [signal s]                   what instances tell; with `Complex`: `signal s when x, when y`
    shared signal s                           the event's definition stands beside the process
    loop x < 3   max 3   before               standard loop
    handler                                   a compensation handler; `event ~ handler` associates it
    set x = 1   topic t   calls k   waits m   what a script, a service, a call, a receive task is about
    sends m                                 the message of a send task that no service sends
    when activationCount >= 2                 a complex gateway's activation condition
    sequential   over x > 1   keeps   begins ["a"]    an ad-hoc sub-process: one at a time; its completion condition;
                                        running ones are done first; what Camunda 8 begins at once
    from x = y   to x = y                     an input or an output parameter
    in x = y   out x = y   in *   out *       what a call hands over and gets back
    reads d [as n]   writes d [from n]        an input from a data object or store, an output to one
    gets x + 1 as n   puts x + 1 to d.e       an input or output by assignment; `makes x to d`: by transformation
    attr name=value   xml <text/>             anything else

Data are nodes without flows: `object:d`, `ref:r(of d; state ready)`, `store:s`, `property:p`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from drawing import bpmn, expression, extensions, flow, node, process
from drawing_xml import NAMESPACES

TAGS = {
    "start": "startEvent", "end": "endEvent", "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent", "bound": "boundaryEvent",
    "user": "userTask", "task": "task", "manual": "manualTask", "script": "scriptTask", "service": "serviceTask",
    "send": "sendTask", "receive": "receiveTask", "rule": "businessRuleTask", "call": "callActivity",
    "sub": "subProcess", "event": "subProcess", "tx": "transaction", "adhoc": "adHocSubProcess",
    "xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway", "complex": "complexGateway",
    "race": "eventBasedGateway",
    "object": "dataObject", "ref": "dataObjectReference", "store": "dataStoreReference", "property": "property",
}  # fmt: skip
_TRIGGERS = (
    "timer", "message", "signal", "error", "escalation", "conditional", "link", "cancel", "terminate", "compensate",
)  # fmt: skip
_NODE = re.compile(r"\s*(?:(\w+):)?(\w+)")
_CODES = {"error": "errorCode", "escalation": "escalationCode"}


def shape(text: str, **called: str) -> bytes:
    """A file with the process `case`, and those that it calls."""
    drawing = _Drawing()
    processes = [drawing.process(key, content) for key, content in {"case": text, **called}.items()]

    return bpmn(*processes, *drawing.declared.values())


@dataclass(slots=True)
class _Node:
    element: Element
    loop: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, list[Element]] = field(default_factory=dict)
    data: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Drawing:
    text: str = ""
    at: int = 0
    nodes: dict[str, _Node] = field(default_factory=dict)
    flows: set[str] = field(default_factory=set)
    declared: dict[tuple[str, str], Element] = field(default_factory=dict)

    def process(self, key: str, text: str) -> Element:
        self.text, self.at = text, 0
        drawn = process(key, *self.content())
        assert self.at >= len(self.text), f"not read: {self.text[self.at :]}"

        return drawn

    def content(self) -> list[Element]:
        """Chains up to the end of the text, or of the curly bracket."""
        elements: list[Element] = []
        while True:
            self.skip("\n |")
            if self.at >= len(self.text) or self.text[self.at] == "}":
                return elements
            self.chain(elements)

    def chain(self, elements: list[Element]) -> None:
        last = self.node(elements)
        while True:
            self.skip(" ")
            sign = self.text[self.at : self.at + 1]
            if sign not in (">", "~") or not sign:
                return
            self.at += 1
            default = self.accept("!")
            condition = self.balanced("[", "]") if self.text[self.at : self.at + 1] == "[" else None
            target = self.node(elements)
            if sign == "~":
                elements.append(self.association(last, target))
            else:
                elements.append(self.flow(last, target, condition, default=default))
            last = target

    def association(self, source: str, target: str) -> Element:
        return node(
            "association", f"{source}_to_{target}", attributes={"sourceRef": source, "targetRef": target}
        )

    def flow(self, source: str, target: str, condition: str | None, *, default: bool) -> Element:
        name = f"{source}__{target}"
        while name in self.flows:
            name += "_"
        self.flows.add(name)
        if default:
            self.nodes[source].element.set("default", name)

        return flow(source, target, condition, id=name)

    def node(self, elements: list[Element]) -> str:
        found = _NODE.match(self.text, self.at)
        assert found, f"a node is missing before: {self.text[self.at : self.at + 40]}"
        self.at = found.end()
        kind, name = found[1], found[2]
        if name in self.nodes and kind is None:
            return name
        tag = TAGS[kind] if kind else _guessed(name)
        made = self.nodes[name] = _Node(node(tag, name, name=name))
        elements.append(made.element)
        if kind == "event":
            made.element.set("triggeredByEvent", "true")
        words = self.balanced("(", ")") if self.text[self.at : self.at + 1] == "(" else ""
        for word in filter(None, (part.strip() for part in words.split(";"))):
            self.argument(made, word)
        self.finish(made)
        mark = self.at
        self.skip(" \n")
        if self.text[self.at : self.at + 1] != "{":
            self.at = mark
            return name
        self.at += 1
        made.element.extend(self.content())
        self.at += 1

        return name

    def argument(self, made: _Node, words: str) -> None:
        word, _, rest = words.partition(" ")
        rest = rest.strip()
        if word in _TRIGGERS:
            made.element.append(self.trigger(word, rest))
        elif word == "shared":
            made.element.append(node("eventDefinitionRef", text=self.share(rest)))
        elif word in ("seq", "par", "until", "loop", "max", "before", "behavior"):
            made.loop[word] = rest
        elif word in ("from", "to", "in", "out"):
            made.parameters.setdefault(word, []).append(_parameter(word, rest))
        elif word in _DATA_WORDS:
            made.data.append((word, rest))
        elif word in ("waits", "sends"):
            made.element.set("messageRef", self.declare("message", rest))
        else:
            _WORDS[word](made.element, rest)

    def trigger(self, kind: str, rest: str) -> Element:
        inside: list[Element] = []
        attributes: dict[str, str] = {}
        if kind == "timer":
            tag = "timeCycle" if rest.startswith("R") else "timeDate" if rest[:2] == "20" else "timeDuration"
            inside = [expression(tag, rest)]
        elif kind == "conditional":
            inside = [expression("condition", rest)]
        elif kind == "link":
            attributes = {"name": rest}
        elif kind == "compensate" and rest:
            attributes = {"activityRef": rest}
        elif rest:
            attributes = {f"{kind}Ref": self.declare(kind, rest)}

        return node(f"{kind}EventDefinition", attributes=attributes, children=inside)

    def share(self, words: str) -> str:
        """The id of an event definition that stands beside the process."""
        kind, _, rest = words.partition(" ")
        id = "shared_" + re.sub(r"[^A-Za-z0-9]", "_", words)
        if ("definition", id) not in self.declared:
            self.declared["definition", id] = self.trigger(kind, rest)
            self.declared["definition", id].set("id", id)

        return id

    def behaving(self, loop: Element, words: str) -> Element:
        behavior, _, rest = words.partition(" ")
        if behavior == "Complex":
            for row in rest.split(","):
                event, _, condition = row.partition("when ")
                kind, _, name = event.strip().partition(" ")
                thrown = [self.trigger(kind, name)] if kind else []
                inside = [
                    expression("condition", condition),
                    *([node("event", children=thrown)] if thrown else []),
                ]
                loop.append(node("complexBehaviorDefinition", children=inside))
        elif rest:
            loop.set(f"{behavior.lower()}BehaviorEventRef", self.share(rest))

        return loop

    def declare(self, kind: str, name: str) -> str:
        id = f"{kind}_{re.sub(r'[^A-Za-z0-9]', '_', name)}"
        attributes = {_CODES[kind]: name} if kind in _CODES else None
        self.declared.setdefault((kind, name), node(kind, id, name=name, attributes=attributes))

        return id

    def finish(self, made: _Node) -> None:
        """Loops and parameters, which one element gathers from several arguments."""
        element, tag = made.element, made.element.tag.rpartition("}")[2]
        inside = made.parameters.get("in", []) + made.parameters.get("out", [])
        both = made.parameters.get("from", []) + made.parameters.get("to", [])
        if both:
            inside.append(node("camunda:inputOutput", children=both))
        if inside:
            element.insert(0, extensions(*inside))
        if made.data:
            element.extend(_data(element.get("id", ""), made.data))
        if made.loop:
            element.append(self.behaving(_loop(made.loop), made.loop.get("behavior", "")))
        if (
            tag in ("serviceTask", "sendTask")
            and not element.get("messageRef")
            and not any(key.startswith("{") for key in element.attrib)
        ):
            _topic(element, element.get("id", ""))

    def skip(self, signs: str) -> None:
        while self.at < len(self.text) and self.text[self.at] in signs:
            self.at += 1

    def accept(self, sign: str) -> bool:
        found = self.text.startswith(sign, self.at)
        self.at += len(sign) if found else 0

        return found

    def balanced(self, opening: str, closing: str) -> str:
        depth, begin = 0, self.at + 1
        while True:
            sign = self.text[self.at]
            depth += (sign == opening) - (sign == closing)
            self.at += 1
            if depth == 0:
                return self.text[begin : self.at - 1]


def _guessed(name: str) -> str:
    if name.endswith("start"):
        return "startEvent"
    return "endEvent" if name.endswith("end") else "userTask"


def _pair(rest: str) -> tuple[str, str]:
    name, _, value = rest.partition("=")
    return name.strip(), value.strip()


def _parameter(way: str, rest: str) -> Element:
    name, value = _pair(rest)
    if way == "from":
        return node("camunda:inputParameter", attributes={"name": name}, text=f"={value}")
    if way == "to":
        return node("camunda:outputParameter", attributes={"name": name}, text=f"={value}")
    if rest == "*":
        return node(f"camunda:{way}", attributes={"variables": "all"})
    return node(f"camunda:{way}", attributes={"target": name, "sourceExpression": value})


def _loop(words: dict[str, str]) -> Element:
    if "loop" in words or "max" in words or "before" in words:
        attributes = {"testBefore": "true"} if "before" in words else {}
        if "max" in words:
            attributes["loopMaximum"] = words["max"]
        inside = [expression("loopCondition", words["loop"])] if words.get("loop") else []
        return node("standardLoopCharacteristics", attributes=attributes, children=inside)
    how = "seq" if "seq" in words else "par"
    attributes = {"isSequential": str(how == "seq").lower()}
    if "behavior" in words:
        attributes["behavior"] = words["behavior"].split()[0]
    inside = [expression("completionCondition", words["until"])] if "until" in words else []
    item, within, collection = words[how].partition(" in ")
    if within:
        attributes |= {"camunda:collection": collection.strip(), "camunda:elementVariable": item.strip()}
    else:
        inside.insert(0, expression("loopCardinality", words[how]))
    return node("multiInstanceLoopCharacteristics", attributes=attributes, children=inside)


_DATA_WORDS = ("reads", "writes", "gets", "puts", "makes")


def _data(owner: str, words: list[tuple[str, str]]) -> list[Element]:
    """An ioSpecification and the associations that lead into an element and out of it."""
    items: dict[str, Element] = {}
    led: list[Element] = []
    for number, (word, rest) in enumerate(words):
        first, _, second = rest.rpartition(
            {"reads": " as ", "writes": " from ", "gets": " as "}.get(word, " to ")
        )
        way = "Input" if word in ("reads", "gets") else "Output"
        name = second if way == "Input" else second if word == "writes" else ""
        own = f"{owner}_{way.lower()}_{number}"
        if name:
            items[own] = node(f"data{way}", own, name=name)
        led.append(_association(word, way, own, first or second, second))
    sets = [_set_of(way, items) for way in ("Input", "Output")]
    return [node("ioSpecification", children=[*items.values(), *sets]), *led]


def _set_of(way: str, items: dict[str, Element]) -> Element:
    refs = [node(f"data{way}Refs", text=own) for own, one in items.items() if one.tag.endswith(f"data{way}")]
    return node(f"{way.lower()}Set", children=refs)


def _association(word: str, way: str, own: str, first: str, second: str) -> Element:
    if word == "reads":
        inside = [node("sourceRef", text=first), node("targetRef", text=own)]
    elif word == "writes":
        inside = [node("sourceRef", text=own), node("targetRef", text=first)]
    elif word == "makes":
        inside = [node("targetRef", text=second), node("transformation", text=first)]
    else:
        target = own if way == "Input" else second.partition(".")[0]
        parts = [node("from", text=first), node("to", text=own if way == "Input" else second)]
        inside = [node("targetRef", text=target), node("assignment", children=parts)]
    return node(f"data{way}Association", children=inside)


def _set(element: Element, rest: str) -> None:
    name, value = _pair(rest)
    element.set(f"{{{NAMESPACES['camunda']}}}resultVariable", name)
    element.append(node("script", text=value))


def _topic(element: Element, rest: str) -> None:
    element.set(f"{{{NAMESPACES['camunda']}}}topic", rest)


def _begins(element: Element, rest: str) -> None:
    element.insert(0, extensions(node("zeebe:adHoc", attributes={"activeElementsCollection": f"={rest}"})))


def _attribute(element: Element, rest: str) -> None:
    name, value = _pair(rest)
    element.attrib.update(node("x", attributes={name: value}).attrib)


def _xml(element: Element, rest: str) -> None:
    spaces = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in NAMESPACES.items())
    element.extend(ElementTree.fromstring(f'<x xmlns="{NAMESPACES["bpmn"]}" {spaces}>{rest}</x>'))


def _alone(element: Element, _: str) -> None:
    start = element.tag.endswith("startEvent")
    element.set("isInterrupting" if start else "cancelActivity", "false")


_WORDS: dict[str, Callable[[Element, str], None]] = {
    "on": lambda element, rest: element.set("attachedToRef", rest),
    "alone": _alone,
    "parallel": lambda element, _: element.set("parallelMultiple", "true"),
    "handler": lambda element, _: element.set("isForCompensation", "true"),
    "calls": lambda element, rest: element.set("calledElement", rest),
    "set": _set,
    "topic": _topic,
    "of": lambda element, rest: element.set("dataObjectRef", rest),
    "state": lambda element, rest: element.append(node("dataState", name=rest)),
    "when": lambda element, rest: element.append(expression("activationCondition", rest)),
    "sequential": lambda element, _: element.set("ordering", "Sequential"),
    "over": lambda element, rest: element.append(expression("completionCondition", rest)),
    "keeps": lambda element, _: element.set("cancelRemainingInstances", "false"),
    "begins": _begins,
    "attr": _attribute,
    "xml": _xml,
}
