"""Draws real BPMN from one line, so that a test can show its diagram.

    xml = draw("Register > ( Check plot | Check applicant ) > [amount > 100000: Manager] > Send")

Steps

    Check plot                 a user task; its id is `check_plot` (given by hand: `Check plot #a`)
    x := y + 1                 a script task in FEEL; what has a `>` or `|` goes in brackets: `x := (y > 1)`
    !topic Tell tenant         a service task           @send topic Tell         a send task
    @task Name                 an undefined task        @manual Name             a manual task
    @receive payment Wait      a receive task           @rule decision Name      a business rule task
    @call child Name           a call, all data shared  @event Name              an intermediate none event
    @message payment Paid      caught on the way, as are  @timer P3D Wait  and  @signal alarm Alarm
    @throw-message done Name   thrown on the way, as is   @throw-signal alarm
    @throw-escalation code     likewise, and @throw-compensation
    @start-message order       the way in, as are         @start-timer P1D  and  @start-signal alarm
    @end Name                  an end event, as are @terminate, @error code, @end-message x, @end-signal x,
                               @end-escalation code and @end-compensation
    { Hear: A > B }            an embedded sub-process
    { Late: @start-timer P1D > A }   an event sub-process, wherever it stands on its line; also with
                               @start-error and @start-escalation; `@start-message m <isInterrupting=false>`

What stands behind a step, in this order

    #id                        the id, where the name should not give it
    <groups=survey due="=now()" effect=none>   attributes: `SHORTHAND` of drawing_sketch, or `camunda.name=x`
                               What is more than a word goes in quotes, here and with events: `@timer "${n}"`
    each n in neighbours       once for each item, all at the same time; `3 times` likewise
    ... in turn                one after the other; then `enough when (done > 1)`, the completion condition
    again while (n > 1)        a standard loop
    ^timer P2D ( Escalate )    a boundary event that interrupts
    +timer P2D ( Remind )      one that does not; also `message name`, `signal name`, `error code`, `error`,
                               `escalation code`; `^compensation ( Undo it )` is its compensation handler
                               Its path ends by itself, or leads back behind the step: `^error ( Repair > )`

Blocks

    ( A | B )                  both (parallel gateways)
    ( A | B | C ) when 2       goes on when two are done, and takes the third when it comes (complex gateway)
    ( a: A | b: B | else: C )  every one whose condition holds (inclusive gateways)
    [ a: A | b: B | else: C ]  the one whose condition holds (exclusive gateways)
    [ amount > 9: A ]          A or nothing; `( a: A )` likewise, and any branch may be empty
    [ @message m > A | @timer P1D > B ]   whatever comes first (event-based gateway)
    ( A > B until done )       again and again; the whole line may end in `until` too
    A ~> ( B | C ) ~> D        without gateways: several flows leave A (they may have conditions), and D runs
                               once for each token

Ids can be foretold. Gateways: `fork_1` and `join_1` (parallel), `some_1` and `sync_1` (inclusive),
`choice_1` and `merge_1` (exclusive), `race_1` and `caught_1` (events), `again_1` and `until_1` (loops),
counted as one reads; the way back of a boundary event is merged by `back_1`. Flows: `source__target`. The
ends of the line: `start` and `end`, in a sub-process `hear_start` and `hear_end`. Events without a name:
after what they wait for (`payment`, `timer`), calls after whom they call (`call_child`); boundary events:
after their host (`draft_timer`); other ends: after their kind (`terminate`). What would be there twice gets
`_2`.

Whatever the notation cannot say is composed with `node`, `flow`, `process` and `bpmn` (`drawing_xml`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element

from drawing_notation import NotationError
from drawing_sketch import Sketch
from drawing_xml import bpmn, expression, extensions, flow, node, process

__all__ = ["NotationError", "bpmn", "draw", "draw_all", "expression", "extensions", "flow", "node", "process"]


def draw(
    notation: str,
    *,
    key: str = "case",
    name: str | None = None,
    attributes: Mapping[str, Mapping[str, str]] | None = None,
    more: Iterable[Element] = (),
) -> bytes:
    """One process as a BPMN file.

    `attributes` sets attributes by element id (`{"send": {"caseloom:effect": "none"}}`; the process's own by
    its key), `more` puts further elements into the file.
    """
    sketch = Sketch(taken=Counter([key]))
    drawn = sketch.process(notation, key, name)
    _set_attributes([drawn], attributes or {})

    return bpmn(drawn, *sketch.declarations(), *more)


def draw_all(**notations: str) -> bytes:
    """Several processes in one file, each under its key; messages, signals and errors are shared by name."""
    sketch = Sketch(taken=Counter(notations.keys()))
    drawn = [sketch.process(notation, key, None) for key, notation in notations.items()]

    return bpmn(*drawn, *sketch.declarations())


def _set_attributes(roots: Iterable[Element], attributes: Mapping[str, Mapping[str, str]]) -> None:
    elements = {element.get("id"): element for root in roots for element in root.iter()}
    for id, given in attributes.items():
        if id not in elements:
            raise NotationError(f"There is no element “{id}” to set attributes of.")
        elements[id].attrib.update(node("x", attributes=given).attrib)
