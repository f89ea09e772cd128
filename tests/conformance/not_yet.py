"""What BPMN has and the engine refuses by name, so far. Each row is what it would do if it ran.

A row that begins to run fails its test until it moves to where it belongs.
"""

from __future__ import annotations

from rows import row

NOT_YET = (
    row(
        "event-based gateway that starts the process",
        "race:g(attr instantiate=true) > catch:a(message m) > end | g > catch:b(message n) > b_end",
        "",
        "g a end",
        begin="post:m",
        not_yet="instantiating gateways",
    ),
    row(
        "parallel event-based gateway that starts the process",
        "race:g(attr instantiate=true; attr eventGatewayType=Parallel) > catch:a(message m) > and:j > end"
        " | g > catch:b(message n) > j",
        "msg:n",
        "g a b j end",
        begin="post:m",
        not_yet="parallel event-based gateways",
    ),
    row(
        "receive task that starts the process",
        "receive:a(waits m; attr instantiate=true) > end",
        "",
        "a end",
        begin="post:m",
        not_yet="instantiating receive tasks",
    ),
    row(
        "condition that starts a process",
        "start:a_start(conditional x > 1) > a > end",
        "a",
        "a_start a end",
        data={"x": 2},
        not_yet="conditional start events of a process",
    ),
    row(
        "several triggers of which one starts a process",
        "start:a_start(message m; signal s) > a > end",
        "a",
        "a_start a end",
        begin="sig:s",
        not_yet="multiple start events of a process",
    ),
    row(
        "several triggers that start a process together",
        "start:a_start(message m; message n; parallel) > a > end",
        "msg:n a",
        "a_start a end",
        begin="post:m",
        not_yet="multiple start events of a process",
    ),
    row(
        "data association that computes",
        "start > a(xml <dataInputAssociation><targetRef>x</targetRef><assignment><from>1</from><to>x</to>"
        "</assignment></dataInputAssociation>) > xor:g >[x = 1] end | g >! b_end",
        "a",
        "start a g end",
        not_yet="data associations that compute",
    ),
)
