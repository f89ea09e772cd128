"""What instances tell when they complete, what is shared among events, and what a service sends for one of them."""

from __future__ import annotations

from rows import row

_AUTOMATIC = (
    "start > script:a({}; set y = 1) > script:b(set z = 1) > end | bound:x(on a; signal s) > script:c(set z = 2)"
    " > x_end"
)

BEHAVIOURS = (
    row(
        "All tells nothing",
        "start > a(par 2; behavior All) > end | bound:x(on a; signal s) > x_end",
        "a a",
        "start a a a end",
    ),
    row(
        "None tells of each instance, at once",
        "start > a(par 2; behavior None signal s) > end | bound:x(on a; signal s; alone) > b > x_end",
        "a a b b",
        "start a a a x b x b end x_end x_end",
    ),
    row(
        "None tells of each instance, in turn",
        "start > a(seq 2; behavior None signal s) > end | bound:x(on a; signal s; alone) > x_end",
        "a a",
        "start a a x x_end a x x_end end",
    ),
    row(
        "One tells of the first instance, at once",
        "start > a(par 3; behavior One signal s) > end | bound:x(on a; signal s; alone) > x_end",
        "a a a",
        "start a a a a x x_end end",
    ),
    row(
        "One tells of the first instance, in turn",
        "start > a(seq 3; behavior One signal s) > end | bound:x(on a; signal s; alone) > x_end",
        "a a a",
        "start a a x x_end a a end",
    ),
    row(
        "the border event of what instances tell lets the activity go on",
        _AUTOMATIC.format("seq 3; behavior None signal s"),
        "",
        "start a a x c a x x_end c a x x_end c b x_end end",
    ),
    row(
        "so it does where only the first tells",
        _AUTOMATIC.format("seq 3; behavior One signal s"),
        "",
        "start a a x c a x_end a b end",
    ),
    row(
        "and at once",
        _AUTOMATIC.format("par 3; behavior One signal s"),
        "",
        "start a a x a a c b x_end end",
    ),
    row(
        "a border event that interrupts in so many words ends the activity",
        "start > a(par 3; behavior One signal s) > end"
        " | bound:x(on a; signal s; attr cancelActivity=true) > b > x_end",
        "a b",
        "start -a a -a -a x b x_end",
    ),
    row(
        "the same event from outside interrupts as it is drawn",
        "start > a(par 3; behavior One signal s) > end | bound:x(on a; signal s) > b > x_end",
        "sig:s b",
        "start -a -a -a -a x b x_end",
    ),
    row(
        "a signal without a name is for the border of the activity",
        "start > and:f > a(par 2; behavior One) > end | bound:x(on a; signal s; alone) > x_end"
        " | f > catch:c(signal s) > c_end",
        "a a",
        "start f a c? a a x x_end end",
    ),
    row(
        "a signal with a name is heard by all",
        "start > and:f > a(par 2; behavior One signal s) > end | f > catch:c(signal s) > c_end",
        "a a",
        "start f a c a a c_end end",
    ),
    row(
        "nobody has to hear it",
        "start > a(par 2; behavior None signal s) > end",
        "a a",
        "start a a a end",
    ),
    row(
        "Complex tells, ends the rest and goes on",
        "start > a(par 3; behavior Complex signal s when numberOfCompletedInstances >= 2) > end"
        " | bound:x(on a; signal s; alone) > x_end",
        "a a",
        "start a a a -a x x_end end",
    ),
    row(
        "Complex, in turn",
        "start > a(seq 3; behavior Complex signal s when n = 2) > end | bound:x(on a; signal s; alone) > x_end",
        "a(n=1) a(n=2)",
        "start a a a x x_end end",
        data={"n": 0},
    ),
    row(
        "Complex, automatic",
        _AUTOMATIC.format("seq 3; behavior Complex signal s when true"),
        "",
        "start a a x c b x_end end",
    ),
    row(
        "Complex whose condition never holds is All",
        "start > a(par 2; behavior Complex signal s when n > 5) > end | bound:x(on a; signal s; alone) > x_end",
        "a a",
        "start a a a end",
        data={"n": 0},
    ),
    row(
        "Complex tells several things at once",
        "start > a(par 3; behavior Complex signal s when n >= 1, signal t when n >= 2, signal u when n >= 3) > end"
        " | bound:x(on a; signal s; alone) > x_end | bound:y(on a; signal t; alone) > y_end"
        " | bound:z(on a; signal u; alone) > z_end",
        "a(n=2)",
        "start a a -a -a x y x_end y_end end",
        data={"n": 0},
    ),
    row(
        "Complex without an event only ends the rest",
        "start > a(par 3; behavior Complex when nrOfCompletedInstances >= 1) > end",
        "a",
        "start a a -a -a end",
    ),
    row(
        "an escalation",
        "start > a(par 2; behavior None escalation e) > end | bound:x(on a; escalation e; alone) > x_end",
        "a a",
        "start a a a x x_end x x_end end",
    ),
    row(
        "an escalation that the scope around it catches",
        "start > sub:p { p_start > a(par 2; behavior One escalation e) > p_end } > end"
        " | bound:x(on p; escalation e; alone) > x_end",
        "a a",
        "start p p_start a a a x x_end p_end end",
    ),
    row(
        "an error ends the activity",
        "start > a(par 2; behavior One error e) > end | bound:x(on a; error e) > x_end",
        "a",
        "start -a a -a x x_end",
    ),
    row(
        "an error that nobody catches",
        "start > a(par 2; behavior One error e) > end",
        "a",
        "start a! a a?",
    ),
    row(
        "a message",
        "start > a(seq 2; behavior One message m) > end | bound:x(on a; message m; alone) > x_end",
        "a a",
        "start a a x x_end a end",
    ),
    row(
        "of sub-processes",
        "start > sub:p(par 2; behavior None signal s) { p_start > a > p_end } > end"
        " | bound:x(on p; signal s; alone) > x_end",
        "a a",
        "start p p p p_start p_start a a p_end x x_end p_end x x_end end",
    ),
    row(
        "of calls",
        "start > call:k(calls child; seq 2; behavior None signal s) > end | bound:x(on k; signal s; alone) > x_end",
        "a a",
        "start k k k_start a k_end x x_end k k_start a k_end x x_end end",
        child="k_start > a > k_end",
    ),
    row(
        "of services",
        "start > service:a(par 2; behavior One signal s) > end | bound:x(on a; signal s; alone) > x_end",
        "job:a job:a",
        "start a a a x x_end end",
    ),
    row(
        "a completion condition by the names of the standard",
        "start > a(par 3; until numberOfCompletedInstances = 2) > end",
        "a a",
        "start a a a -a end",
    ),
    row(
        "a completion condition goes with what instances tell",
        "start > a(par 3; behavior None signal s; until numberOfCompletedInstances = 2) > end"
        " | bound:x(on a; signal s; alone) > x_end",
        "a a",
        "start a a a -a x x_end x x_end end",
    ),
)

SHARED = (
    row("a timer", "start > catch:a(shared timer PT1H) > end", "+1h", "start a end"),
    row("a message", "start > catch:a(shared message m) > end", "msg:m", "start a end"),
    row(
        "a start",
        "start:a_start(shared message m) > b > end",
        "b",
        "a_start b end",
        begin="post:m",
    ),
    row(
        "one definition for a throw and a catch",
        "start > and:f > catch:a(shared signal s) > a_end | f > throw:t(shared signal s) > end",
        "",
        "start f a t end a_end",
    ),
    row(
        "an error",
        "start > sub:p { p_start > end:p_end(shared error e) } > end | bound:x(on p; shared error e) > x_end",
        "",
        "start -p p_start p_end x x_end",
    ),
    row(
        "several references in one event",
        "start > catch:a(shared message m; shared signal s) > end",
        "sig:s",
        "start a end",
    ),
    row(
        "a reference beside a definition, all of them needed",
        "start > catch:a(shared message m; signal s; parallel) > end",
        "sig:s msg:m",
        "start a end",
    ),
    row(
        "compensation",
        "start > a > throw:t(shared compensate a) > end | bound:x(on a; compensate) ~ c(handler)",
        "a c",
        "start a t c end",
    ),
    row(
        "the trigger of an event sub-process",
        "start > w > end | event:v { start:v_start(shared signal s) > a > v_end }",
        "sig:s a",
        "start -w v v_start a v_end",
    ),
    row(
        "termination",
        "start > and:f > a > end:a_end(shared terminate) | f > b > b_end",
        "a",
        "start f a -b a_end",
    ),
)

SERVED = (
    row(
        "a service sends the message, the rest is thrown when it has",
        "start > and:f > throw:t(signal s; xml <messageEventDefinition camunda:type='external' camunda:topic='mail'/>)"
        " > end | f > catch:a(signal s) > a_end",
        "job:mail",
        "start f t a end a_end",
    ),
    row(
        "a service sends the message of an end",
        "start > and:f > end:t(signal s; xml <messageEventDefinition camunda:delegateExpression='${mail}'/>)"
        " | f > catch:a(signal s) > a_end",
        "job:mail",
        "start f t a a_end",
    ),
    row(
        "an end that throws a signal and an error",
        "start > and:f > sub:p { p_start > end:p_end(signal s; error e) } > end | f > catch:a(signal s) > a_end"
        " | bound:x(on p; error e) > x_end",
        "",
        "start f -p a p_start p_end x a_end x_end",
    ),
    row(
        "what a service sends for does not hear its own signal",
        "start > throw:t(signal s; xml <messageEventDefinition camunda:type='external' camunda:topic='mail'/>) > end",
        "sig:s",
        "start t?",
    ),
)
