"""An independent token simulator: does what a case remembers fit its unchanged diagram, and where does it lead?

It reads the BPMN file by itself, has an inclusive-join rule of its own, and shares no code with the engine: the
facts come in as plain tuples. `Simulator.play` takes the facts that count, in the order of the journal, and stops
at the first one that an ordinary run of the diagram could not have had. What it then has as tokens and open
activities must be what the case has. Work beside the diagram (inserts, standing orders, drafts) is passed over: the
rest has to be a plain run without it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from xml.etree import ElementTree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ACTIVITIES = frozenset(
    {
        "task", "manualTask", "userTask", "scriptTask", "serviceTask", "sendTask", "receiveTask",
        "businessRuleTask", "subProcess", "callActivity",
    }
)  # fmt: skip
ALL_WAYS = ("parallelGateway", "complexGateway")
PASSED_OVER = frozenset(
    {
        "data", "assign", "draft", "incident", "retry", "insert", "round", "hold", "withdraw", "release",
        "direct", "lift", "jump", "wait", "revisit", "undo", "suspend", "resume", "migrate", "arm", "heard",
        "lapse",
    }
)  # fmt: skip


class Impossible(AssertionError):
    """No run of the diagram has this step here."""


class Seen(NamedTuple):
    """A fact as the simulator reads it."""

    id: int
    kind: str
    element: str
    scope: str
    occurrence: str
    takes: tuple[Any, ...]
    gives: tuple[Any, ...]
    closes: str | None
    outcome: Mapping[str, Any]


@dataclass
class Element:
    id: str
    tag: str
    incoming: list[str] = field(default_factory=list)
    outgoing: list[str] = field(default_factory=list)
    default: str | None = None
    host: str | None = None
    interrupting: bool = True
    edge: list[str] = field(default_factory=list)
    events: frozenset[str] = frozenset()
    repeated: bool = False
    looped: bool = False
    handler: bool = False
    sequential: bool = False
    needed: int = 0
    restored_by: str | None = None
    enough: bool = False
    called: str | None = None


class Diagram:
    """One process or embedded sub-process: its elements, and the flows between them."""

    def __init__(self, node: ElementTree.Element) -> None:
        self.elements: dict[str, Element] = {}
        self.inner: dict[str, Diagram] = {}
        self.sources: dict[str, str] = {}
        self.targets: dict[str, str] = {}
        self.conditional: set[str] = set()
        self.associations: list[tuple[str, str]] = []
        for child in node:
            self._read(child)
        for flow, source in self.sources.items():
            self.elements[source].outgoing.append(flow)
            self.elements[self.targets[flow]].incoming.append(flow)
        for element in self.elements.values():
            if element.host:
                self.elements[element.host].edge.append(element.id)
        for event, handler in self.associations:
            if self.elements[event].host:
                self.elements[self.elements[event].host or ""].restored_by = handler

    def _read(self, child: ElementTree.Element) -> None:
        tag, id = child.tag.removeprefix(BPMN), child.get("id", "")
        if tag == "sequenceFlow":
            self.sources[id], self.targets[id] = child.get("sourceRef", ""), child.get("targetRef", "")
            if child.find(f"{BPMN}conditionExpression") is not None:
                self.conditional.add(id)
        elif tag == "association":
            self.associations.append((child.get("sourceRef", ""), child.get("targetRef", "")))
        elif tag in ACTIVITIES or tag.endswith(("Event", "Gateway")):
            loop = child.find(f"{BPMN}multiInstanceLoopCharacteristics")
            looped = child.find(f"{BPMN}standardLoopCharacteristics") is not None
            activation = child.findtext(f"{BPMN}activationCondition") or ""
            self.elements[id] = Element(
                id, tag, default=child.get("default"), host=child.get("attachedToRef"),
                interrupting="false" not in (child.get("cancelActivity"), child.get("isInterrupting")),
                events=frozenset(part.tag.removeprefix(BPMN) for part in child),
                looped=looped, handler=child.get("triggeredByEvent") == "true",
                needed=int(activation.rpartition(">=")[2] or 0),
                repeated=loop is not None or looped, sequential=loop is not None and loop.get("isSequential") == "true",
                enough=loop is not None and loop.find(f"{BPMN}completionCondition") is not None,
                called=child.get("calledElement"),
            )  # fmt: skip
            if tag == "subProcess":
                self.inner[id] = Diagram(child)

    def entrances(self) -> list[str]:
        """Where a token starts: start events without a trigger."""
        return [
            element.id
            for element in self.elements.values()
            if element.tag == "startEvent" and not any(name.endswith("Definition") for name in element.events)
        ]

    @property
    def handlers(self) -> set[str]:
        return {element.id for element in self.elements.values() if element.handler}

    def trigger(self) -> Element:
        """The start event of an event sub-process."""
        return next(element for element in self.elements.values() if element.tag == "startEvent")

    def flows_ahead(self, element: str, but: str) -> set[str]:
        """All flows that a token at an element can still take without going through `but`."""
        seen: set[str] = set()
        waiting = [element]
        found: set[str] = set()
        while waiting:
            here = waiting.pop()
            if here in seen or (here == but and seen):
                continue
            seen.add(here)
            ways = list(self.elements[here].outgoing)
            for edge in self.elements[here].edge:
                ways += self.elements[edge].outgoing
            for flow in ways:
                found.add(flow)
                if self.targets[flow] != but:
                    waiting.append(self.targets[flow])

        return found


@dataclass
class Place:
    """A live scope: its tokens, by who made them and where they stand, and what runs in it."""

    diagram: Diagram
    repeats: str | None = None  # the activity of which this is the multi-instance body
    tokens: dict[tuple[int, Any], str] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)  # address -> element
    armed: set[str] = field(default_factory=set)  # event sub-processes that wait for their event
    activated: dict[str, set[str]] = field(default_factory=dict)  # complex gateways that wait for the rest
    restorable: list[tuple[int, str]] = field(default_factory=list)  # ends of what has a compensation handler
    items: int = 0
    items_done: int = 0
    items_gone: set[int] = field(default_factory=set)  # taken out by hand


class Simulator:
    """Plays one case. `files` are the BPMN files, `keys` says which process a definition id means."""

    def __init__(self, xml: bytes, keys: Mapping[str, str], start: str = "case") -> None:
        root = ElementTree.fromstring(xml)
        self.processes = {node.get("id", ""): Diagram(node) for node in root.iter(f"{BPMN}process")}
        self.keys = keys
        self.start_key = start
        self.places: dict[str, Place] = {}
        self.started: dict[int, tuple[str, str]] = {}  # fact -> (scope, address)
        self.ended = False
        self.most_at_once = 0
        self.escalations = 0  # thrown and not yet caught

    def play(self, facts: Iterable[Any]) -> None:
        for fact in facts:
            seen = Seen(
                fact.id, str(fact.kind), fact.element, fact.scope, fact.occurrence, tuple(fact.takes),
                tuple(fact.gives), fact.closes, fact.outcome or {},
            )  # fmt: skip
            self._step(seen)

    def tokens(self) -> list[tuple[str, str, str]]:
        """Where tokens stand that are no open activity: scope, who made them, flow (or entrance, or item)."""
        return sorted(
            (path, str(maker), str(where))
            for path, place in self.places.items()
            for maker, where in place.tokens
        )

    def armed(self) -> list[tuple[str, str]]:
        """The event sub-processes that wait, each with its scope."""
        return sorted((path, handler) for path, place in self.places.items() for handler in place.armed)

    def open(self) -> list[str]:
        return sorted(address for place in self.places.values() for address in place.runs)

    # -- steps -----------------------------------------------------------------------------------------------

    def _step(self, fact: Seen) -> None:
        if fact.kind in PASSED_OVER or self._is_beside(fact):
            return
        if self.ended:
            raise Impossible(f"{fact} after the end of the case")
        steps = {
            "begin": self._begin, "pass": self._pass, "start": self._start, "end": self._end,
            "skip": self._end, "boundary": self._boundary, "done": self._done, "cancel": self._done,
            "ready": self._ready, "compensate": self._compensate,
            "item": self._item,
        }  # fmt: skip
        steps[fact.kind](fact)

    def _is_beside(self, fact: Seen) -> bool:
        """Inserted work, and whatever runs in it."""
        return (
            is_beside(fact.scope)
            or is_beside(fact.occurrence)
            or (not fact.element and fact.kind in ("start", "end", "skip"))
        )

    def _begin(self, fact: Seen) -> None:
        diagram = self.processes[self.start_key]
        self.places[""] = Place(diagram)
        self._enter("", fact)

    def _enter(self, path: str, fact: Seen) -> None:
        place = self.places[path]
        place.armed = place.diagram.handlers
        _same(sorted(fact.gives), sorted(place.diagram.entrances()), f"entrances of {path!r}")
        for entrance in fact.gives:
            place.tokens[(fact.id, entrance)] = entrance

    def _done(self, fact: Seen) -> None:
        if fact.kind == "done" and (self.places[""].tokens or self.places[""].runs):
            raise Impossible(f"the case ends while {self.open()} {self.tokens()} are left")
        self.places.clear()
        self.ended = True

    def _pass(self, fact: Seen) -> None:
        place, element = self._at(fact)
        taken = [self._take(place, token, fact) for token in fact.takes]
        if place.repeats is not None:
            raise Impossible(f"{fact}: items do not pass")
        if element.tag == "complexGateway" and len(element.incoming) > 1:
            self._pass_complex(place, element, fact)
            return
        self._check_taken(place, element, fact, taken)
        self._check_given(place, element, fact)
        if element.restored_by and fact.outcome.get("carried"):  # it was done, before its turn
            place.restorable.append((fact.id, element.id))
        self._give(place, fact)
        self.escalations += "escalationEventDefinition" in element.events
        if fact.closes is not None:
            if "terminateEventDefinition" not in element.events or fact.closes != fact.scope:
                raise Impossible(f"{fact} closes a scope")
            self._empty(fact.scope)
            place.armed = set()

    def _pass_complex(self, place: Place, element: Element, fact: Seen) -> None:
        """Enough have come and it goes on; or the rest has come, leads nowhere, and it is ready again."""
        flows = [token[1] for token in fact.takes]
        if len(set(flows)) != len(flows) or not set(flows) <= set(element.incoming):
            raise Impossible(f"{fact}: inputs {flows}")
        taken = place.activated.pop(element.id, None)
        if taken is None:
            more = sum(
                at == element.id for at in place.tokens.values()
            )  # two may stand on one input, and both count
            if len(flows) + more < element.needed:
                raise Impossible(f"{fact}: {len(flows) + more} are not enough for {element.id}")
            place.activated[element.id] = set(flows)
            self._check_given(place, element, fact)
        else:
            _same(set(flows) & taken, set(), f"late inputs of {element.id}")
            _same(fact.gives, (), f"ways out of {element.id} for what comes late")
            self._check_nothing_comes(place, element, set(flows) | taken)
        self._give(place, fact)

    def _ready(self, fact: Seen) -> None:
        place, element = self._at(fact)
        taken = place.activated.pop(element.id, None)
        if taken is None:
            raise Impossible(f"{fact}: {element.id} was ready all the time")
        self._check_nothing_comes(place, element, taken)

    def _check_taken(self, place: Place, element: Element, fact: Seen, taken: list[str]) -> None:
        if element.tag not in ("parallelGateway", "inclusiveGateway") or len(element.incoming) < 2:
            _same(len(taken), 1, f"tokens taken by {element.id}")
            return
        flows = [token[1] for token in fact.takes]
        if element.tag == "parallelGateway":
            _same(sorted(flows), sorted(element.incoming), f"inputs of {element.id}")
            return
        if len(set(flows)) != len(flows) or not set(flows) <= set(element.incoming):
            raise Impossible(f"{fact}: inputs {flows}")
        self._check_nothing_comes(place, element, set(flows))

    def _check_nothing_comes(self, place: Place, join: Element, full: set[str]) -> None:
        """BPMN 2.0.2, 13.4.3: whoever can still reach an empty input must also be able to reach a full one."""
        here = {token[1] for token, at in place.tokens.items() if at == join.id}
        full = full | here
        empty = set(join.incoming) - full
        others = [at for at in place.tokens.values() if at != join.id] + list(place.runs.values())
        for at in others:
            ahead = place.diagram.flows_ahead(at, join.id)
            if ahead & empty and not ahead & full:
                raise Impossible(f"{join.id} fires although a token at {at} can still reach {ahead & empty}")

    def _check_given(self, place: Place, element: Element, fact: Seen) -> None:
        ways = set(element.outgoing)
        given = set(fact.gives)
        if not given <= ways or len(given) != len(fact.gives):
            raise Impossible(f"{fact} gives {fact.gives}, but {ways} leave {element.id}")
        if element.tag == "endEvent" or not ways:
            _same(given, set(), f"ways out of {element.id}")
        elif element.tag in ("exclusiveGateway", "eventBasedGateway"):
            _same(len(given), 1, f"ways out of {element.id}")
        elif element.tag in ("parallelGateway", "complexGateway") or not ways & (
            place.diagram.conditional | {element.default}
        ):
            _same(given, ways, f"ways out of {element.id}")
        elif not given:
            raise Impossible(f"{fact} leads nowhere")

    def _start(self, fact: Seen) -> None:
        place, element = self._at(fact)
        if "watch" in fact.outcome:
            if element.id not in place.armed:
                raise Impossible(f"{fact}: {element.id} is not to wait for its event")
            self.started[fact.id] = (fact.scope, fact.occurrence)
            return
        if "handler" in fact.outcome:
            self._start_handler(place, element, fact)
            return
        _same(len(fact.takes), 1, "tokens taken by a start")
        self._take(place, fact.takes[0], fact)
        address = fact.occurrence
        place.runs[address] = element.id
        self.started[fact.id] = (fact.scope, address)
        item = place.repeats is not None
        if element.repeated and not item:
            items = fact.outcome["items"]
            first = [0] if element.looped else list(range(len(items)))[: 1 if element.sequential else None]
            _same(list(fact.gives), first, f"items of {element.id}")
            body = self.places[address] = Place(place.diagram, repeats=element.id, items=len(items))
            for number in fact.gives:
                body.tokens[(fact.id, number)] = element.id
        elif element.tag in ("subProcess", "callActivity"):
            self.places[address] = Place(self._inside(place, element, fact))
            self._enter(address, fact)
        else:
            _same(fact.gives, (), f"{element.id} starts")

    def _start_handler(self, place: Place, element: Element, fact: Seen) -> None:
        """The event of an event sub-process has come; one that interrupts ends all else in its scope, watches too."""
        inner = place.diagram.inner[element.id]
        trigger = inner.trigger()
        if element.id not in place.armed:
            raise Impossible(f"{fact}: {element.id} does not wait for its event")
        _same(fact.closes, fact.scope if trigger.interrupting else None, f"what {element.id} closes")
        self._check_thrown(fact)
        if trigger.interrupting:
            self._empty(fact.scope)
            place.armed = set()
        address = fact.occurrence
        place.runs[address] = element.id
        self.started[fact.id] = (fact.scope, address)
        own = self.places[address] = Place(inner, armed=inner.handlers)
        _same(fact.gives, (trigger.id,), f"the way into {element.id}")
        own.tokens[(fact.id, trigger.id)] = trigger.id

    def _compensate(self, fact: Seen) -> None:
        """BPMN 2.0.2, 13.5.5: what was completed last is put right first, and once."""
        place, element = self._at(fact)
        if not place.restorable:
            raise Impossible(f"{fact}: there is nothing to be put right")
        end, activity = place.restorable.pop()
        _same(fact.outcome["entry"], end, "what is put right next")
        _same(place.diagram.elements[activity].restored_by, element.id, f"what puts {activity} right")
        place.tokens[(fact.id, "compensate")] = element.id

    def _inside(self, place: Place, element: Element, fact: Seen) -> Diagram:
        if element.tag == "subProcess":
            return place.diagram.inner[element.id]
        key = self.keys[fact.outcome["called"]]
        _same(key, element.called, "the called process")
        return self.processes[key]

    def _end(self, fact: Seen) -> None:
        place, element = self._at(fact)
        [address] = fact.takes
        if place.runs.pop(address, None) != element.id:
            raise Impossible(f"{fact}: {address} is not open")
        self._close_own(fact, address, element, place)
        if place.repeats is None and any(
            element.id == one.restored_by for one in place.diagram.elements.values()
        ):
            _same(fact.gives, (), f"ways out of {element.id}")
            return
        if place.repeats is None:
            if fact.kind == "end" and element.restored_by:
                place.restorable.append((fact.id, element.id))
            self._check_given(place, element, fact)
            self._give(place, fact)
            return
        place.items_done += 1
        self._check_next_item(place, element, fact, address)
        for number in fact.gives:
            place.tokens[(fact.id, number)] = element.id

    def _check_next_item(self, place: Place, element: Element, fact: Seen, address: str) -> None:
        done = _item_of(address)
        if element.looped and fact.gives:
            _same(fact.gives, (done + 1,), f"the next round of {element.id}")
        elif not element.looped:
            _same(fact.gives, self._following(place, element, done), f"the next item of {element.id}")

    def _following(self, place: Place, element: Element, done: int) -> tuple[int, ...]:
        left = [one for one in range(done + 1, place.items) if one not in place.items_gone]
        return tuple(left[:1]) if element.sequential else ()

    def _item(self, fact: Seen) -> None:
        """An item more, at once or at the end of a sequence, or one less that is not done."""
        place = self.places[fact.scope]
        element = place.diagram.elements[fact.element]
        if "added" in fact.outcome:
            _same(fact.gives, () if element.sequential else (place.items,), "what an item more begins")
            place.items += 1
        else:
            gone = fact.outcome["removed"]
            place.items_gone.add(gone)
            _same(
                fact.gives, self._following(place, element, gone) if fact.takes else (), "what comes instead"
            )
            self._take_out(place, fact)
        for number in fact.gives:
            place.tokens[(fact.id, number)] = element.id

    def _take_out(self, place: Place, fact: Seen) -> None:
        for taken in fact.takes:
            if not isinstance(taken, str):
                self._take(place, taken, fact)
            elif place.runs.pop(taken, None) != fact.element:
                raise Impossible(f"{fact}: {taken} is not open")
            elif taken in self.places:
                self._close(taken)

    def _close_own(self, fact: Seen, address: str, element: Element, around: Place) -> None:
        own = self.places.get(address)
        _same(fact.closes, address if own is not None else None, f"what {fact.element} closes")
        if own is None:
            return
        if (own.tokens or own.runs) and fact.kind != "skip" and not (own.repeats and element.enough):
            raise Impossible(f"{fact} ends while {own.tokens} {own.runs} are left in it")
        if own.repeats and own.tokens and fact.kind != "skip" and not own.items_done:
            raise Impossible(f"{fact} ends before any item is done")
        self._close(address)

    def _boundary(self, fact: Seen) -> None:
        place, element = self._at(fact)
        scope, host = self.started[fact.outcome["host"]]
        if scope != fact.scope or place.runs.get(host) != element.host:
            raise Impossible(f"{fact}: its host is not open")
        _same(bool(fact.takes), element.interrupting, "does the event interrupt")
        self._check_thrown(fact)
        if fact.takes:
            _same(fact.takes[0], host, "the interrupted host")
            _same(fact.closes, host if host in self.places else None, f"what {fact.element} closes")
            del place.runs[host]
            self._close(host)
        self._check_given(place, element, fact)
        self._give(place, fact)

    def _check_thrown(self, fact: Seen) -> None:
        """An escalation comes from the case itself, and is caught once."""
        if "escalation" in fact.outcome:
            self.escalations -= 1
        if self.escalations < 0:
            raise Impossible(f"{fact}: nothing has thrown that")

    # -- tokens ----------------------------------------------------------------------------------------------

    def _at(self, fact: Seen) -> tuple[Place, Element]:
        place = self.places.get(fact.scope)
        if place is None:
            raise Impossible(f"{fact}: there is no scope {fact.scope!r}")
        if fact.element not in place.diagram.elements:
            raise Impossible(f"{fact}: no such element here")
        return place, place.diagram.elements[fact.element]

    def _take(self, place: Place, token: tuple[int, Any], fact: Seen) -> str:
        at = place.tokens.pop(tuple(token), None)  # type: ignore[arg-type]
        if at != fact.element:
            raise Impossible(f"{fact} takes {token}, which stands at {at}")
        return str(token[1])

    def _give(self, place: Place, fact: Seen) -> None:
        for flow in fact.gives:
            place.tokens[(fact.id, flow)] = place.diagram.targets[flow]
        stand: dict[str, int] = defaultdict(int)
        for _, flow in place.tokens:
            stand[str(flow)] += 1
        self.most_at_once = max(self.most_at_once, *stand.values(), 0) if stand else self.most_at_once

    def _empty(self, path: str) -> None:
        place = self.places[path]
        for address in list(place.runs):
            self._close(address)
        place.tokens.clear()
        place.runs.clear()
        place.activated.clear()

    def _close(self, address: str) -> None:
        for path in [path for path in self.places if path == address or path.startswith(f"{address}/")]:
            del self.places[path]


def _item_of(address: str) -> int:
    return int(address.rpartition("[")[2].partition("]")[0])


def is_beside(address: str) -> bool:
    """Is it inserted work, or in some? Its part of an address begins with a plus."""
    return any(part.startswith("+") for part in address.split("/"))


def _same(found: Any, wanted: Any, what: str) -> None:
    if found != wanted:
        raise Impossible(f"{what}: {found!r}, not {wanted!r}")
