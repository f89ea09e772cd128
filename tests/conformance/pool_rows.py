"""Two pools in one drawing: what one sends, the other waits for or is started by.

`steps` as in `played`, for the process `case`; `other/a` completes a task of the other pool. The trace of each pool is
told, those of the other after `|`, one for each of its cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field


@dataclass(frozen=True, slots=True)
class PoolRow:
    name: str
    case: str
    other: str
    steps: str
    trace: str
    _: KW_ONLY
    flows: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


POOLS = (
    PoolRow(
        "an end event starts the other pool",
        "start > a > end(message m)",
        "start:o_start(message m) > b > o_end",
        "a other/b",
        "start a end | o_start b o_end",
    ),
    PoolRow(
        "a send task that nobody serves throws its message",
        "start > send:a(sends m) > b > end",
        "start:o_start(message m) > o_end",
        "b",
        "start a b end | o_start o_end",
    ),
    PoolRow(
        "a send task sends for each of its items",
        "start > send:a(sends m; par 2) > end",
        "start:o_start(message m) > o_end",
        "",
        "start a a a end | o_start o_end | o_start o_end",
    ),
    PoolRow(
        "an answer on the way",
        "start > throw:t(message m) > receive:r(waits n) > end",
        "start:o_start(message m) > b > o_end(message n)",
        "other/b",
        "start t r end | o_start b o_end",
    ),
    PoolRow(
        "an answer that comes before it is waited for",
        "start > throw:t(message m) > a > catch:c(message n) > end",
        "start:o_start(message m) > o_end(message n)",
        "a",
        "start t a c end | o_start o_end",
    ),
    PoolRow(
        "the first of two answers",
        "start > throw:t(message m) > race:g > catch:c(message yes) > end | g > catch:d(message no) > d_end",
        "start:o_start(message m) > b > xor:x >[ok] o_end(message yes) | x >! p_end(message no)",
        "other/b(ok=false)",
        "start t g d d_end | o_start b x p_end",
    ),
    PoolRow(
        "a message that interrupts the other pool",
        "start > throw:t(message m) > a > end(message stop)",
        "start:o_start(message m) > b > o_end | bound:x(on b; message stop) > x_end",
        "a",
        "start t a end | o_start -b x x_end",
    ),
    PoolRow(
        "a message that is sent to itself reaches nobody",
        "start > and:g > a > throw:t(message m) > end | g > catch:c(message m) > c_end",
        "start:o_start(message n) > o_end",
        "a msg:m",
        "start g a c t end c_end",
    ),
    PoolRow(
        "a message flow names the message that only its end knows",
        "start > end:t(message)",
        "start:o_start(message m) > o_end",
        "",
        "start t | o_start o_end",
        flows={"t": "o_start"},
    ),
    PoolRow(
        "a pool that a parallel gateway starts, from two throws",
        "start > throw:t(message m) > a > end(message n)",
        "race:g(attr instantiate=true; attr eventGatewayType=Parallel) > catch:c(message m) > and:j > o_end"
        " | g > catch:d(message n) > j",
        "a",
        "start t a end | g c d j o_end",
    ),
    PoolRow(
        "each answer goes back along its conversation",
        "start > and:f > sub:p(par x in [1, 2]) { p_start > throw:t(message m) > receive:r(waits n) > p_end } > end"
        " | f > a > a_end",
        "start:o_start(message m) > b > o_end(message n)",
        "other/b#2",
        "start f p? a? p? p p_start p_start t t r? r p_end | o_start b? | o_start b o_end",
        properties={"key": {"m": "x", "n": "x"}},
    ),
)
