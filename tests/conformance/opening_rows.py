"""How a process begins: gateways, receive tasks, conditions and events of several triggers that start it.

`begin` also knows `if:now(x=1)` (conditions are looked at with this data), `at:two` (by hand, at that start event)
and `+1h` (the time of a timer comes).
"""

from __future__ import annotations

from rows import row

OPENINGS = (
    row(
        "event-based gateway that starts the process",
        "race:g(attr instantiate=true) > catch:a(message m) > end | g > catch:b(message n) > b_end",
        "",
        "g a end",
        begin="post:m",
    ),
    row(
        "parallel event-based gateway that starts the process",
        "race:g(attr instantiate=true; attr eventGatewayType=Parallel) > catch:a(message m) > and:j > end"
        " | g > catch:b(message n) > j",
        "msg:n",
        "g a b j end",
        begin="post:m",
    ),
    row(
        "receive task that starts the process",
        "receive:a(waits m; attr instantiate=true) > end",
        "",
        "a end",
        begin="post:m",
    ),
    row(
        "condition that starts a process",
        "start:a_start(conditional x > 1) > a > end",
        "a",
        "a_start a end",
        begin="if:(x=2)",
    ),
    row(
        "several triggers of which one starts a process",
        "start:a_start(message m; signal s) > a > end",
        "a",
        "a_start a end",
        begin="sig:s",
    ),
    row(
        "several triggers that start a process together",
        "start:a_start(message m; message n; parallel) > a > end",
        "msg:n a",
        "a_start a end",
        begin="post:m",
    ),
    row(
        "event-based gateway that a receive task ends",
        "race:g(attr instantiate=true) > receive:a(waits m) > c > end | g > catch:b(message n) > b_end",
        "c",
        "g a c end",
        begin="post:m",
    ),
    row(
        "event-based gateway that starts the process, by its timer",
        "race:g(attr instantiate=true) > catch:a(timer PT1H) > end | g > catch:b(message n) > b_end",
        "",
        "g a end",
        begin="+1h",
    ),
    row(
        "event-based gateway that starts the process, by its condition",
        "race:g(attr instantiate=true) > catch:a(conditional x > 1) > end | g > catch:b(message n) > b_end",
        "",
        "g a end",
        begin="if:now(x=2)",
    ),
    row(
        "event-based gateway that starts the process, and is entered once",
        "race:g(attr instantiate=true) > catch:a(message m) > c > end | g > catch:b(message n) > b_end",
        "post:n",
        "g a c?",
        begin="post:m",
    ),
    row(
        "parallel event-based gateway that starts the process, while one event is missing",
        "race:g(attr instantiate=true; attr eventGatewayType=Parallel) > catch:a(message m) > c > end"
        " | g > receive:b(waits n) > b_end",
        "c",
        "g a b? c end",
        begin="post:m",
    ),
    row(
        "parallel event-based gateway whose second event starts it",
        "race:g(attr instantiate=true; attr eventGatewayType=Parallel) > catch:a(message m) > c > end"
        " | g > catch:b(message n) > b_end",
        "msg:m c",
        "g a b b_end c end",
        begin="post:n",
    ),
    row(
        "the data of what starts a gateway",
        "race:g(attr instantiate=true) > catch:a(message m) > xor:x >[n = 3] end | x >! c > c_end"
        " | g > catch:b(message n) > b_end",
        "",
        "g a x end",
        begin="post:m(n=3)",
    ),
    row(
        "receive task among others that start the process",
        "receive:a(waits m; attr instantiate=true) > xor:j > c > end | receive:b(waits n; attr instantiate=true) > j",
        "c",
        "b j c end",
        begin="post:n",
    ),
    row(
        "receive task that starts the process, with a boundary event",
        "receive:a(waits m; attr instantiate=true) > c > end | bound:x(on a; timer PT1H) > x_end",
        "c",
        "a c end",
        begin="post:m",
    ),
    row(
        "condition that starts a process, by hand",
        "start:a_start(conditional x > 1) > a > end",
        "a",
        "a_start a end",
        data={"x": 2},
    ),
    row(
        "one condition of two",
        "start:one(conditional x > 1) > a > end | start:two(conditional x < 1) > b > b_end",
        "b",
        "two b b_end",
        begin="if:now(x=0)",
    ),
    row(
        "several triggers, of which the timer starts a process",
        "start:a_start(message m; timer PT1H) > a > end",
        "a",
        "a_start a end",
        begin="+1h",
    ),
    row(
        "several triggers that start a process together, a message and a signal",
        "start:a_start(message m; signal s; parallel) > a > end",
        "sig:s a",
        "a_start a end",
        begin="post:m",
    ),
    row(
        "several triggers that start a process together, while one is missing",
        "start:a_start(message m; message n; parallel) > a > end",
        "",
        "a_start?",
        begin="post:n",
    ),
    row(
        "several triggers that start a process together, the same one twice",
        "start:a_start(message m; message n; parallel) > a > end",
        "post:m msg:n a",
        "a_start a end",
        begin="post:m",
    ),
    row(
        "several plain starts",
        "start:one > a > end | start:two > b > b_end",
        "b",
        "two b b_end",
        begin="at:two",
    ),
    row(
        "a plain start among others",
        "start:one > a > end | start:two(message m) > b > b_end",
        "a",
        "one a end",
    ),
)
