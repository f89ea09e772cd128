"""What BPMN has and the engine refuses by name, so far. Each row is what it would do if it ran.

A row that begins to run fails its test until it moves to where it belongs.
"""

from __future__ import annotations

from rows import row

NOT_YET = (
    row(
        "data association that computes",
        "start > a(xml <dataInputAssociation><targetRef>x</targetRef><assignment><from>1</from><to>x</to>"
        "</assignment></dataInputAssociation>) > xor:g >[x = 1] end | g >! b_end",
        "a",
        "start a g end",
        not_yet="data associations that compute",
    ),
)
