"""Data objects, stores, inputs and outputs: one row for each thing that may go wrong with them.

The way that is taken at `g` tells what was written.
"""

from __future__ import annotations

from rows import row

_SEEN = "> xor:g >[{0}] end | g >! else_end"


def _seen(condition: str) -> str:
    return _SEEN.format(condition)


OBJECTS = (
    row(
        "an output is written to a data object",
        f"start > a(writes d from out) {_seen('d = 7')} | object:d",
        "a(out=7)",
        "start a g end",
    ),
    row(
        "an output is the activity's own",
        f"start > a(writes d from out) {_seen('out = null')} | object:d",
        "a(out=7)",
        "start a g end",
    ),
    row(
        "an input is read from a data object",
        f"start > script:a(reads d as n; set y = n + 1) {_seen('y = 4')} | object:d",
        "",
        "start a g end",
        data={"d": 3},
    ),
    row(
        "an input is the activity's own",
        f"start > a(reads d as n) {_seen('n = null and d = 3')} | object:d",
        "a(n=9)",
        "start a g end",
        data={"d": 3},
    ),
    row(
        "an input with the name of its data object is that data object",
        f"start > a(reads d) {_seen('d = 9')} | object:d",
        "a(d=9)",
        "start a g end",
        data={"d": 3},
    ),
    row(
        "references stand for the same data object",
        f"start > a(writes r from out) > script:b(reads q as n; set y = n) {_seen('y = 5')}"
        " | object:d | ref:r(of d; state draft) | ref:q(of d; state ready)",
        "a(out=5)",
        "start a b g end",
    ),
    row(
        "an output that nobody produced writes nothing",
        f"start > a(writes d from out) {_seen('d = 3')} | object:d",
        "a",
        "start a g end",
        data={"d": 3},
    ),
    row(
        "a transformation computes",
        f"start > a(makes x * 2 to d) {_seen('d = 8')} | object:d",
        "a(x=4)",
        "start a g end",
    ),
    row(
        "an assignment computes an input",
        f"start > script:a(gets x + 1 as n; set y = n) {_seen('y = 5')}",
        "",
        "start a g end",
        data={"x": 4},
    ),
    row(
        "an assignment writes a part",
        f"start > a(puts x to d.total.net) {_seen('d.total.net = 2 and d.total.gross = 9')} | object:d",
        "a(x=2)",
        "start a g end",
        data={"d": {"total": {"gross": 9}}},
    ),
    row(
        "several assignments",
        f"start > a(puts 1 to d.one; puts 2 to d.two) {_seen('d.one + d.two = 3')} | object:d",
        "a",
        "start a g end",
    ),
    row(
        "a task that is only recorded moves data, too",
        f"start > task:a(puts x + 1 to d) > manual:b(writes e from none; makes d + 1 to e) {_seen('e = 6')}"
        " | object:d | object:e",
        "",
        "start a b g end",
        data={"x": 4},
    ),
    row(
        "a service",
        f"start > service:a(reads d as n; writes e from out) {_seen('e = 2')} | object:d | object:e",
        "job:a(out=2)",
        "start a g end",
        data={"d": 1},
    ),
    row(
        "a data object of a sub-process is seen inside",
        "start > sub:p { p_start > script:a(set v = 1; writes d from v) > xor:g >[d = 1] p_end | g >! else_end"
        " | object:d } > end",
        "",
        "start p p_start a g p_end end",
    ),
    row(
        "it ends with the sub-process",
        f"start > sub:p {{ p_start > script:a(set v = 1; writes d from v) > p_end | object:d }} {_seen('d = null')}",
        "",
        "start p p_start a p_end g end",
    ),
    row(
        "it begins anew in each round",
        "start > sub:p(max 2) { p_start > xor:g >[d = null] script:a(set v = 1; writes d from v) > p_end"
        " | g >! else_end | object:d } > end",
        "",
        "start p p p_start g a p_end p p_start g a p_end end",
    ),
    row(
        "each instance has its own",
        "start > sub:p(par x in [1, 2]) { p_start > script:a(set v = x; writes d from v) > b > xor:g >[d = x] p_end"
        " | g >! else_end | object:d } > end",
        "b b",
        "start p p p p_start p_start a a b b g p_end g p_end end",
    ),
    row(
        "a property of a task is its own",
        f"start > a(xml <property id='w'/>) {_seen('w = null')}",
        "a(w=1)",
        "start a g end",
    ),
    row(
        "a property of the process is a variable",
        f"start > script:a(set w = 1) {_seen('w = 1')} | property:w",
        "",
        "start a g end",
    ),
    row(
        "a loop over a data input, into a data output",
        f"start > a(xml <ioSpecification><dataInput id='i' name='all'/><dataOutput id='o' name='found'/>"
        "</ioSpecification><dataInputAssociation><sourceRef>d</sourceRef><targetRef>i</targetRef>"
        "</dataInputAssociation><dataOutputAssociation><sourceRef>o</sourceRef><targetRef>e</targetRef>"
        "</dataOutputAssociation><multiInstanceLoopCharacteristics><loopDataInputRef>i</loopDataInputRef>"
        "<loopDataOutputRef>o</loopDataOutputRef><inputDataItem id='x' name='one'/>"
        "<outputDataItem id='y' name='made'/></multiInstanceLoopCharacteristics>)"
        f" {_seen('e = [1, 2]')} | object:d | object:e",
        "a(made=1) a(made=2)",
        "start a a a g end",
        data={"d": [10, 20]},
    ),
)

DRAWN = (
    row(
        "a line to a data object without an output only tells people something",
        f"start > a(xml <dataOutputAssociation><targetRef>d</targetRef></dataOutputAssociation>) {_seen('d = 7')}"
        " | object:d",
        "a(d=7)",
        "start a g end",
    ),
    row(
        "so does a line from one to a placeholder",
        "start > a(xml <property id='p' name='__targetRef_placeholder'/><dataInputAssociation><sourceRef>d</sourceRef>"
        f"<targetRef>p</targetRef></dataInputAssociation>) {_seen('d = 7')} | object:d",
        "a(d=7)",
        "start a g end",
    ),
    row(
        "lines at a call leave it what it sees",
        "start > call:k(calls child; xml <property id='p' name='__targetRef_placeholder'/><dataInputAssociation>"
        "<sourceRef>d</sourceRef><targetRef>p</targetRef></dataInputAssociation><dataOutputAssociation><targetRef>d"
        f"</targetRef></dataOutputAssociation>) {_seen('d = 7')} | object:d",
        "",
        "start k k_start z k_end g end",
        data={"six": 6},
        child="k_start > script:z(set d = six + 1) > k_end",
    ),
    row(
        "a line from a store to a placeholder reads it, one to it writes what has its name",
        "start > task:z(makes 3 to s) > script:a(set s = s + 4; xml <property id='p' name='__targetRef_placeholder'/>"
        "<dataInputAssociation><sourceRef>s</sourceRef><targetRef>p</targetRef></dataInputAssociation>"
        "<dataOutputAssociation><targetRef>s</targetRef></dataOutputAssociation>) > script:b(reads s as n; set y = n)"
        f" {_seen('y = 7 and s = null')} | store:s",
        "",
        "start z a b g end",
    ),
)

NEEDS = (
    row("a missing input stops the step", "start > a(reads d as n) > end | object:d", "", "start …"),
    row(
        "written, the step goes on",
        "start > a(reads d as n) > end | object:d",
        "retry(d=1) a",
        "start a end",
    ),
    row(
        "an optional input may be missing",
        "start > a(xml <ioSpecification><dataInput id='i' name='n'/><inputSet><dataInputRefs>i</dataInputRefs>"
        "<optionalInputRefs>i</optionalInputRefs></inputSet></ioSpecification><dataInputAssociation>"
        "<sourceRef>d</sourceRef><targetRef>i</targetRef></dataInputAssociation>) > end | object:d",
        "a",
        "start a end",
    ),
    row(
        "one complete input set is enough",
        "start > a(xml <ioSpecification><dataInput id='i' name='n'/><dataInput id='j' name='m'/>"
        "<inputSet><dataInputRefs>i</dataInputRefs></inputSet><inputSet><dataInputRefs>j</dataInputRefs></inputSet>"
        "</ioSpecification><dataInputAssociation><sourceRef>d</sourceRef><targetRef>i</targetRef>"
        "</dataInputAssociation><dataInputAssociation><sourceRef>e</sourceRef><targetRef>j</targetRef>"
        "</dataInputAssociation>) > end | object:d | object:e",
        "a",
        "start a end",
        data={"e": 1},
    ),
    row(
        "an input that nothing leads to is nobody's business",
        "start > a(xml <ioSpecification><dataInput id='i' name='n'/><inputSet><dataInputRefs>i</dataInputRefs>"
        "</inputSet></ioSpecification>) > end",
        "a",
        "start a end",
    ),
    row(
        "a missing input of an instance",
        "start > a(par 2; reads d as n) > end | object:d",
        "retry(d=1) retry a a",
        "start a a a end",
    ),
)

EVENTS = (
    row(
        "a message brings a data object",
        f"start > catch:c(message m; writes d from order) {_seen('d = 5')} | object:d",
        "msg:m(order=5)",
        "start c g end",
    ),
    row(
        "a message as a whole",
        f"start > catch:c(message m; writes d from order) {_seen('d.amount = 5')} | object:d",
        "msg:m(amount=5)",
        "start c g end",
    ),
    row(
        "a message on the border of an activity",
        "start > a > a_end | bound:x(on a; message m; writes d from order) > xor:g >[d = 5] end | g >! else_end"
        " | object:d",
        "msg:m(order=5)",
        "start -a x g end",
    ),
    row(
        "a message that starts the case",
        "start:s_start(message m; writes d from order) > xor:g >[d = 5] end | g >! else_end | object:d",
        "",
        "s_start g end",
        begin="post:m(order=5)",
    ),
    row(
        "a message as a whole starts the case",
        "start:s_start(message m; writes d from order) > xor:g >[d.amount = 5] end | g >! else_end | object:d",
        "",
        "s_start g end",
        begin="post:m(amount=5)",
    ),
    row(
        "a message for an event sub-process with a data object of its own",
        "start > a > end | event:v { start:v_start(message m; writes d from order) > xor:g >[d = 5] v_end"
        " | g >! else_end | object:d }",
        "msg:m(order=5)",
        "start -a v v_start g v_end",
    ),
    row(
        "a thrown signal takes data along",
        "start > and:f > catch:c(signal s; writes e from sent) > xor:g >[e = 3] end | g >! else_end"
        " | f > throw:t(signal s; reads d as sent) > t_end | object:d | object:e",
        "",
        "start f c t t_end g end",
        data={"d": 3},
    ),
    row(
        "what instances tell has their numbers",
        "start > a(par 2; behavior One) > end | bound:x(on a; signal s; alone; writes d from numberOfInstances)"
        " > xor:g >[d = 2] x_end | g >! else_end | object:d",
        "a a",
        "start a a a x g x_end end",
    ),
)

CALLS = (
    row(
        "a call hands over its inputs, and its outputs back",
        f"start > call:k(calls child; reads d as given; writes e from result) {_seen('e = 20')} | object:d | object:e",
        "",
        "start k k_start z k_end g end",
        data={"d": 2},
        child="k_start > script:z(set result = given * 10) > k_end",
    ),
    row(
        "a called process sees nothing else",
        f"start > call:k(calls child; reads d as given; writes e from result) {_seen('e = null')}"
        " | object:d | object:e",
        "",
        "start k k_start z k_end g end",
        data={"d": 2, "other": 1},
        child="k_start > script:z(set result = other) > k_end",
    ),
    row(
        "a call whose input is missing",
        "start > call:k(calls child; reads d as given) > end | object:d",
        "retry(d=1)",
        "start k k_start k_end end",
        child="k_start > k_end",
    ),
)

STORES = (
    row(
        "what was written is read",
        f"start > a(writes s from out) > script:b(reads s as n; set y = n) {_seen('y = 4')} | store:s",
        "a(out=4)",
        "start a b g end",
    ),
    row(
        "in one go",
        f"start > task:a(makes x * 2 to s) > script:b(reads s as n; set y = n) {_seen('y = 8')} | store:s",
        "",
        "start a b g end",
        data={"x": 4},
    ),
    row(
        "a part of it",
        f"start > task:a(makes {{one: 1}} to s) > task:b(puts 2 to s.two) > script:c(reads s as n; set y = n)"
        f" {_seen('y = {one: 1, two: 2}')} | store:s",
        "",
        "start a b c g end",
    ),
    row(
        "a message goes into a store",
        f"start > catch:c(message m; writes s from order) > script:b(reads s as n; set y = n) {_seen('y = 5')}"
        " | store:s",
        "msg:m(order=5)",
        "start c b g end",
    ),
    row(
        "a sub-process, a loop and instances write to it",
        "start > task:z(makes 0 to s) > sub:p(seq 3) { p_start > task:a(makes n + 1 to s; reads s as n) > p_end }"
        f" > script:b(reads s as n; set y = n) {_seen('y = 3')} | store:s",
        "",
        "start z p p p_start a p_end p p_start a p_end p p_start a p_end b g end",
    ),
)
