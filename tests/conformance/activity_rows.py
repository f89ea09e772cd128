"""Compensation, repeated activities and calls: one row for each thing that may go wrong with them."""

from __future__ import annotations

from rows import row

COMPENSATION = (
    row(
        "in reverse order",
        "start > a > b > throw:t(compensate) > end | bound:x(on a; compensate) ~ c(handler)"
        " | bound:y(on b; compensate) ~ d(handler)",
        "a b d c",
        "start a b t d c end",
    ),
    row(
        "only what was completed",
        "start > and:f > a > throw:t(compensate) > end | f > b > b_end"
        " | bound:x(on a; compensate) ~ c(handler) | bound:y(on b; compensate) ~ d(handler)",
        "a c b",
        "start f a b t c end b_end",
    ),
    row(
        "once per occurrence",
        "start > a > throw:t(compensate) > throw:u(compensate) > end"
        " | bound:x(on a; compensate) ~ c(handler)",
        "a c",
        "start a t c u end",
    ),
    row(
        "each round of a loop",
        "start > xor:m > a > xor:g >[n < 2] m | g >! throw:t(compensate) > end"
        " | bound:x(on a; compensate) ~ c(handler)",
        "a(n=1) a(n=2) c c",
        "start m a g m a g t c c end",
    ),
    row(
        "through a sub-process",
        "start > sub:p { p_start > a > b > p_end | bound:x(on a; compensate) ~ c(handler)"
        " | bound:y(on b; compensate) ~ d(handler) } > throw:t(compensate) > end",
        "a b d c",
        "start p p_start a b p_end t p d c end",
    ),
    row(
        "a sub-process with a handler of its own",
        "start > sub:p { p_start > a > p_end"
        " | bound:x(on a; compensate) ~ c(handler) } > throw:t(compensate) > end"
        " | bound:y(on p; compensate) ~ d(handler)",
        "a d",
        "start p p_start a p_end t d end",
    ),
    row(
        "a compensation event sub-process",
        "start > sub:p { p_start > a > p_end | bound:x(on a; compensate) ~ c(handler)"
        " | event:h { start:h_start(compensate) > b > throw:u(compensate) > h_end } }"
        " > throw:t(compensate p) > end",
        "a b c",
        "start p p_start a p_end t p h h_start b u c h_end end",
    ),
    row(
        "of instances",
        "start > a(par 2) > throw:t(compensate) > end | bound:x(on a; compensate) ~ c(handler)",
        "a a c c",
        "start a a a t a c c end",
    ),
    row(
        "of a sub-process with instances, the last one first",
        "start > sub:p(seq 2) { p_start > a > p_end | bound:x(on a; compensate) ~ c(handler) }"
        " > throw:t(compensate) > end",
        "a a c c",
        "start p p p_start a p_end p p_start a p_end t p p c p c end",
    ),
    row(
        "what automatic steps did",
        "start > task:a > throw:t(compensate) > end | bound:x(on a; compensate) ~ c(handler)",
        "c",
        "start a t c end",
    ),
    row(
        "what a service did",
        "start > service:a > throw:t(compensate) > end"
        " | bound:x(on a; compensate) ~ service:c(handler; topic c)",
        "job:a job:c",
        "start a t c end",
    ),
    row(
        "at the end of a process",
        "start > a > end:stop(compensate) | bound:x(on a; compensate) ~ c(handler)",
        "a c",
        "start a stop c",
    ),
    row(
        "a transaction is cancelled: all inside is put right",
        "start > tx:p { p_start > a > b > end:p_end(cancel)"
        " | bound:x(on a; compensate) ~ c(handler)"
        " | bound:y(on b; compensate) ~ d(handler) } > end | bound:z(on p; cancel) > e > z_end",
        "a b d c e",
        "start -p p_start a b -p_end d c z e z_end",
    ),
    row(
        "a cancelled transaction ends its other branches first",
        "start > tx:p { p_start > and:f > a > end:p_end(cancel)"
        " | f > b > b_end | bound:x(on a; compensate) ~ c(handler) } > end | bound:z(on p; cancel) > z_end",
        "a c",
        "start -p p_start f a -b -p_end c z z_end",
    ),
    row(
        "a transaction that fails is not compensated",
        "start > tx:p { p_start > a > end:p_end(error e)"
        " | bound:x(on a; compensate) ~ c(handler) } > end | bound:z(on p; error e) > b > z_end",
        "a b",
        "start -p p_start a p_end z b z_end",
    ),
    row(
        "a completed transaction is put right by a throw outside",
        "start > tx:p { p_start > a > p_end"
        " | bound:x(on a; compensate) ~ c(handler) } > throw:t(compensate p) > end",
        "a c",
        "start p p_start a p_end t p c end",
    ),
    row(
        "a handler sees the data of its activity's end",
        "start > sub:p { p_start > a > p_end"
        " | bound:x(on a; compensate) ~ script:c(handler; set seen = n) }"
        " > b > throw:t(compensate) > xor:g >[seen = 1] d > end | g >! e > e_end",
        "a(n=1) b(n=2) d",
        "start p p_start a p_end b t p c g d end",
    ),
    row("nothing to compensate", "start > a > throw:t(compensate) > end", "a", "start a t end"),
    row(
        "inside a called process",
        "start > call:k(calls child) > throw:t(compensate) > end",
        "a c",
        "start k k_start a k_end t k c end",
        child="k_start > a > k_end | bound:x(on a; compensate) ~ c(handler)",
    ),
    row(
        "thrown in an event sub-process for the scope around it",
        "start > a > b > end | bound:x(on a; compensate) ~ c(handler)"
        " | event:h { start:h_start(message m) > throw:t(compensate) > h_end }",
        "a msg:m c",
        "start a -b h h_start t c h_end",
    ),
    row(
        "a cancelled instance cancels the whole activity",
        "start > tx:p(seq 2) { p_start > a > end:p_end(cancel)"
        " | bound:r(on a; compensate) ~ c(handler) } > end"
        " | bound:x(on p; cancel) > d > x_end",
        "a c d",
        "start -p -p p_start a -p_end c x d x_end",
    ),
    row(
        "a transaction within a transaction cancels by itself",
        "start > tx:p { p_start > tx:q { q_start > a > end:q_end(cancel)"
        " | bound:r(on a; compensate) ~ c(handler) } > p2_end"
        " | bound:y(on q; cancel) > p_end } > end | bound:x(on p; cancel) > x_end",
        "a c",
        "start p p_start -q q_start a -q_end c y p_end end",
    ),
    row(
        "a handler that is a sub-process",
        "start > a > throw:t(compensate) > end"
        " | bound:x(on a; compensate) ~ sub:c(handler) { c_start > d > c_end }",
        "a d",
        "start a t c c_start d c_end end",
    ),
    row(
        "a handler that is a call",
        "start > a > throw:t(compensate) > end | bound:x(on a; compensate) ~ call:c(handler; calls child)",
        "a d",
        "start a t c k_start d k_end end",
        child="k_start > d > k_end",
    ),
    row(
        "a handler with instances",
        "start > a > throw:t(compensate) > end | bound:x(on a; compensate) ~ c(handler; par 2)",
        "a c c",
        "start a t c c c end",
    ),
    row(
        "a call with a handler of its own",
        "start > call:k(calls child) > throw:t(compensate) > end | bound:x(on k; compensate) ~ c(handler)",
        "a c",
        "start k k_start a k_end t c end",
        child="k_start > a > k_end",
    ),
    row(
        "a boundary event stops a compensation",
        "start > sub:p { p_start > a > throw:t(compensate) > p_end"
        " | bound:x(on a; compensate) ~ c(handler) } > end"
        " | bound:y(on p; message m) > y_end",
        "a msg:m",
        "start -p p_start a -t -c y y_end",
    ),
    row(
        "a cancelled transaction with a sub-process inside",
        "start > tx:p { p_start > a > sub:s { s_start > b > s_end"
        " | bound:x(on b; compensate) ~ c(handler) }"
        " > d > end:p_end(cancel) | bound:y(on a; compensate) ~ e(handler) } > end"
        " | bound:z(on p; cancel) > z_end",
        "a b d c e",
        "start -p p_start a s s_start b s_end d -p_end s c e z z_end",
    ),
)

INSTANCES = (
    row(
        "in turn over a collection",
        "start > a(seq x in xs) > end",
        "a a",
        "start a a a end",
        data={"xs": [1, 2]},
    ),
    row(
        "at once over a collection",
        "start > a(par x in xs) > end",
        "a#2 a",
        "start a a a end",
        data={"xs": [1, 2]},
    ),
    row(
        "an empty collection is passed",
        "start > a(par x in xs) > b > end",
        "b",
        "start a b end",
        data={"xs": []},
    ),
    row("none in turn is passed", "start > a(seq 0) > b > end", "b", "start a b end"),
    row(
        "each instance has its item",
        "start > sub:p(par x in xs) { p_start > xor:g >[x > 1] a > p_end | g >! b > b_end } > end",
        "a b",
        "start p p p p_start p_start g g b a p_end b_end end",
        data={"xs": [1, 2]},
    ),
    row(
        "nested",
        "start > sub:p(par 2) { p_start > a(seq 2) > p_end } > end",
        "a a a a",
        "start p p p p_start p_start a a a a a a p_end p_end end",
    ),
    row(
        "a completion condition withdraws the rest",
        "start > a(par 4; until n >= 2) > b > end",
        "a(n=1) a(n=2) b",
        "start a a a -a -a b end",
        data={"n": 0},
    ),
    row(
        "a completion condition ends those in turn",
        "start > a(seq 4; until n >= 2) > b > end",
        "a(n=1) a(n=2) b",
        "start a a a b end",
        data={"n": 0},
    ),
    row(
        "a collection that is none is an incident",
        "start > a(par x in xs) > end",
        "",
        "start …",
        data={"xs": 7},
    ),
    row("services at once", "start > service:a(par 2) > end", "job:a job:a", "start a a a end"),
    row("scripts at once", "start > script:a(par 3; set x = 1) > b > end", "b", "start a a a a b end"),
    row(
        "calls at once",
        "start > call:k(par 2; calls child) > end",
        "a a",
        "start k k k k_start k_start a a k_end k_end end",
        child="k_start > a > k_end",
    ),
    row("receive tasks at once", "start > receive:a(par 2; waits m) > end", "msg:m msg:m", "start a a a end"),
    row(
        "a message in each instance",
        "start > sub:p(seq 2) { p_start > catch:c(message m) > p_end } > end",
        "msg:m msg:m",
        "start p p p_start c p_end p p_start c p_end end",
    ),
    row(
        "two tokens through one multi-instance activity",
        "start > and:f > b > xor:x > a(par 2) > end | f > c > x",
        "b c a a a a",
        "start f b c x a a a x a a a end end",
    ),
    row(
        "a boundary event interrupts all",
        "start > a(seq 3) > end | bound:x(on a; message m) > x_end",
        "a msg:m",
        "start -a a -a x x_end",
    ),
    row(
        "a loop tested before that never runs",
        "start > a(loop n < 0; before) > b > end",
        "b",
        "start a b end",
        data={"n": 0},
    ),
    row(
        "a loop tested before",
        "start > a(loop n < 2; before) > b > end",
        "a(n=1) a(n=2) b",
        "start a a a b end",
        data={"n": 0},
    ),
    row(
        "a loop tested after runs once at least",
        "start > a(loop n < 0) > b > end",
        "a(n=1) b",
        "start a a b end",
        data={"n": 0},
    ),
    row(
        "the maximum ends a loop whose condition still holds",
        "start > a(loop true; max 2) > b > end",
        "a a b",
        "start a a a b end",
    ),
    row(
        "a loop of scripts",
        "start > script:a(loop n < 3; set n = n + 1) > b > end",
        "b",
        "start a a a a b end",
        data={"n": 0},
    ),
    row(
        "a loop of calls",
        "start > call:k(max 2; calls child) > end",
        "a a",
        "start k k k_start a k_end k k_start a k_end end",
        child="k_start > a > k_end",
    ),
    row(
        "an output parameter of each instance",
        "start > a(seq 2; to r = loopCounter) > xor:g >[r = 1] end | g >! b_end",
        "a a",
        "start a a a g end",
    ),
    row(
        "an input parameter of each instance",
        "start > a(par 2; from q = loopCounter; to r = q) > xor:g >[r = 1] end | g >! b_end",
        "a a",
        "start a a a g end",
    ),
    row(
        "the last answer of the instances counts",
        "start > a(seq 2) > xor:g >[n = 2] end | g >! b_end",
        "a(n=1) a(n=2)",
        "start a a a g end",
    ),
    row(
        "what called processes give back",
        "start > call:k(seq 2; calls child; in *; out n = n) > xor:g >[n = 2] end | g >! b_end",
        "a(n=1) a(n=2)",
        "start k k k_start a k_end k k_start a k_end g end",
        child="k_start > a > k_end",
    ),
    row(
        "an output parameter of each round",
        "start > a(max 2; to r = n) > xor:g >[r = 2] end | g >! b_end",
        "a(n=1) a(n=2)",
        "start a a a g end",
    ),
    row(
        "an error of one instance ends them all",
        "start > service:a(par 2) > end | bound:x(on a; error e) > c > x_end",
        "job:a err:a/e c",
        "start -a a -a x c x_end",
    ),
)

CALLS = (
    row(
        "all variables go in and come back",
        "start > call:k(calls child; in *; out *) > xor:g >[n = 2] b > end | g >! c > c_end",
        "a(n=2) b",
        "start k k_start a k_end g b end",
        data={"n": 1},
        child="k_start > a > k_end",
    ),
    row(
        "without mappings all is shared",
        "start > call:k(calls child) > xor:g >[n = 2] b > end | g >! c > c_end",
        "a(n=2) b",
        "start k k_start a k_end g b end",
        data={"n": 1},
        child="k_start > a > k_end",
    ),
    row(
        "what is not mapped out stays inside",
        "start > call:k(calls child; in n = n) > xor:g >[n = 1] b > end | g >! c > c_end",
        "a(n=2) b",
        "start k k_start a k_end g b end",
        data={"n": 1},
        child="k_start > a > k_end",
    ),
    row(
        "a value goes in under another name",
        "start > call:k(calls child; in m = n + 1; out r = m * 2) > xor:g >[r = 8] b > end | g >! c > c_end",
        "b",
        "start k k_start s k_end g b end",
        data={"n": 2},
        child="k_start > script:s(set m = m + 1) > k_end",
    ),
    row(
        "three deep",
        "start > call:k(calls child) > end",
        "a",
        "start k k_start l l_start a l_end k_end end",
        child="k_start > call:l(calls grandchild) > k_end",
        grandchild="l_start > a > l_end",
    ),
    row(
        "the same process twice at once",
        "start > and:f > call:k(calls child) > and:j > end | f > call:l(calls child) > j",
        "a a",
        "start f k l k_start k_start a a k_end k_end j end",
        child="k_start > a > k_end",
    ),
    row(
        "the called process by expression",
        "start > call:k(calls ${which}) > end",
        "b",
        "start k l_start b l_end end",
        data={"which": "other"},
        child="k_start > a > k_end",
        other="l_start > b > l_end",
    ),
    row(
        "a called process with several ends",
        "start > call:k(calls child) > end",
        "a b",
        "start k k_start f a b k_end b_end end",
        child="k_start > and:f > a > k_end | f > b > b_end",
    ),
    row(
        "an event sub-process in a called process",
        "start > call:k(calls child) > c > end",
        "msg:m b c",
        "start k k_start -a h h_start b h_end c end",
        child="k_start > a > k_end | event:h { start:h_start(message m) > b > h_end }",
    ),
    row(
        "a called process ends at once",
        "start > call:k(calls child) > a > end",
        "a",
        "start k k_start k_end a end",
        child="k_start > k_end",
    ),
    row(
        "input and output parameters of a sub-process",
        "start > sub:p(from m = n + 1; to r = m) { p_start > a > p_end } > xor:g >[r = 2] b"
        " > end | g >! c > c_end",
        "a b",
        "start p p_start a p_end g b end",
        data={"n": 1},
    ),
    row(
        "a called process that only an event starts is an incident",
        "start > call:k(calls child) > end",
        "",
        "start …",
        child="start:k_start(message m) > b > k_end",
    ),
)
