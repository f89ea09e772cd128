"""What BPMN can draw, element by element: a fragment of a diagram, the steps that lead through it, and its trace.

Every fragment is put into every place of `placements`, so it begins at its node `first`, ends at `last`, and can
run more than once in a case. `docs/bpmn.md` is made of this table.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field


@dataclass(frozen=True, slots=True)
class Fragment:
    """`text` is in the notation of `shapes`, `trace` as `played` tells it; `called` are the processes it calls."""

    name: str
    text: str
    steps: str
    trace: str
    _: KW_ONLY
    first: str
    last: str
    called: dict[str, str] = field(default_factory=dict)
    together: bool = True  # may two of them run at the same time, step by step?


def _fragment(
    name: str,
    text: str,
    steps: str,
    trace: str,
    first: str = "a",
    last: str | None = None,
    *,
    together: bool = True,
    **called: str,
) -> Fragment:
    return Fragment(
        name, text, steps, trace, first=first, last=last or first, called=called, together=together
    )


_f = _fragment

ACTIVITIES = (
    _f("task", "task:a", "", "a"),
    _f("user task", "user:a", "a", "a"),
    _f("manual task", "manual:a", "", "a"),
    _f("service task", "service:a", "job:a", "a"),
    _f("send task", "send:a", "job:a", "a"),
    _f("receive task", "receive:a(waits m)", "msg:m", "a"),
    _f("script task", "script:a(set x = 1)", "", "a"),
    _f("business rule task by topic", "rule:a(topic rate)", "job:rate", "a"),
    _f("call activity", "call:a(calls inner)", "b", "a i_start b i_end", inner="i_start > b > i_end"),
    _f("embedded sub-process", "sub:a { a_start > b > a_end }", "b", "a a_start b a_end"),
    _f(
        "ad-hoc sub-process",
        "adhoc:a { b > c | d }",
        "do:b b do:d c d fin:a",
        "a b c d",
    ),
    _f(
        "ad-hoc sub-process, an activity more than once",
        "adhoc:a { b }",
        "do:b do:b b do:b b b fin:a",
        "a b b b",
    ),
    _f(
        "ad-hoc sub-process, sequential",
        "adhoc:a(sequential) { b > c | d }",
        "do:b b do:d d do:c c fin:a",
        "a b d c",
    ),
    _f(
        "ad-hoc sub-process with a completion condition",
        "adhoc:a(over done = true) { b | c }",
        "do:b b(done=false) do:c do:b c(done=true)",
        "a b c -b",
    ),
    _f(
        "ad-hoc sub-process that lets the rest finish",
        "adhoc:a(over done = true; keeps) { b | c > d }",
        "do:b do:c b(done=true) c",
        "a b c",
    ),
    _f(
        "ad-hoc sub-process that the diagram begins",
        'adhoc:a(begins ["b", "c"]) { b > d | c | e }',
        "b c d",
        "a b c d",
    ),
    _f(
        "ad-hoc sub-process with a message",
        "adhoc:a { b | catch:c(message m) > d }",
        "msg:m msg:m d d fin:a",
        "a c d c d -c",
        together=False,
    ),
    _f(
        "ad-hoc sub-process with gateways",
        "adhoc:a { b > and:g > c > and:h > d | g > e > h }",
        "do:b b e c d fin:a",
        "a b g c e h d",
    ),
    _f("sub-process without events", "sub:a { b > c }", "b c", "a b c"),
    _f(
        "nested sub-processes",
        "sub:a { a_start > sub:b { b_start > c > b_end } > a_end }",
        "c",
        "a a_start b b_start c b_end a_end",
    ),
    _f("transaction", "tx:a { a_start > b > a_end }", "b", "a a_start b a_end"),
    _f(
        "several flows in (implicit merge)",
        "sub:a { a_start > and:g > b > d > a_end | g > c > d }",
        "b d c d",
        "a a_start g b c d a_end d a_end",
        together=False,
    ),
    _f("several flows out (implicit split)", "a > b > and:j | a > c > j", "a b c", "a b c j", last="j"),
    _f(
        "conditional flows of an activity",
        "a >[x > 1] b > or:j | a >[x > 2] c > j | a >! d > j",
        "a(x=3) b c",
        "a b c j",
        last="j",
    ),
    _f(
        "default flow of an activity",
        "a >[x > 1] b > or:j | a >[x > 2] c > j | a >! d > j",
        "a(x=1) d",
        "a d j",
        last="j",
    ),
    _f(
        "standard loop, tested after",
        "script:z(set n = 0) > a(loop n < 2)",
        "a(n=1) a(n=2)",
        "z a a a",
        first="z",
        last="a",
        together=False,
    ),
    _f(
        "standard loop, tested before",
        "script:z(set n = 2) > a(loop n < 2; before)",
        "",
        "z a",
        first="z",
        last="a",
        together=False,
    ),
    _f("standard loop with a maximum", "a(max 2)", "a a", "a a a"),
    _f(
        "standard loop of a sub-process",
        "sub:a(max 2) { a_start > b > a_end }",
        "b b",
        "a a a_start b a_end a a_start b a_end",
    ),
    _f("multi-instance in turn", "a(seq 2)", "a a", "a a a"),
    _f("multi-instance at once", "a(par 2)", "a a", "a a a"),
    _f("multi-instance over a collection", "a(par x in [1, 2, 3])", "a a a", "a a a a"),
    _f("multi-instance over nothing", "a(par x in [])", "", "a"),
    _f("multi-instance with a completion condition", "a(par 3; until true)", "a", "a a -a -a"),
    _f("multi-instance in turn with a completion condition", "a(seq 3; until true)", "a", "a a"),
    _f(
        "multi-instance of a sub-process",
        "sub:a(par 2) { a_start > b > a_end }",
        "b b",
        "a a a a_start a_start b b a_end a_end",
    ),
    _f(
        "several tokens that leave and start an activity",
        "a(attr completionQuantity=2) > b(attr startQuantity=2)",
        "a b",
        "a b",
        last="b",
    ),
    _f(
        "several tokens that leave an activity, one run for each",
        "a(attr completionQuantity=2) > b > c(attr startQuantity=2)",
        "a b b c",
        "a b b c",
        last="c",
        together=False,
    ),
    *(
        _f(
            f"multi-instance {told} whose instances tell: {behavior}",
            f"sub:q {{ q_start > a({how} 2; behavior {behavior}{event}) > q_end"
            f" | bound:x(on a; {caught}; alone) > x_end }}",
            steps,
            f"q q_start {trace} q_end",
            first="q",
        )
        for behavior, event, caught, how, told, steps, trace in (
            ("All", "", "signal s", "seq", "in turn", "a a", "a a a"),
            ("All", "", "signal s", "par", "at once", "a a", "a a a"),
            ("None", "", "signal s", "seq", "in turn", "a a", "a a x x_end a x x_end"),
            ("None", "", "signal s", "par", "at once", "a a", "a a a x x_end x x_end"),
            ("One", "", "signal s", "seq", "in turn", "a a", "a a x x_end a"),
            ("One", "", "signal s", "par", "at once", "a a", "a a a x x_end"),
            ("Complex", " escalation e when true", "escalation e", "seq", "in turn", "a", "a a x x_end"),
            ("Complex", " escalation e when true", "escalation e", "par", "at once", "a", "a a -a x x_end"),
        )
    ),
    _f(
        "multi-instance of a call activity",
        "call:a(calls inner; seq 2)",
        "b b",
        "a a i_start b i_end a i_start b i_end",
        inner="i_start > b > i_end",
    ),
)

GATEWAYS = (
    _f(
        "exclusive gateway",
        "a > xor:g >[x = 1] b > xor:j | g >[x = 2] c > j | g >! d > j",
        "a(x=2) c",
        "a g c j",
        last="j",
    ),
    _f(
        "exclusive gateway, default flow",
        "a > xor:g >[x = 1] b > xor:j | g >! d > j",
        "a(x=2) d",
        "a g d j",
        last="j",
    ),
    _f("parallel gateway", "and:a > b > and:j | a > c > j", "c b", "a b c j", last="j"),
    _f(
        "parallel gateway, three branches",
        "and:a > b > and:j | a > c > j | a > d > j",
        "c b d",
        "a b c d j",
        last="j",
    ),
    _f(
        "inclusive gateway, all flows",
        "a > or:g >[x > 0] b > or:j | g >[x > 1] c > j",
        "a(x=2) b c",
        "a g b c j",
        last="j",
    ),
    _f(
        "inclusive gateway, one flow",
        "a > or:g >[x > 0] b > or:j | g >[x > 1] c > j",
        "a(x=1) b",
        "a g b j",
        last="j",
    ),
    _f(
        "inclusive gateway, default flow",
        "a > or:g >[x > 0] b > or:j | g >! c > j",
        "a(x=0) c",
        "a g c j",
        last="j",
    ),
    _f(
        "complex gateway as a split",
        "a > complex:g >[x > 0] b > or:j | g >[x > 1] c > j | g >! d > j",
        "a(x=1) b",
        "a g b j",
        last="j",
    ),
    _f(
        "complex gateway as a join",
        "sub:a { a_start > and:g > b > complex:j(when activationCount >= 2) > e > a_end"
        " | g > c > j | g > d > j }",
        "b d e c",
        "a a_start g b c d j e a_end j",
        together=False,
    ),
    _f(
        "event-based gateway, message",
        "race:a > catch:b(message m) > xor:j | a > catch:c(timer P9D) > j",
        "msg:m",
        "a b j",
        last="j",
    ),
    _f(
        "event-based gateway, timer",
        "race:a > catch:b(message m) > xor:j | a > catch:c(timer PT1H) > j",
        "+1h",
        "a c j",
        last="j",
    ),
    _f(
        "event-based gateway, signal",
        "race:a > catch:b(signal s) > xor:j | a > catch:c(timer P9D) > j",
        "sig:s",
        "a b j",
        last="j",
    ),
    _f(
        "event-based gateway, receive task",
        "race:a > receive:b(waits m) > xor:j | a > receive:c(waits n) > j",
        "msg:n",
        "a c j",
        last="j",
    ),
    _f(
        "event-based gateway, condition",
        "script:z(set hot = false) > race:a > catch:b(conditional hot) > xor:j | a > catch:c(timer P9D) > j",
        "set(hot=true)",
        "z a b j",
        first="z",
        last="j",
        together=False,
    ),
)

INTERMEDIATE_EVENTS = (
    _f("none", "throw:a", "", "a"),
    _f("message, caught", "catch:a(message m)", "msg:m", "a"),
    _f("message, thrown", "throw:a(message m)", "", "a"),
    _f("timer, duration", "catch:a(timer PT1H)", "+1h", "a"),
    _f("timer, date", "catch:a(timer 2026-01-01T00:00:00Z)", "+1m", "a"),
    _f("timer, cycle", "catch:a(timer R3/PT1H)", "+1h", "a"),
    _f(
        "timer by expression",
        'script:z(set wait = "PT2H") > catch:a(timer ${wait})',
        "+1h +1h",
        "z a",
        first="z",
        last="a",
        together=False,
    ),
    _f("signal, caught", "catch:a(signal s)", "sig:s", "a"),
    _f(
        "signal, thrown to a parallel branch",
        "sub:a { a_start > and:g > b > throw:t(signal s) > a_end | g > catch:c(signal s) > a_end }",
        "b",
        "a a_start g b c t a_end a_end",
        together=False,
    ),
    _f(
        "condition that becomes true",
        "script:z(set hot = false) > catch:a(conditional hot)",
        "set(hot=true)",
        "z a",
        first="z",
        last="a",
        together=False,
    ),
    _f(
        "condition that is true",
        "script:z(set hot = true) > catch:a(conditional hot)",
        "",
        "z a",
        first="z",
        last="a",
    ),
    _f("link", "throw:a(link l) | catch:b(link l)", "", "a b", last="b"),
    _f(
        "link from two places",
        "a > xor:g >[x = 1] throw:t(link l) | g >! throw:u(link l) | catch:d(link l)",
        "a(x=2)",
        "a g u d",
        last="d",
    ),
    _f(
        "escalation, thrown and caught",
        "sub:a { a_start > throw:t(escalation x) > b > a_end } > xor:j | bound:e(on a; escalation x) > c > j",
        "c",
        "-a a_start t e c j",
        last="j",
    ),
    _f(
        "escalation, caught beside",
        "sub:a { a_start > throw:t(escalation x) > b > a_end } > and:j"
        " | bound:e(on a; escalation x; alone) > c > j",
        "b c",
        "a a_start t e b c a_end j",
        last="j",
    ),
    _f("escalation that nobody catches", "throw:a(escalation x)", "", "a"),
    _f(
        "compensation of one activity",
        "b > throw:a(compensate b) | bound:r(on b; compensate) ~ u(handler)",
        "b u",
        "b a u",
        first="b",
        last="a",
    ),
    _f(
        "compensation of a scope, in reverse order",
        "sub:y { y_start > b > c > throw:a(compensate) > y_end | bound:r(on b; compensate) ~ u(handler)"
        " | bound:r2(on c; compensate) ~ u2(handler) }",
        "b c u2 u",
        "y y_start b c a u2 u y_end",
        first="y",
    ),
    _f("multiple", "catch:a(message m; signal s)", "sig:s", "a"),
    _f("parallel multiple", "catch:a(message m; signal s; parallel)", "sig:s msg:m", "a"),
    _f("by a shared definition", "catch:a(shared timer PT1H)", "+1h", "a"),
    _f("by several shared definitions", "catch:a(shared message m; shared signal s)", "sig:s", "a"),
    _f(
        "multiple, thrown, one of them by a service",
        "throw:a(signal s; xml <messageEventDefinition camunda:type='external' camunda:topic='mail'/>)",
        "job:mail",
        "a",
    ),
    _f(
        "multiple, thrown",
        "sub:a { a_start > throw:t(signal s; escalation e) > a_end } > and:j"
        " | bound:x(on a; escalation e; alone) > j",
        "",
        "a a_start t x a_end j",
        last="j",
    ),
    _f(
        "compensation of everything before",
        "b > c > throw:a(compensate)",
        "b c",
        "b c a",
        first="b",
        last="a",
    ),
)

BOUNDARY_EVENTS = (
    _f(
        "message, interrupting",
        "a > xor:j | bound:x(on a; message m) > c > j",
        "msg:m c",
        "-a x c j",
        last="j",
    ),
    _f(
        "message, not interrupting",
        "a | bound:x(on a; message m; alone) > c > x_end",
        "msg:m msg:m c c a",
        "a x c x c x_end x_end",
        together=False,
    ),
    _f("message, that does not come", "a > xor:j | bound:x(on a; message m) > c > j", "a", "a j", last="j"),
    _f("timer, interrupting", "a > xor:j | bound:x(on a; timer PT1H) > c > j", "+1h c", "-a x c j", last="j"),
    _f(
        "timer, not interrupting",
        "a | bound:x(on a; timer PT1H; alone) > c > x_end",
        "+1h +1h c a",
        "a x c x_end",
    ),
    _f(
        "timer, cycle",
        "a | bound:x(on a; timer R2/PT1H; alone) > c > x_end",
        "+1h +1h +1h c c a",
        "a x c x c x_end x_end",
        together=False,
    ),
    _f(
        "signal, interrupting", "a > xor:j | bound:x(on a; signal s) > c > j", "sig:s c", "-a x c j", last="j"
    ),
    _f(
        "signal, not interrupting",
        "a | bound:x(on a; signal s; alone) > c > x_end",
        "sig:s c a",
        "a x c x_end",
    ),
    _f(
        "error of a sub-process",
        "sub:a { a_start > b > end:a_end(error e) } > xor:j | bound:x(on a; error e) > c > j",
        "b c",
        "-a a_start b a_end x c j",
        last="j",
    ),
    _f(
        "any error",
        "sub:a { a_start > b > end:a_end(error e) } > xor:j | bound:x(on a; error) > c > j",
        "b c",
        "-a a_start b a_end x c j",
        last="j",
    ),
    _f(
        "error of a service",
        "service:a > xor:j | bound:x(on a; error e) > c > j",
        "err:a/e c",
        "-a x c j",
        last="j",
    ),
    _f(
        "error of a called process",
        "call:a(calls inner) > xor:j | bound:x(on a; error e) > c > j",
        "b c",
        "-a i_start b i_end x c j",
        last="j",
        inner="i_start > b > end:i_end(error e)",
    ),
    _f(
        "escalation, interrupting",
        "sub:a { a_start > b > end:a_end(escalation e) } > xor:j | bound:x(on a; escalation e) > c > j",
        "b c",
        "-a a_start b a_end x c j",
        last="j",
    ),
    _f(
        "escalation, not interrupting",
        "sub:a { a_start > b > end:a_end(escalation e) } > and:j"
        " | bound:x(on a; escalation e; alone) > c > j",
        "b c",
        "a a_start b a_end x c j",
        last="j",
    ),
    _f(
        "condition, interrupting",
        "script:z(set hot = false) > a > xor:j | bound:x(on a; conditional hot) > c > j",
        "set(hot=true) c",
        "z -a x c j",
        first="z",
        last="j",
        together=False,
    ),
    _f(
        "condition, not interrupting, again when it lapsed",
        "script:z(set hot = false) > a | bound:x(on a; conditional hot; alone) > c > x_end",
        "set(hot=true) set(hot=false) set(hot=true) c c a",
        "z a x c x c x_end x_end",
        first="z",
        last="a",
        together=False,
    ),
    _f("compensation that is not thrown", "a | bound:x(on a; compensate) ~ u(handler)", "a", "a"),
    _f(
        "cancel of a transaction",
        "tx:a { a_start > b > end:a_end(cancel) | bound:r(on b; compensate) ~ u(handler) } > xor:j"
        " | bound:x(on a; cancel) > c > j",
        "b u c",
        "-a a_start b -a_end u x c j",
        last="j",
    ),
    _f(
        "on a receive task",
        "receive:a(waits n) > xor:j | bound:x(on a; timer PT1H) > c > j",
        "+1h c",
        "-a x c j",
        last="j",
    ),
    _f(
        "on a sub-process",
        "sub:a { a_start > b > a_end } > xor:j | bound:x(on a; message m) > c > j",
        "msg:m c",
        "-a a_start -b x c j",
        last="j",
    ),
    _f(
        "on an ad-hoc sub-process",
        "adhoc:a { b | d } > xor:j | bound:x(on a; message m) > c > j",
        "do:b do:d b msg:m c",
        "-a b -d x c j",
        last="j",
        together=False,
    ),
    _f(
        "on an ad-hoc sub-process, not interrupting",
        "adhoc:a { b } | bound:x(on a; timer PT1H; alone) > c > x_end",
        "+1h do:b b c fin:a",
        "a x c b x_end",
    ),
    _f(
        "on an ad-hoc sub-process, an error inside",
        "adhoc:a { service:b | d } > xor:j | bound:x(on a; error e) > c > j",
        "do:b do:d err:b/e c",
        "-a -b -d x c j",
        last="j",
        together=False,
    ),
    _f(
        "in an ad-hoc sub-process",
        "adhoc:a { b | bound:x(on b; message m) > c }",
        "do:b msg:m c fin:a",
        "a -b x c",
        together=False,
    ),
    _f(
        "on a call activity",
        "call:a(calls inner) > xor:j | bound:x(on a; message m) > c > j",
        "msg:m c",
        "-a i_start -b x c j",
        last="j",
        inner="i_start > b > i_end",
    ),
    _f(
        "on a multi-instance activity",
        "a(par 2) > xor:j | bound:x(on a; message m) > c > j",
        "a msg:m c",
        "-a a -a x c j",
        last="j",
        together=False,
    ),
    _f(
        "on a loop",
        "a(max 3) > xor:j | bound:x(on a; message m) > c > j",
        "a msg:m c",
        "-a a -a x c j",
        last="j",
        together=False,
    ),
    _f(
        "multiple, interrupting",
        "a > xor:j | bound:x(on a; message m; timer PT1H) > c > j",
        "+1h c",
        "-a x c j",
        last="j",
    ),
    _f(
        "multiple, not interrupting",
        "a | bound:x(on a; message m; timer PT1H; alone) > c > x_end",
        "+1h msg:m c c a",
        "a x c x c x_end x_end",
        together=False,
    ),
    _f(
        "parallel multiple, interrupting",
        "a > xor:j | bound:x(on a; message m; timer PT1H; parallel) > c > j",
        "+1h msg:m c",
        "-a x c j",
        last="j",
    ),
)

END_EVENTS = (
    _f("none", "sub:a { a_start > b > a_end }", "b", "a a_start b a_end"),
    _f(
        "several ends",
        "sub:a { a_start > and:g > b > b_end | g > c > c_end }",
        "c b",
        "a a_start g b c c_end b_end",
        together=False,
    ),
    _f("message", "sub:a { a_start > b > end:a_end(message m) }", "b", "a a_start b a_end"),
    _f(
        "signal",
        "sub:a { a_start > and:g > b > end:a_end(signal s) | g > catch:c(signal s) > d > d_end }",
        "b d",
        "a a_start g b c a_end d d_end",
        together=False,
    ),
    _f(
        "terminate",
        "sub:a { a_start > and:g > b > end:a_end(terminate) | g > c > d_end }",
        "b",
        "a a_start g b -c a_end",
        together=False,
    ),
    _f(
        "error",
        "sub:a { a_start > and:g > b > end:a_end(error e) | g > c > d_end } > xor:j"
        " | bound:x(on a; error e) > j",
        "b",
        "-a a_start g b -c a_end x j",
        last="j",
        together=False,
    ),
    _f(
        "escalation that nobody catches",
        "sub:a { a_start > b > end:a_end(escalation e) }",
        "b",
        "a a_start b a_end",
    ),
    _f(
        "compensation",
        "sub:a { a_start > b > end:a_end(compensate) | bound:r(on b; compensate) ~ u(handler) }",
        "b u",
        "a a_start b a_end u",
    ),
    _f(
        "cancel",
        "tx:a { a_start > b > end:a_end(cancel) } > xor:j | bound:x(on a; cancel) > j",
        "b",
        "-a a_start b -a_end x j",
        last="j",
    ),
    _f("multiple", "sub:a { a_start > b > end:a_end(message m; signal s) }", "b", "a a_start b a_end"),
)


def _handled(trigger: str, then: str = "") -> str:
    """A sub-process with an event sub-process; `trigger` is the start event's, `then` what b leads to."""
    return (
        "sub:a { a_start > b > "
        + (then or "a_end")
        + " | event:h { start:h_start("
        + trigger
        + ") > c > h_end } }"
    )


EVENT_SUB_PROCESSES = (
    _f("message, interrupting", _handled("message m"), "msg:m c", "a a_start -b h h_start c h_end"),
    _f(
        "message, not interrupting",
        _handled("message m; alone"),
        "msg:m msg:m b c c",
        "a a_start b h h_start c h h_start c a_end h_end h_end",
        together=False,
    ),
    _f("message, that does not come", _handled("message m"), "b", "a a_start b a_end"),
    _f("timer, interrupting", _handled("timer PT1H"), "+1h c", "a a_start -b h h_start c h_end"),
    _f(
        "timer, not interrupting",
        _handled("timer PT1H; alone"),
        "+1h +1h b c",
        "a a_start b h h_start c a_end h_end",
        together=False,
    ),
    _f(
        "timer, cycle",
        _handled("timer R2/PT1H; alone"),
        "+1h +1h +1h b c c",
        "a a_start b h h_start c h h_start c a_end h_end h_end",
        together=False,
    ),
    _f("signal, interrupting", _handled("signal s"), "sig:s c", "a a_start -b h h_start c h_end"),
    _f(
        "signal, not interrupting",
        _handled("signal s; alone"),
        "sig:s c b",
        "a a_start b h h_start c h_end a_end",
        together=False,
    ),
    _f(
        "condition, interrupting",
        "script:z(set hot = false) > " + _handled("conditional hot"),
        "set(hot=true) c",
        "z a a_start -b h h_start c h_end",
        first="z",
        last="a",
        together=False,
    ),
    _f(
        "condition, not interrupting",
        "script:z(set hot = false) > " + _handled("conditional hot; alone"),
        "set(hot=true) c b",
        "z a a_start b h h_start c h_end a_end",
        first="z",
        last="a",
        together=False,
    ),
    _f("error", _handled("error e", "end:a_end(error e)"), "b c", "a a_start b a_end h h_start c h_end"),
    _f("any error", _handled("error", "end:a_end(error e)"), "b c", "a a_start b a_end h h_start c h_end"),
    _f(
        "escalation, interrupting",
        _handled("escalation e", "throw:t(escalation e) > d > a_end"),
        "b c",
        "a a_start b t h h_start c h_end",
    ),
    _f(
        "escalation, not interrupting",
        _handled("escalation e; alone", "throw:t(escalation e) > d > a_end"),
        "b c d",
        "a a_start b t h d h_start c h_end a_end",
        together=False,
    ),
    _f(
        "compensation",
        "sub:a { a_start > b > a_end | event:h { start:h_start(compensate) > c > h_end } }"
        " > throw:t(compensate a)",
        "b c",
        "a a_start b a_end t a h h_start c h_end",
        last="t",
        together=False,
    ),
    _f(
        "multiple, interrupting", _handled("message m; signal s"), "sig:s c", "a a_start -b h h_start c h_end"
    ),
    _f(
        "multiple, not interrupting",
        _handled("message m; signal s; alone"),
        "sig:s msg:m b c c",
        "a a_start b h h_start c h h_start c a_end h_end h_end",
        together=False,
    ),
    _f(
        "parallel multiple",
        _handled("message m; signal s; parallel"),
        "sig:s msg:m c",
        "a a_start -b h h_start c h_end",
        together=False,
    ),
)

DATA = (
    _f(
        "data object, written and read",
        "sub:q { q_start > script:a(set v = 1; writes d from v) > script:e(reads d as n; set w = n) > q_end"
        " | object:d }",
        "",
        "q q_start a e q_end",
        first="q",
    ),
    _f(
        "data object of a sub-process, begun anew each time",
        "sub:q { q_start > xor:g >[d = null] b > script:a(set v = 1; writes d from v) > q_end | g >! c > c_end"
        " | object:d }",
        "b",
        "q q_start g b a q_end",
        first="q",
    ),
    _f(
        "references to a data object, with data states",
        "sub:q { q_start > script:a(set v = 1; writes r from v) > script:e(reads s as n; set w = n) > q_end"
        " | object:d | ref:r(of d; state draft) | ref:s(of d; state ready) }",
        "",
        "q q_start a e q_end",
        first="q",
    ),
    _f(
        "data store, written and read",
        "sub:q { q_start > task:a(makes 1 to s) > script:e(reads s as n; set w = n) > q_end | store:s }",
        "",
        "q q_start a e q_end",
        first="q",
    ),
    _f("data input by assignment", "a(gets 1 as n)", "a", "a"),
    _f(
        "data output by transformation",
        "sub:q { q_start > task:a(makes 1 + 1 to d) > xor:g >[d = 2] q_end | g >! b > b_end | object:d }",
        "",
        "q q_start a g q_end",
        first="q",
    ),
    _f(
        "data output by assignment to a part",
        "sub:q { q_start > task:a(puts 1 to d.e.f) > xor:g >[d.e.f = 1] q_end | g >! b > b_end | object:d }",
        "",
        "q q_start a g q_end",
        first="q",
    ),
    _f(
        "data of a caught message",
        "sub:q { q_start > catch:a(message m; writes d from all) > xor:g >[d.x = 1] q_end | g >! b > b_end"
        " | object:d }",
        "msg:m(x=1)",
        "q q_start a g q_end",
        first="q",
    ),
    _f(
        "data of a thrown signal",
        "sub:q { q_start > task:z(makes 1 to d) > throw:a(signal s; reads d as sent) > q_end | object:d }",
        "",
        "q q_start z a q_end",
        first="q",
    ),
    _f(
        "data handed to a called process, and back",
        "sub:q { q_start > task:z(makes 1 to d) > call:a(calls inner; reads d as given; writes e from result)"
        " > xor:g >[e = 2] q_end | g >! b > b_end | object:d | object:e }",
        "",
        "q q_start z a i_start i i_end g q_end",
        first="q",
        inner="i_start > script:i(set result = given + 1) > i_end",
    ),
    _f("property of an activity", "a(xml <property id='own' name='note'/>)", "a(note=1)", "a"),
)

GROUPS = {
    "Activities": ACTIVITIES,
    "Gateways": GATEWAYS,
    "Intermediate events": INTERMEDIATE_EVENTS,
    "Boundary events": BOUNDARY_EVENTS,
    "End events": END_EVENTS,
    "Event sub-processes": EVENT_SUB_PROCESSES,
    "Data": DATA,
}
