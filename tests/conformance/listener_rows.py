"""Listeners on every kind of element: the gateway behind it tells whether they were heard."""

from __future__ import annotations

from rows import Row, row


def hears(*events: str, kind: str = "executionListener") -> str:
    """The words of `shapes` for listeners that count x up."""
    heard = "".join(
        f'<camunda:{kind} event="{event}" expression="${{execution.setVariable(\'x\', x + 1)}}"/>'
        for event in events
    )

    return f"xml <extensionElements>{heard}</extensionElements>"


_BOTH = hears("start", "end")
_LATE = "catch:z(timer P9D) > z_end"


def _told(name: str, text: str, steps: str, trace: str, times: int = 2, **called: str) -> Row:
    """`text` leads to `g`, which is left for `end` when x was counted up so often."""
    whole = f"start > {text} > xor:g >[x = {times}] end | g >! b_end"

    return row(name, whole, steps, f"start {trace} g end", data={"x": 0}, **called)


LISTENERS = (
    _told("of a user task", f"a({_BOTH})", "a", "a"),
    _told("of a service task", f"service:a(topic t; {_BOTH})", "job:t", "a"),
    _told("of a script task", f"script:a(set y = 1; {_BOTH})", "", "a"),
    _told("of an undefined task", f"task:a({_BOTH})", "", "a"),
    _told("of a receive task", f"receive:a(waits m; {_BOTH})", "msg:m", "a"),
    _told("of a business rule task", f"rule:a(topic t; {_BOTH})", "job:t", "a"),
    _told("of a call activity", f"call:a(calls inner; {_BOTH})", "b", "a i_start b i_end", inner="i_start > b > i_end"),
    _told("of a sub-process", f"sub:a({_BOTH}) {{ a_start > b > a_end }}", "b", "a a_start b a_end"),
    _told("of a transaction", f"tx:a({_BOTH}) {{ a_start > b > a_end }}", "b", "a a_start b a_end"),
    _told("of a catch event", f"catch:a(message m; {_BOTH})", "msg:m", "a"),
    _told("of a throw event", f"throw:a(signal s; {_BOTH})", "", "a"),
    _told("of an inner start event", f"sub:a {{ start:a_start({_BOTH}) > b > a_end }}", "b", "a a_start b a_end"),
    _told("of an inner end event", f"sub:a {{ a_start > b > end:a_end({_BOTH}) }}", "b", "a a_start b a_end"),
    _told("of an exclusive gateway", f"xor:a({_BOTH})", "", "a"),
    _told("of a parallel gateway that joins", f"and:f > b > and:j({_BOTH}) | f > c > j", "b c", "f b c j"),
    _told("of an event-based gateway", f"race:r({_BOTH}) > {_LATE} | r > catch:a(message m)", "msg:m", "r a"),
    _told("of an event behind a gateway", f"race:r > {_LATE} | r > catch:a(message m; {_BOTH})", "msg:m", "r a"),
    _told("of each item", f"a(par 3; {_BOTH})", "a a a", "a a a a", 6),
    _told("of each round of a loop", f"a(max 2; {_BOTH})", "a a", "a a a", 4),
    row(
        "of a boundary event",
        f"start > a > end | bound:r(on a; message m; {_BOTH}) > xor:g >[x = 2] b_end | g >! c_end",
        "msg:m",
        "start -a r g b_end",
        data={"x": 0},
    ),
    row(
        "of a step that is cut off",
        f"start > a({hears('end')}) > end | bound:r(on a; message m) > xor:g >[x = 1] b_end | g >! c_end",
        "msg:m",
        "start -a r g b_end",
        data={"x": 0},
    ),
    row(
        "of an event sub-process",
        f"start > a > end | event:h({hears('start')})"
        " { start:h_start(message m) > xor:g >[x = 1] h_end | g >! i_end }",
        "msg:m",
        "start -a h h_start g h_end",
        data={"x": 0},
    ),
    _told("of the creation of a task", f"a({hears('create', kind='taskListener')})", "a", "a", 1),
    _told("of the completion of a task", f"a({hears('complete', kind='taskListener')})", "a", "a", 1),
    row(
        "of the end of a task from outside",
        f"start > a({hears('delete', kind='taskListener')}) > end"
        " | bound:r(on a; message m) > xor:g >[x = 1] b_end | g >! c_end",
        "msg:m",
        "start -a r g b_end",
        data={"x": 0},
    ),
)  # fmt: skip
