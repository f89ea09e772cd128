"""Events and event sub-processes: one row for each thing that may go wrong with them."""

from __future__ import annotations

from rows import row

MESSAGES = (
    row(
        "a message starts the case",
        "start:order(message order) > a > end",
        "a",
        "order a end",
        begin="post:order",
    ),
    row(
        "a message chooses among several starts",
        "start:one(message one) > a > end | start:two(message two) > b > b_end",
        "b",
        "two b b_end",
        begin="post:two",
    ),
    row(
        "the data of a message",
        "start:order(message order) > xor:g >[n = 3] a > end | g >! b > b_end",
        "a",
        "order g a end",
        begin="post:order(n=3)",
    ),
    row(
        "a message that comes early is kept",
        "start > a > catch:c(message m) > end",
        "msg:m a",
        "start a c end",
    ),
    row(
        "one message goes to one of two that wait",
        "start > and:f > catch:c(message m) > end | f > catch:d(message m) > d_end",
        "msg:m",
        "start f c d? end",
    ),
    row(
        "two messages for two that wait",
        "start > and:f > catch:c(message m) > end | f > catch:d(message m) > d_end",
        "msg:m msg:m",
        "start f c d end d_end",
    ),
    row(
        "two early messages for a loop",
        "start > a > xor:m > catch:c(message m) > script:s(set n = n + 1) > xor:g >[n < 2] m | g >! end",
        "msg:m msg:m a",
        "start a m c s g m c s g end",
        data={"n": 0},
    ),
    row(
        "a message to the border of a sub-process while its content waits",
        "start > sub:p { p_start > sub:q { q_start > a > q_end } > p_end } > end"
        " | bound:x(on p; message m) > c > x_end",
        "msg:m c",
        "start -p p_start -q q_start -a x c x_end",
    ),
    row(
        "a message of the inside goes inside",
        "start > sub:p { p_start > catch:a(message n) > p_end } > end | bound:x(on p; message m) > c > x_end",
        "msg:n",
        "start p p_start a p_end end",
    ),
    row(
        "a receive task in parallel with its boundary timer",
        "start > receive:a(waits m) > end | bound:x(on a; timer PT1H; alone) > b > x_end",
        "+1h msg:m b",
        "start a x b end x_end",
    ),
    row(
        "a message event sub-process after its scope has ended hears nothing",
        "start > sub:p { p_start > a > p_end | event:h { start:h_start(message m) > b > h_end } } > c > end",
        "a msg:m c",
        "start p p_start a p_end c end",
    ),
    row(
        "an interrupting event sub-process fires once",
        "start > a > end | event:h { start:h_start(message m) > b > h_end }",
        "msg:m msg:m b",
        "start -a h h_start b h_end",
    ),
    row(
        "a message thrown with a topic waits for its service",
        "start > throw:t(xml <messageEventDefinition camunda:type='external' camunda:topic='mail'/>) > end",
        "job:mail",
        "start t end",
    ),
    row(
        "a message name by expression",
        "start > catch:c(message paid-${n}) > end",
        "msg:paid-7",
        "start c end",
        data={"n": 7},
    ),
    row(
        "a boundary event that interrupts, as XML may also say it",
        "start > a > end | bound:x(on a; message m; attr cancelActivity=1) > c > x_end",
        "msg:m c",
        "start -a x c x_end",
    ),
    row(
        "a boundary event that does not, as XML may also say it",
        "start > a > end | bound:x(on a; message m; attr cancelActivity=0) > c > x_end",
        "msg:m c a",
        "start a x c x_end end",
    ),
    row(
        "several triggers, of which an error tells its code",
        "start > service:a > end | bound:x(on a; message m;"
        " xml <errorEventDefinition camunda:errorCodeVariable='code'/>)"
        ' > xor:g >[code = "e"] b > b_end | g >! c_end',
        "err:a/e b",
        "start -a x g b b_end",
    ),
    row(
        "a plain start beside one that a message triggers",
        "start > a > end | start:m_start(message m) > b > m_end",
        "a",
        "start a end",
    ),
    row(
        "a message start beside a plain one",
        "start > a > end | start:m_start(message m) > b > m_end",
        "b",
        "m_start b m_end",
        begin="post:m",
    ),
)

SIGNALS = (
    row("a signal starts the case", "start:s(signal alarm) > a > end", "a", "s a end", begin="sig:alarm"),
    row(
        "a signal reaches all that wait",
        "start > and:f > catch:c(signal s) > end | f > catch:d(signal s) > d_end"
        " | f > e > e_end | bound:x(on e; signal s) > x_end",
        "sig:s",
        "start f c d -e end d_end x x_end",
    ),
    row(
        "a signal that nobody waits for is gone",
        "start > a > catch:c(signal s) > end",
        "sig:s a",
        "start a c?",
    ),
    row(
        "a signal thrown inside is heard in the same case",
        "start > and:f > catch:c(signal s) > c_end | f > a > throw:t(signal s) > end",
        "a",
        "start f c a t end c_end",
    ),
    row(
        "a thrown signal does not reach what waits later",
        "start > throw:t(signal s) > catch:c(signal s) > end",
        "",
        "start t c?",
    ),
    row(
        "a signal ends the sub-process that throws it",
        "start > sub:p { p_start > a > throw:t(signal s) > b > p_end } > end"
        " | bound:x(on p; signal s) > c > x_end",
        "a c",
        "start -p p_start a t x c x_end",
    ),
    row(
        "a signal into a called process",
        "start > and:f > call:k(calls child) > k2_end | f > a > throw:t(signal s) > end",
        "a",
        "start f k a k_start c t end k_end k2_end",
        child="k_start > catch:c(signal s) > k_end",
    ),
    row(
        "a signal to every instance",
        "start > sub:p(par 2) { p_start > catch:c(signal s) > p_end } > end",
        "sig:s",
        "start p p p p_start p_start c c p_end p_end end",
    ),
)

TIMERS = (
    row("a timer before it is due", "start > catch:c(timer PT2H) > end", "+1h", "start c?"),
    row(
        "two boundary timers, the first one does not interrupt",
        "start > a > end | bound:x(on a; timer PT1H; alone) > x_end | bound:y(on a; timer PT2H) > y_end",
        "+1h +1h",
        "start -a x x_end y y_end",
    ),
    row(
        "both are due at once",
        "start > a > end | bound:x(on a; timer PT1H; alone) > x_end | bound:y(on a; timer PT2H) > y_end",
        "+3h",
        "start -a x x_end y y_end",
    ),
    row(
        "a boundary timer is gone with its host",
        "start > a > b > end | bound:x(on a; timer PT1H) > c > x_end",
        "a +2h b",
        "start a b end",
    ),
    row(
        "a cycle with a bound",
        "start > a > end | bound:x(on a; timer R2/PT1H; alone) > x_end",
        "+1h +1h +1h a",
        "start a x x_end x x_end end",
    ),
    row(
        "a cycle without a bound",
        "start > a > end | bound:x(on a; timer R/PT1H; alone) > x_end",
        "+1h +1h +1h a",
        "start a x x_end x x_end x x_end end",
    ),
    row(
        "a date that is past is due at once",
        "start > catch:c(timer 2020-01-01T00:00:00Z) > end",
        "+0m",
        "start c end",
    ),
    row(
        "a timer computed in FEEL",
        'start > catch:c(timer =duration("PT" + string(n) + "H")) > end',
        "+2h +1h",
        "start c end",
        data={"n": 3},
    ),
    row(
        "a boundary timer on a sub-process",
        "start > sub:p { p_start > a > p_end } > end | bound:x(on p; timer PT1H) > c > x_end",
        "+1h c",
        "start -p p_start -a x c x_end",
    ),
    row(
        "a boundary timer on a call",
        "start > call:k(calls child) > end | bound:x(on k; timer PT1H) > c > x_end",
        "+1h c",
        "start -k k_start -a x c x_end",
        child="k_start > a > k_end",
    ),
    row(
        "a boundary timer on a multi-instance activity is one for all",
        "start > a(par 2) > end | bound:x(on a; timer PT1H; alone) > c > x_end",
        "+1h a a c",
        "start a a a x c end x_end",
    ),
    row(
        "a timer event sub-process of the process",
        "start > a > end | event:h { start:h_start(timer PT1H; alone) > b > h_end }",
        "+1h a b",
        "start a h h_start b end h_end",
    ),
    row(
        "a timer in a loop begins anew",
        "start > xor:m > catch:c(timer PT1H) > a > xor:g >[again] m | g >! end",
        "+1h a(again=true) +1h a(again=false)",
        "start m c a g m c a g end",
    ),
    row(
        "a cycle from a date on",
        "start > a > end | bound:x(on a; timer R2/2100-01-01T00:00:00Z/PT1H; alone) > x_end",
        "+1h a",
        "start a end",
    ),
)

CONDITIONS = (
    row(
        "a condition that a task makes true",
        "start > and:f > catch:c(conditional x > 1) > end | f > a > a_end",
        "a(x=2)",
        "start f c a a_end end",
        data={"x": 0},
    ),
    row(
        "a boundary condition",
        "start > a > end | bound:x(on a; conditional v > 1) > c > x_end",
        "set(v=2) c",
        "start -a x c x_end",
        data={"v": 0},
    ),
    row(
        "a boundary condition that is true from the beginning",
        "start > a > end | bound:x(on a; conditional v > 1) > c > x_end",
        "c",
        "start -a x c x_end",
        data={"v": 2},
    ),
    row(
        "a condition that stays true fires once",
        "start > a > end | bound:x(on a; conditional v > 1; alone) > x_end",
        "set(v=2) set(v=3) a",
        "start a x x_end end",
        data={"v": 0},
    ),
    row(
        "a condition that another branch's script makes true",
        "start > and:f > a > script:s(set v = 2) > end | f > catch:c(conditional v > 1) > c_end",
        "a",
        "start f a c s end c_end",
        data={"v": 0},
    ),
    row(
        "an event sub-process by condition",
        "start > a > end | event:h { start:h_start(conditional v > 1) > b > h_end }",
        "set(v=2) b",
        "start -a h h_start b h_end",
        data={"v": 0},
    ),
)

HANDLERS = (
    row(
        "an interrupting one ends all else in its scope",
        "start > sub:p { p_start > and:f > a > p_end | f > sub:q { q_start > b > q_end } > p_end"
        " | event:h { start:h_start(message m) > c > h_end } } > d > end",
        "msg:m c d",
        "start p p_start f -a -q q_start -b h h_start c h_end d end",
    ),
    row(
        "the scope stays open while its handler works",
        "start > sub:p { p_start > a > p_end"
        " | event:h { start:h_start(message m; alone) > b > h_end } } > c > end",
        "msg:m a b c",
        "start p p_start a h h_start b p_end h_end c end",
    ),
    row(
        "two of them, one interrupts the other",
        "start > a > end | event:h { start:h_start(message m; alone) > b > h_end }"
        " | event:i { start:i_start(message n) > c > i_end }",
        "msg:m msg:n c",
        "start -a -h h_start -b i i_start c i_end",
    ),
    row(
        "a handler that interrupts is not interrupted by itself",
        "start > a > end | event:h { start:h_start(signal s) > b > h_end }",
        "sig:s sig:s b",
        "start -a h h_start b h_end",
    ),
    row(
        "one within another",
        "start > a > end | event:h { start:h_start(message m) > b > h_end"
        " | event:i { start:i_start(message n) > c > i_end } }",
        "msg:m msg:n c",
        "start -a h h_start -b i i_start c i_end",
    ),
    row(
        "in every instance",
        "start > sub:p(par 2) { p_start > a > p_end"
        " | event:h { start:h_start(message m) > b > h_end } } > end",
        "msg:m a b",
        "start p p p p_start p_start -a a h h_start b p_end h_end end",
    ),
    row(
        "a boundary event of the scope goes before its handlers' work",
        "start > sub:p { p_start > a > p_end"
        " | event:h { start:h_start(message m; alone) > b > h_end } } > end"
        " | bound:x(on p; message n) > c > x_end",
        "msg:m msg:n c",
        "start -p p_start -a -h h_start -b x c x_end",
    ),
    row(
        "at a process that is about to end",
        "start > a > end | event:h { start:h_start(signal s; alone) > b > h_end }",
        "sig:s a b",
        "start a h h_start b end h_end",
    ),
    row(
        "a signal thrown in the handler's own scope",
        "start > a > throw:t(signal s) > c > end | event:h { start:h_start(signal s; alone) > b > h_end }",
        "a b c",
        "start a t h c h_start b h_end end",
    ),
)
