"""Ad-hoc sub-processes: one row for each thing that may go wrong with them. `do:` starts, `fin:` ends one."""

from __future__ import annotations

from rows import row

ORDERING = (
    row(
        "in parallel, in any order and any number",
        "start > adhoc:p { a | b } > end",
        "do:b do:a do:b b#2 a b fin:p",
        "start p b a b end",
    ),
    row("nothing has to be started", "start > adhoc:p { a | b } > end", "fin:p", "start p end"),
    row("nothing starts by itself", "start > adhoc:p { a | b } > end", "", "start p?"),
    row("a flow leads on by itself", "start > adhoc:p { a > b } > end", "do:a a", "start p? a b?"),
    row(
        "a flow leads on by itself, each time",
        "start > adhoc:p { a > b } > end",
        "do:a do:a a a b b fin:p",
        "start p a a b b end",
    ),
    row(
        "in sequence, what a flow leads to waits to be chosen",
        "start > adhoc:p(sequential) { a > b | c } > end",
        "do:a a",
        "start p? a",
    ),
    row(
        "in sequence, an automatic activity is chosen too",
        "start > adhoc:p(sequential) { a > script:b(set x = 1) | c } > end",
        "do:a a do:c c do:b fin:p",
        "start p a c b end",
    ),
    row(
        "in sequence, two tokens wait at one activity",
        "start > adhoc:p(sequential) { a > b } > end",
        "do:a a do:a a do:b b do:b b fin:p",
        "start p a a b b end",
    ),
    row(
        "in sequence, what waits at the end is dropped",
        "start > adhoc:p(sequential) { a > b } > end",
        "do:a a fin:p",
        "start p a end",
    ),
    row(
        "in sequence, an event does not stand in the way",
        "start > adhoc:p(sequential) { a > catch:w(timer PT1H) > b | c } > end",
        "do:a a do:c +1h c do:b b fin:p",
        "start p a w c b end",
    ),
    row(
        "a gateway inside decides",
        "start > adhoc:p { a > xor:g >[n > 1] b | g >! c } > end",
        "do:a a(n=2) do:a a(n=1) b c fin:p",
        "start p a g b a g c end",
    ),
    row(
        "a sub-process, a call and instances inside",
        "start > adhoc:p { sub:s { s_start > a > s_end } | call:k(calls child) | b(par 2) } > end",
        "do:s a do:k c do:b b b fin:p",
        "start p s s_start a s_end k k_start c k_end b b b end",
        child="k_start > c > k_end",
    ),
    row(
        "an ad-hoc sub-process inside",
        "start > adhoc:p { adhoc:q(sequential) { a | b } | c } > end",
        "do:q do:c do:a a c do:b b fin:q fin:p",
        "start p q c a b end",
    ),
    row(
        "a link inside",
        "start > adhoc:p { a > throw:t(link l) | catch:u(link l) > b } > end",
        "do:a a b fin:p",
        "start p a t u b end",
    ),
    row(
        "an inclusive join waits for what is under way",
        "start > adhoc:p { a > or:j > c | b > j } > end",
        "do:a do:b b a c fin:p",
        "start p a b j c end",
    ),
    row(
        "a timer that no flow leads to comes once",
        "start > adhoc:p { a | catch:w(timer PT1H) > b } > end",
        "+1h +1h b fin:p",
        "start p w b end",
    ),
    row(
        "a condition that no flow leads to comes once",
        "start > adhoc:p { a | catch:w(conditional hot = true) > b } > end",
        "set(hot=true) set(hot=false) set(hot=true) b fin:p",
        "start p w b end",
    ),
    row(
        "what a person says in starting is written",
        "start > adhoc:p { a > xor:g >[n = 7] b | g >! c } > end",
        "do:a(n=7) a b fin:p",
        "start p a g b end",
    ),
)

COMPLETION = (
    row(
        "the condition ends it, and withdraws the rest",
        "start > adhoc:p(over n >= 2) { a | b } > end",
        "do:a do:b do:a a(n=1) a(n=2)",
        "start p a -b a end",
    ),
    row(
        "the condition is looked at when an activity ends, not before",
        "start > adhoc:p(over n >= 2) { a } > end",
        "set(n=2) do:a",
        "start p? a?",
        data={"n": 0},
    ),
    row(
        "a condition that holds can be confirmed",
        "start > adhoc:p(over n >= 2) { a } > end",
        "set(n=2) fin:p",
        "start p end",
        data={"n": 0},
    ),
    row(
        "an automatic activity ends it",
        "start > adhoc:p(over n >= 2) { script:a(set n = n + 1) } > end",
        "do:a do:a",
        "start p a a end",
        data={"n": 0},
    ),
    row(
        "what runs is done first, and leads to nothing more",
        "start > adhoc:p(over n = 1; keeps) { a | sub:s { s_start > b > c > s_end } > d } > end",
        "do:s do:a a(n=1) b c",
        "start p s s_start b a c s_end end",
    ),
    row(
        "a person ends it, and what runs is done first",
        "start > adhoc:p(keeps) { a | b } > end",
        "do:a do:b fin:p b a",
        "start p a b end",
    ),
    row(
        "a person ends it, and what runs is withdrawn",
        "start > adhoc:p { a | b } > end",
        "do:a do:b fin:p",
        "start p -a -b end",
    ),
    row(
        "the diagram begins it, and it ends by itself",
        'start > adhoc:p(begins ["a"]) { a > c | b } > end',
        "do:b a c b",
        "start p a b c end",
    ),
    row(
        "the diagram begins it, and a condition ends it",
        "start > adhoc:p(begins first; over n = 1) { a | b } > end",
        "a(n=0) do:b b(n=1)",
        "start p a b end",
        data={"first": ["a"]},
    ),
    row("the diagram begins nothing", "start > adhoc:p(begins []) { a } > end", "", "start p end"),
    row(
        "the diagram begins what is not there: an incident",
        'start > adhoc:p(begins ["x"]) { a } > end',
        "",
        "start …",
    ),
    row(
        "the diagram begins an activity twice: an incident",
        'start > adhoc:p(begins ["a", "a"]) { a } > end',
        "",
        "start …",
    ),
    row(
        "a condition that is none is an incident, until it is one",
        "start > adhoc:p(over n) { a } > b > end",
        "do:a a(n=7) do:a a(n=true) retry b",
        "start p a a b end",
    ),
    row(
        "output parameters",
        "start > adhoc:p(from m = n; to r = m + 1) { a } > xor:g >[r = 3] b > end | g >! c > c_end",
        "do:a a fin:p b",
        "start p a g b end",
        data={"n": 2},
    ),
)

HOSTS = (
    row(
        "as instances at once",
        "start > adhoc:p(par 2) { a } > end",
        "do:a do:a a fin:p a fin:p",
        "start p p p a a end",
    ),
    row(
        "as instances in turn",
        "start > adhoc:p(seq x in xs; over done = true) { a } > end",
        "do:a a(done=false) do:a a(done=true) do:a a(done=true)",
        "start p p a a p a end",
        data={"xs": [1, 2]},
    ),
    row(
        "as a loop",
        "start > adhoc:p(max 2) { a } > end",
        "do:a a fin:p do:a a fin:p",
        "start p p a p a end",
    ),
    row(
        "an event sub-process inside interrupts all",
        "start > adhoc:p { a | event:h { start:h_start(message m) > b > h_end } } > c > end",
        "do:a msg:m b c",
        "start p -a h h_start b h_end c end",
    ),
    row(
        "an event sub-process inside goes on beside",
        "start > adhoc:p { a | event:h { start:h_start(message m; alone) > b > h_end } } > end",
        "do:a msg:m b a do:a a fin:p",
        "start p a h h_start b h_end a end",
    ),
    row(
        "an event sub-process beside is done first where the rest is",
        "start > adhoc:p(keeps) { a | event:h { start:h_start(message m; alone) > b > h_end } } > end",
        "msg:m fin:p b",
        "start p h h_start b h_end end",
    ),
    row(
        "in an event sub-process",
        "start > w > end | event:v { start:v_start(message m) > adhoc:p { a } > v_end }",
        "msg:m do:a a fin:p",
        "start -w v v_start p a v_end",
    ),
    row(
        "what was done in it is put right, the last one first",
        "start > adhoc:p { a | b | bound:x(on a; compensate) ~ c(handler) | bound:y(on b; compensate) ~ d(handler) }"
        " > throw:t(compensate) > end",
        "do:b do:a b a do:a a fin:p c c d",
        "start p b a a t p c c d end",
    ),
    row(
        "compensation is thrown inside",
        "start > adhoc:p(sequential) { a > throw:t(compensate) > e | b"
        " | bound:x(on b; compensate) ~ c(handler) } > end",
        "do:b b do:a a c do:e e fin:p",
        "start p b a t c e end",
    ),
    row(
        "as a compensation handler",
        "start > a > throw:t(compensate) > end | bound:x(on a; compensate) ~ adhoc:h(handler) { b }",
        "a do:b b fin:h",
        "start a t h b end",
    ),
    row(
        "an escalation leaves it",
        "start > adhoc:p { a > throw:t(escalation e) > b } > end | bound:x(on p; escalation e; alone) > c > x_end",
        "do:a a c b fin:p",
        "start p a t x b c x_end end",
    ),
    row(
        "two tokens in a row",
        "start > and:f > u > xor:x > adhoc:p { a } > end | f > v > x",
        "u do:a a fin:p v do:a a fin:p",
        "start f u v x p a end x p a end",
    ),
    row(
        "a transaction inside is cancelled",
        "start > adhoc:p { tx:q { q_start > a > end:q_end(cancel) | bound:r(on a; compensate) ~ c(handler) }"
        " | bound:z(on q; cancel) > b } > end",
        "do:q a c b fin:p",
        "start p -q q_start a -q_end c z b end",
    ),
)
