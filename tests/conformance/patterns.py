"""The workflow control-flow patterns that BPMN can express (Russell, ter Hofstede, van der Aalst, Mulyar, 2006).

BPMN has no element of its own for three of them, which are drawn with others: 18 by an event that is heard only
while a step is open, 36 by a sub-process that tells when enough of it is done, 39 by an ad-hoc sub-process in turn.
"""

from __future__ import annotations

from rows import row

_FORK = "start > and:g > a > {0} | g > b > {0} | g > c > {0}"

PATTERNS = (
    row("1 sequence", "start > a > b > end", "a b", "start a b end"),
    row("2 parallel split", "start > and:g > a > a_end | g > b > b_end", "b a", "start g a b b_end a_end"),
    row("3 synchronization", "start > and:g > a > and:j > end | g > b > j", "b a", "start g a b j end"),
    row(
        "4 exclusive choice",
        "start > a > xor:g >[x > 1] b > b_end | g >! c > c_end",
        "a(x=2) b",
        "start a g b b_end",
    ),
    row(
        "5 simple merge",
        "start > a > xor:g >[x > 1] b > xor:j > d > end | g >! c > j",
        "a(x=1) c d",
        "start a g c j d end",
    ),
    row(
        "6 multi-choice",
        "start > a > or:g >[x > 1] b > b_end | g >[x > 2] c > c_end | g >[x > 3] d > d_end",
        "a(x=3) c b",
        "start a g b c c_end b_end",
    ),
    row(
        "7 structured synchronizing merge",
        "start > a > or:g >[x > 1] b > or:j > e > end | g >[x > 2] c > j | g >[x > 3] d > j",
        "a(x=3) c b e",
        "start a g b c j e end",
    ),
    row(
        "8 multi-merge",
        "start > and:g > a > xor:j > c > end | g > b > j",
        "a c b c",
        "start g a b j c end j c end",
    ),
    row(
        "9 structured discriminator",
        _FORK.format("j").replace("> j |", "> complex:j(when activationCount >= 1) > d > end |", 1),
        "b d a c",
        "start g a b c j d end j",
    ),
    row(
        "10 arbitrary cycles",
        "start > xor:m > a > xor:n > b > xor:g >[x = 1] m | g >[x = 2] n | g >! end",
        "a b(x=2) b(x=1) a b(x=3)",
        "start m a n b g n b g m a n b g end",
    ),
    row("11 implicit termination", "start > and:g > a | g > b", "b a", "start g a b"),
    row(
        "12 multiple instances without synchronization",
        "start > xor:again > and:g > a > a_end"
        " | g > script:count(set n = n + 1) > xor:more >[n < 3] again | more >! end",
        "a a a",
        "start again g a count more again g a count more again g a count more end a_end a_end a_end",
        data={"n": 0},
    ),
    row(
        "12 multiple instances without synchronization, by the behaviour None",
        "start > a(par 2; behavior None) > a_end | bound:x(on a; signal s; alone) > b > x_end",
        "a b a b",
        "start a a a x b x_end x b a_end x_end",
    ),
    row(
        "13 multiple instances with a priori design-time knowledge",
        "start > a(par 3) > b > end",
        "a a a b",
        "start a a a a b end",
    ),
    row(
        "14 multiple instances with a priori run-time knowledge",
        "start > a(par n) > b > end",
        "a a b",
        "start a a a b end",
        data={"n": 2},
    ),
    row(
        "15 multiple instances without a priori run-time knowledge",
        "start > sub:p { p_start > a > p_end"
        " | event:more { start:more_start(message more; alone) > c > more_end } } > d > end",
        "msg:more a msg:more c c d",
        "start p p_start a more more_start c p_end more more_start c more_end more_end d end",
    ),
    row(
        "16 deferred choice",
        "start > race:g > catch:a(message m) > a_end | g > catch:b(timer PT1H) > b_end",
        "+1h",
        "start g b b_end",
    ),
    row(
        "17 interleaved parallel routing",
        "start > adhoc:p(sequential) { a > b | c } > end",
        "do:a a do:c c do:b b fin:p",
        "start p a c b end",
    ),
    row(
        "18 milestone, as an event that is heard only while a step is open",
        "start > a > b > c > end | bound:x(on b; signal s; alone) > d > d_end",
        "sig:s a sig:s b sig:s c d",
        "start a b x d c end d_end",
    ),
    row("19 cancel task", "start > a > end | bound:x(on a; message m) > x_end", "msg:m", "start -a x x_end"),
    row(
        "20 cancel case",
        "start > and:g > sub:p { p_start > a > p_end } > end | g > b > end:stop(terminate)",
        "b",
        "start g -p b p_start -a stop",
    ),
    row(
        "21 structured loop, while",
        "start > xor:m > xor:g >[n < 2] a > script:s(set n = n + 1) > m | g >! end",
        "a a",
        "start m g a s m g a s m g end",
        data={"n": 0},
    ),
    row("21 structured loop, repeat", "start > a(loop x < 2) > end", "a(x=1) a(x=2)", "start a a a end"),
    row(
        "22 recursion",
        "start > a > xor:g >[n > 0] call:c(calls case; in n = n - 1) > xor:j > end | g >! j",
        "a a a",
        "start a g c start a g c start a g j end j end j end",
        data={"n": 2},
    ),
    row("23 transient trigger", "start > a > catch:b(signal s) > end", "sig:s a sig:s", "start a b end"),
    row("24 persistent trigger", "start > a > catch:b(message m) > end", "msg:m a", "start a b end"),
    row(
        "25 cancel region",
        "start > sub:p { p_start > and:g > a > p_end | g > b > p_end } > end"
        " | bound:x(on p; message m) > c > x_end",
        "a msg:m c",
        "start -p p_start g a -b p_end x c x_end",
    ),
    row(
        "26 cancel multiple instance task",
        "start > a(par 3) > end | bound:x(on a; timer PT1H) > x_end",
        "a +1h",
        "start -a a -a -a x x_end",
    ),
    row(
        "27 complete multiple instance task",
        "start > a(par 3; until done) > b > end",
        "a(done=true) b",
        "start a a -a -a b end",
        data={"done": False},
    ),
    row(
        "28 blocking discriminator",
        "start > xor:m > and:g > a > complex:j(when activationCount >= 1) > xor:n >[n = 1] m"
        " | g > b > j | n >! end",
        "a(n=1) b b(n=2) a",
        "start m g a b j n m g a b j j n end j",
    ),
    row(
        "29 cancelling discriminator",
        "start > sub:p { p_start > and:g > a > end:p_end(terminate) | g > b > p_end } > c > end",
        "b c",
        "start p p_start g -a b p_end c end",
    ),
    row(
        "30 structured partial join",
        _FORK.format("j").replace("> j |", "> complex:j(when activationCount >= 2) > d > end |", 1),
        "b a d c",
        "start g a b c j d end j",
    ),
    row(
        "31 blocking partial join",
        "start > xor:m > and:g > a > complex:j(when activationCount >= 2) > xor:n >[n = 1] m"
        " | g > b > j | g > c > j | n >! end",
        "a b(n=1) a#1 b#1 c(n=2) c",
        "start m g a b c j n m g a b c j j n end j",
    ),
    row(
        "32 cancelling partial join",
        "start > sub:p { p_start > and:g > a > complex:j(when activationCount >= 2)"
        " > end:p_end(terminate) | g > b > j | g > c > j } > d > end",
        "c a d",
        "start p p_start g a -b c j p_end d end",
    ),
    row(
        "33 generalised AND-join",
        "start > and:g > a > and:j > d > end | g > xor:m > b > and:h > j | h > c > m",
        "a b c b d",
        "start g a m b h j c d m b h c? end",
    ),
    row(
        "34 static partial join for multiple instances, the first of them",
        "start > a(par 3; behavior One) > a_end | bound:x(on a; signal s; alone) > b > end",
        "a b a a",
        "start a a a a x b end a_end",
    ),
    row(
        "35 cancelling partial join for multiple instances",
        "start > a(par 3; until n >= 2) > b > end",
        "a(n=1) a(n=2) b",
        "start a a a -a b end",
        data={"n": 0},
    ),
    row(
        "36 dynamic partial join for multiple instances, as an escalation at the right number",
        "start > sub:p { p_start > a > script:s(set n = n + 1) > xor:g >[n = 2] throw:t(escalation E) > p_end"
        " | g >! q_end | event:more { start:more_start(message more; alone) > c > script:r(set n = n + 1)"
        " > xor:h >[n = 2] throw:u(escalation E) > more_end | h >! r_end } } > end"
        " | bound:x(on p; escalation E; alone) > d > x_end",
        "msg:more msg:more c a d c",
        "start p p_start a more more_start c more more_start c r h r_end s g t x p_end d x_end r h r_end end",
        data={"n": 0},
    ),
    row(
        "37 local synchronizing merge",
        "start > a > or:g >[x > 1] b > or:j > end | g >[x > 2] c > xor:h >[y = 1] j | h >! d > d_end",
        "a(x=3) b c(y=2) d",
        "start a g b c h d j end d_end",
    ),
    row(
        "38 general synchronizing merge",
        "start > and:g > a > or:j > end | g > xor:m > b > xor:h >[y = 1] m | h >! j",
        "a b(y=1) b(y=2)",
        "start g a m b h m b h j end",
    ),
    row(
        "39 critical section",
        "start > adhoc:p(sequential) { sub:s { a > b } | sub:t { c > d } } > end",
        "do:t c d do:s a b fin:p",
        "start p t c d s a b end",
    ),
    row(
        "40 interleaved routing",
        "start > adhoc:p(sequential) { a | b } > end",
        "do:b b do:a a fin:p",
        "start p b a end",
    ),
    row(
        "41 thread merge",
        "start > and:f > xor:m > b > c(attr startQuantity=2) > end | f > m",
        "b b c",
        "start f m m b b c end",
    ),
    row(
        "42 thread split",
        "start > a(attr completionQuantity=2) > b > end",
        "a b b",
        "start a b b end end",
    ),
    row(
        "43 explicit termination",
        "start > and:g > a > end:a_end(terminate) | g > b > b_end",
        "a",
        "start g a -b a_end",
    ),
)
