"""The places in which BPMN allows an element: each wraps a fragment in a diagram, and its trace along with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from elements import Fragment


@dataclass(frozen=True, slots=True)
class Placed:
    """A whole diagram. The place of `beside` in the trace does not matter; that of none does where `unordered`."""

    text: str
    steps: str
    trace: str
    data: dict[str, int] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    beside: str = ""
    unordered: bool = False


Place = Callable[[Fragment], Placed]


def _inside(fragment: Fragment, start: str, end: str) -> str:
    return f"{start} > {fragment.first} | {fragment.last} > {end}"


def _content(fragment: Fragment, start: str, end: str) -> str:
    """The fragment first, since a node says what it is where it is first named."""
    return f"{fragment.text}\n{_inside(fragment, start, end)}"


def process(one: Fragment) -> Placed:
    return Placed(_content(one, "start", "end"), one.steps, f"start {one.trace} end", called=one.called)


def sub_process(one: Fragment) -> Placed:
    text = f"start > sub:p {{ {_content(one, 'p_start', 'p_end')} }} > end"

    return Placed(text, one.steps, f"start p p_start {one.trace} p_end end", called=one.called)


def transaction(one: Fragment) -> Placed:
    text = f"start > tx:p {{ {_content(one, 'p_start', 'p_end')} }} > end"

    return Placed(text, one.steps, f"start p p_start {one.trace} p_end end", called=one.called)


def called_process(one: Fragment) -> Placed:
    called = {"child": _content(one, "k_start", "k_end"), **one.called}

    return Placed(
        "start > call:k(calls child) > end",
        one.steps,
        f"start k k_start {one.trace} k_end end",
        called=called,
    )


def event_sub_process(one: Fragment) -> Placed:
    text = f"start > w > end | event:v {{ start:v_start(message go)\n{_content(one, 'v_start', 'v_end')} }}"

    return Placed(text, f"msg:go {one.steps}", f"start -w v v_start {one.trace} v_end", called=one.called)


def event_sub_process_beside(one: Fragment) -> Placed:
    text = f"start > w > end | event:v {{ start:v_start(message go; alone)\n{_content(one, 'v_start', 'v_end')} }}"

    return Placed(
        text, f"msg:go {one.steps} w", f"start w v v_start {one.trace} v_end end", called=one.called
    )


def behind_a_boundary_event(one: Fragment) -> Placed:
    text = f"start > w > end | bound:x1(on w; message go)\n{_content(one, 'x1', 'x1_end')}"

    return Placed(text, f"msg:go {one.steps}", f"start -w x1 {one.trace} x1_end", called=one.called)


def parallel_branch(one: Fragment) -> Placed:
    text = f"start > and:fork > w > and:join > end\n{_content(one, 'fork', 'join')}"

    return Placed(text, f"{one.steps} w", f"start fork {one.trace} join end", called=one.called, beside="w")


def loop_of_flows(one: Fragment) -> Placed:
    text = (
        "start > xor:again | script:count(set rounds = rounds + 1) > xor:enough >[rounds < 2] again"
        f"\nenough >! end\n{_content(one, 'again', 'count')}"
    )
    turn = f"again {one.trace} count enough"

    return Placed(text, f"{one.steps} {one.steps}", f"start {turn} {turn} end", {"rounds": 0}, one.called)


def standard_loop(one: Fragment) -> Placed:
    return _twice(one, "max 2")


def in_turn(one: Fragment) -> Placed:
    return _twice(one, "seq 2")


def _twice(one: Fragment, marker: str) -> Placed:
    text = f"start > sub:p({marker}) {{ {_content(one, 'p_start', 'p_end')} }} > end"
    turn = f"p p_start {one.trace} p_end"

    return Placed(text, f"{one.steps} {one.steps}", f"start p {turn} {turn} end", called=one.called)


def at_once(one: Fragment) -> Placed:
    text = f"start > sub:p(par 2) {{ {_content(one, 'p_start', 'p_end')} }} > end"
    turn = f"p p_start {one.trace} p_end"
    steps = " ".join(_for_both(step) for step in one.steps.split())

    return Placed(text, steps, f"start p {turn} {turn} end", called=one.called, unordered=True)


def _for_both(step: str) -> str:
    """Signals, the clock and the case file reach both at once; all else comes to one of them."""
    return step if step.startswith(("sig:", "+", "set(")) else f"{step} {step}"


PLACES: dict[str, Place] = {
    "process": process,
    "sub-process": sub_process,
    "transaction": transaction,
    "called process": called_process,
    "event sub-process": event_sub_process,
    "event sub-process beside": event_sub_process_beside,
    "boundary path": behind_a_boundary_event,
    "parallel branch": parallel_branch,
    "loop": loop_of_flows,
    "standard loop": standard_loop,
    "instances in turn": in_turn,
    "instances at once": at_once,
}
