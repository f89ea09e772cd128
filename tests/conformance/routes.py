"""Routes that show a wrong join, a lost token or a scope that ends at the wrong time: one row for each."""

from __future__ import annotations

from rows import row

JOINS = (
    row(
        "an event-based gateway takes each token by itself",
        "start > xor:x >[n = 1] a > race:g > catch:b(message m) > end"
        " | g > catch:c(message k) > c_end | x >! d > g",
        "a msg:m",
        "start x a g b end",
        data={"n": 1},
    ),
    row(
        "two tokens through a parallel block, one after the other",
        "start > and:f > a1 > xor:x > and:g > b > and:j > d > end | f > a2 > x | g > c > j",
        "a1 a2 b b c c d d",
        "start f a1 a2 x g b c x g b c j d j d end end",
    ),
    row(
        "two tokens through a parallel block, by turns",
        "start > and:f > a1 > xor:x > and:g > b > and:j > end | f > a2 > x | g > c > j",
        "a1 b a2 c b c",
        "start f a1 a2 x g b c x g b c j end j end",
    ),
    row(
        "a parallel join takes one token from each flow, not two from one",
        "start > and:f > a > xor:x > and:j > end | f > b > x | f > c > j",
        "a b c",
        "start f a b c x x j end …",
    ),
    row(
        "a flow that comes twice to a parallel join waits for its partner",
        "start > and:f > a > xor:x > and:j > d > end | f > b > x | f > c > xor:y > j | f > e > y",
        "a b c e d d",
        "start f a b c e x x y j d y j d end end",
    ),
    row(
        "implicit merge of three flows",
        "start > and:f > a > d > end | f > b > d | f > c > d",
        "a b c d d d",
        "start f a b c d d d end end end",
    ),
    row(
        "implicit split and merge",
        "start > a > b > d > end | a > c > d",
        "a c b d d",
        "start a b c d d end end",
    ),
    row(
        "implicit split with one condition",
        "start > a >[x > 1] b > end | a > c > c_end",
        "a(x=1) c",
        "start a c c_end",
    ),
    row(
        "a condition beside a flow without one",
        "start > a >[x > 1] b > end | a > c > c_end",
        "a(x=2) c b",
        "start a b c c_end end",
    ),
    row(
        "an end event with two flows in ends once per token",
        "start > and:f > a > end | f > b > end",
        "a b",
        "start f a b end end",
    ),
    row("a parallel gateway with one flow in and one out", "start > and:g > a > end", "a", "start g a end"),
    row(
        "a gateway that joins and splits",
        "start > and:f > a > and:m > c > and:j > end | f > b > m > d > j",
        "a b d c",
        "start f a b m c d j end",
    ),
    row(
        "nested parallel blocks",
        "start > and:f > and:g > a > and:h > and:j > end | g > b > h | f > c > j",
        "c b a",
        "start f g c a b h j end",
    ),
    row(
        "crossing branches",
        "start > and:f > a > and:g > c > and:j > end | f > b > and:h > d > j | g > h",
        "a b d c",
        "start f a b g c h d j end",
    ),
    row(
        "a parallel join after an exclusive choice waits for ever",
        "start > a > xor:g >[x > 1] b > and:j > end | g >[x > 0] c > j | g >! d_end",
        "a(x=2) b",
        "start a g b …",
    ),
    row(
        "an exclusive gateway between two parallel branches passes both",
        "start > and:f > a > xor:x > end | f > b > x",
        "a b",
        "start f a b x end x end",
    ),
    row(
        "a loop back into a parallel block",
        "start > xor:m > and:f > a > and:j > xor:g >[again] m | f > b > j | g >! end",
        "a(again=true) b b a(again=false)",
        "start m f a b j g m f a b j g end",
    ),
    row(
        "an exclusive gateway takes the first flow that holds",
        "start > a > xor:g >[x > 1] b > end | g >[x > 0] c > end",
        "a(x=2) b",
        "start a g b end",
    ),
    row(
        "an exclusive gateway without a way out is an incident that can be retried",
        "start > a > xor:g >[x > 1] b > end | g >[x > 5] c > end",
        "a(x=0) retry(x=6) b",
        "start a g b end",
    ),
    row(
        "two tokens in one sub-process",
        "start > and:f > xor:x > sub:p { p_start > a > p_end } > end | f > x",
        "a a",
        "start f x x p p p_start p_start a a p_end end p_end end",
    ),
    row(
        "two tokens in one sub-process, a boundary message takes one",
        "start > and:f > xor:x > sub:p { p_start > a > p_end } > end | f > x"
        " | bound:y(on p; message m) > y_end",
        "msg:m a",
        "start f x x -p p p_start p_start -a a y y_end p_end end",
    ),
    row(
        "two tokens in one sub-process, a boundary signal takes both",
        "start > and:f > xor:x > sub:p { p_start > a > p_end } > end | f > x"
        " | bound:y(on p; signal s) > y_end",
        "sig:s",
        "start f x x -p -p p_start p_start -a -a y y_end y y_end",
    ),
    row(
        "two tokens in one sub-process, an error takes its own",
        "start > and:f > xor:x > sub:p { p_start > a > xor:g >[ok] p_end"
        " | g >! end:q_end(error e) } > end | f > x | bound:y(on p; error e) > y_end",
        "a(ok=false) a(ok=true)",
        "start f x x -p p p_start p_start a a g q_end y y_end g p_end end",
    ),
    row(
        "a token waits for ever behind an event-based gateway that chose otherwise",
        "start > and:f > a > and:j > end"
        " | f > race:r > catch:m(message m) > j | r > catch:t(timer PT1H) > t_end",
        "a +1h",
        "start f a r t t_end …",
    ),
    row(
        "an activity that leads to itself",
        "start > a >[again] a | a >! end",
        "a(again=true) a(again=false)",
        "start a a end",
    ),
    row(
        "a boundary event that leads back to its host",
        "start > xor:m > a > end | bound:x(on a; message m) > m",
        "msg:m a",
        "start m -a x m a end",
    ),
    row(
        "two tokens through one catch event",
        "start > and:f > b > xor:x > catch:c(message m) > end | f > x",
        "msg:m b msg:m",
        "start f b x c end x c end",
    ),
)

INCLUSIVE = (
    row(
        "one branch was taken",
        "start > a > or:f >[x > 0] b > or:j > end | f >[x > 1] c > j",
        "a(x=1) b",
        "start a f b j end",
    ),
    row(
        "two branches were taken",
        "start > a > or:f >[x > 0] b > or:j > end | f >[x > 1] c > j",
        "a(x=2) c b",
        "start a f b c j end",
    ),
    row(
        "the default is left where another holds",
        "start > a > or:f >[x > 0] b > or:j > end | f >! c > j",
        "a(x=1) b",
        "start a f b j end",
    ),
    row(
        "a branch that ends by itself is not waited for",
        "start > a > or:f >[x > 0] b > or:j > end | f >[x > 1] c > c_end",
        "a(x=2) b c",
        "start a f b c j end c_end",
    ),
    row(
        "a branch that may come is waited for until it has gone elsewhere",
        "start > and:f > a > or:j > end | f > b > xor:g >[x = 1] j | g >! c > c_end",
        "a b(x=2) c",
        "start f a b g c j end c_end",
    ),
    row(
        "a branch that may come, comes",
        "start > and:f > a > or:j > end | f > b > xor:g >[x = 1] j | g >! c > c_end",
        "a b(x=1)",
        "start f a b g j end",
    ),
    row(
        "a merge after a parallel split waits for all",
        "start > and:f > a > or:j > d > end | f > b > j | f > c > j",
        "a c b d",
        "start f a b c j d end",
    ),
    row(
        "a merge in a loop fires once in each round",
        "start > xor:m > a > or:f >[x > 0] b > or:j > d > xor:g >[again] m | f >[x > 1] c > j | g >! end",
        "a(x=2) c b d(again=true) a(x=1) b d(again=false)",
        "start m a f b c j d g m a f b j d g end",
    ),
    row(
        "a merge that leads back to itself",
        "start > or:j > a > or:g >[again] j | g >! end",
        "a(again=true) a(again=false)",
        "start j a g j a g end",
    ),
    row(
        "two merges in a row",
        "start > and:f > a > or:j > or:k > end | f > b > j | f > c > k",
        "a c b",
        "start f a b c j k end",
    ),
    row(
        "two tokens on one flow count once, the second fires alone",
        "start > and:f > a > xor:x > or:j > d > end | f > b > x | f > c > j",
        "a b c d d",
        "start f a b c x x j d j d end end",
    ),
    row(
        "a boundary event may still bring a token",
        "start > and:f > a > or:j > end | f > b > b_end | bound:x(on b; message m) > j",
        "a b",
        "start f a b b_end j end",
    ),
    row(
        "a boundary event brings its token",
        "start > and:f > a > or:j > end | f > b > b_end | bound:x(on b; message m) > j",
        "a msg:m",
        "start f a -b x j end",
    ),
    row(
        "a boundary event beside its host brings one more",
        "start > and:f > a > or:j > end | f > b > j | bound:x(on b; message m; alone) > c > j",
        "a msg:m b c",
        "start f a b x c j end",
    ),
    row(
        "an event-based gateway before a merge",
        "start > and:f > a > or:j > end | f > race:r > catch:m(message m) > j"
        " | r > catch:t(timer PT1H) > t_end",
        "a +1h",
        "start f a r t t_end j end",
    ),
    row(
        "a link before a merge",
        "start > and:f > a > or:j > end | f > b > throw:t(link l) | catch:u(link l) > j",
        "a b",
        "start f a b t u j end",
    ),
    row(
        "a merge in a sub-process does not wait for what is outside",
        "start > and:f > sub:p { p_start > and:g > a > or:j > p_end | g > b > j } > end | f > c > c_end",
        "a b c",
        "start f p c p_start g a b j p_end end c_end",
    ),
    row(
        "a sub-process before a merge is waited for",
        "start > and:f > a > or:j > end | f > sub:p { p_start > b > p_end } > j",
        "a b",
        "start f a p p_start b p_end j end",
    ),
    row(
        "a parallel join before it",
        "start > and:f > a > or:j > end | f > and:g > b > and:h > j | g > c > h",
        "a b c",
        "start f a g b c h j end",
    ),
    row(
        "a loop around split and merge, other flows each time",
        "start > or:f >[true] a > or:j > xor:g >[again] f | f >[x > 1] b > j | g >! end",
        "a(again=true;x=1) b a(again=false)",
        "start f a b j g f a j g end",
        data={"x": 2},
    ),
    row(
        "an event sub-process before it",
        "start > and:f > sub:p { p_start > a > p_end"
        " | event:h { start:h_start(message m; alone) > b > h_end } }"
        " > or:j > end | f > c > j",
        "c msg:m a b",
        "start f p c p_start a h h_start b p_end h_end j end",
    ),
    row(
        "an event sub-process of its own scope does not concern it",
        "start > and:f > a > or:j > end | f > b > j"
        " | event:h { start:h_start(message m; alone) > c > h_end }",
        "msg:m a b c",
        "start f a b h h_start c j end h_end",
    ),
)

COMPLEX = (
    row(
        "two of three, the third comes late",
        "start > and:f > a > complex:j(when activationCount >= 2) > d > end | f > b > j | f > c > j",
        "a b c d",
        "start f a b c j d j end",
    ),
    row(
        "the condition sees which flow has come",
        "start > and:f > a > complex:j(when a__j >= 1) > d > end | f > b > j",
        "b a d",
        "start f a b j d end",
    ),
    row(
        "the condition sees the case file",
        "start > and:f > a > complex:j(when activationCount >= need) > d > end | f > b > j",
        "a b d",
        "start f a b j d end",
        data={"need": 2},
    ),
    row(
        "a complex gateway in a loop is ready again",
        "start > xor:m > and:f > a > complex:j(when activationCount >= 2)"
        " > xor:g >[again] m | f > b > j | g >! end",
        "a b(again=true) a b(again=false)",
        "start m f a b j g m f a b j g end",
    ),
    row(
        "what comes late goes on where its flow says so",
        "start > and:f > a > complex:j(when activationCount >= 1)"
        " > d > end | f > b > j | j >[late] c > c_end",
        "a(late=false) b(late=true) c d",
        "start f a b j d j c c_end end",
    ),
)

TERMINATION = (
    row(
        "terminate ends the whole process",
        "start > and:f > a > end:stop(terminate) | f > b > end",
        "a",
        "start f a -b stop",
    ),
    row(
        "terminate in a sub-process ends that only",
        "start > sub:p { p_start > and:f > a > end:stop(terminate) | f > b > p_end } > c > end",
        "a c",
        "start p p_start f a -b stop c end",
    ),
    row(
        "terminate in a called process ends that only",
        "start > call:k(calls child) > c > end",
        "a c",
        "start k k_start f a -b stop c end",
        child="k_start > and:f > a > end:stop(terminate) | f > b > k_end",
    ),
    row(
        "terminate in a nested sub-process goes no further than it",
        "start > sub:p { p_start > and:g > sub:q { q_start > and:f > a > end:stop(terminate)"
        " | f > b > q_end } > p_end"
        " | g > c > p_end } > end",
        "a c",
        "start p p_start g q c q_start f a -b stop p_end p_end end",
    ),
    row(
        "terminate in one instance leaves the others",
        "start > sub:p(par 2) { p_start > and:f > a > end:stop(terminate) | f > b > p_end } > end",
        "a a",
        "start p p p p_start p_start f f a -b a -b stop stop end",
    ),
    row(
        "terminate ends sub-processes, calls and instances that are open",
        "start > and:f > a > end:stop(terminate) | f > sub:p { p_start > b > p_end } > end"
        " | f > call:k(calls child) > end"
        " | f > c(par 2) > end",
        "a",
        "start f a -p -k -c p_start k_start -c -c -b -d stop",
        child="k_start > d > k_end",
    ),
    row(
        "terminate in an event sub-process ends the handler's scope only",
        "start > a > end | event:h { start:h_start(message m; alone) > and:f > b"
        " > end:stop(terminate) | f > c > h_end }",
        "msg:m b a",
        "start a h h_start f b -c stop end",
    ),
    row(
        "a process ends when its last token ends",
        "start > and:f > a > end | f > b > b_end",
        "a b",
        "start f a b end b_end",
    ),
    row(
        "a sub-process ends when its last token ends",
        "start > sub:p { p_start > and:f > a > p_end | f > b } > c > end",
        "a b c",
        "start p p_start f a b p_end c end",
    ),
    row("a process without any event", "a > b", "a b", "a b"),
    row("two entrances without a start event", "a > c | b > d", "b a d c", "a b d c"),
)

ERRORS = (
    row(
        "an error goes through scopes to the first that catches it",
        "start > sub:p { p_start > sub:q { q_start > a > end:q_end(error e) } > p_end } > end"
        " | bound:x(on p; error e) > c > x_end",
        "a c",
        "start -p p_start -q q_start a q_end x c x_end",
    ),
    row(
        "the inner of two catchers catches",
        "start > sub:p { p_start > sub:q { q_start > a > end:q_end(error e) } > p_end"
        " | bound:y(on q; error e) > b > y_end } > end"
        " | bound:x(on p; error e) > c > x_end",
        "a b",
        "start p p_start -q q_start a q_end y b y_end end",
    ),
    row(
        "the code decides who catches",
        "start > sub:p { p_start > sub:q { q_start > a > end:q_end(error e) } > p_end"
        " | bound:y(on q; error f) > b > y_end } > end"
        " | bound:x(on p; error e) > c > x_end",
        "a c",
        "start -p p_start -q q_start a q_end x c x_end",
    ),
    row(
        "the code goes before any",
        "start > sub:p { p_start > a > end:p_end(error e) } > end"
        " | bound:y(on p; error) > b > y_end | bound:x(on p; error e) > c > x_end",
        "a c",
        "start -p p_start a p_end x c x_end",
    ),
    row(
        "an error leaves a called process",
        "start > call:k(calls child) > end | bound:x(on k; error e) > c > x_end",
        "a c",
        "start -k k_start a k_end x c x_end",
        child="k_start > a > end:k_end(error e)",
    ),
    row(
        "an error goes through two calls",
        "start > call:k(calls child) > end | bound:x(on k; error e) > c > x_end",
        "a c",
        "start -k k_start -l l_start a l_end x c x_end",
        child="k_start > call:l(calls grandchild) > k_end",
        grandchild="l_start > a > end:l_end(error e)",
    ),
    row("an error that nobody catches is an incident", "start > a > end:stop(error e)", "a", "start a …"),
    row(
        "an error in one instance ends the whole activity",
        "start > sub:p(par 2) { p_start > a > end:p_end(error e) } > end"
        " | bound:x(on p; error e) > c > x_end",
        "a c",
        "start -p -p -p p_start p_start a -a p_end x c x_end",
    ),
    row(
        "an event sub-process catches before the border does",
        "start > sub:p { p_start > a > end:p_end(error e)"
        " | event:h { start:h_start(error e) > b > h_end } } > end"
        " | bound:x(on p; error e) > c > x_end",
        "a b",
        "start p p_start a p_end h h_start b h_end end",
    ),
    row(
        "an error in an event sub-process goes to the border",
        "start > sub:p { p_start > a > p_end"
        " | event:h { start:h_start(message m) > b > end:h_end(error e) } } > end"
        " | bound:x(on p; error e) > c > x_end",
        "msg:m b c",
        "start -p p_start -a -h h_start b h_end x c x_end",
    ),
    row(
        "an error in an error's event sub-process is not caught by itself",
        "start > sub:p { p_start > a > end:p_end(error e)"
        " | event:h { start:h_start(error e) > b > end:h_end(error e) } } > end"
        " | bound:x(on p; error e) > c > x_end",
        "a b c",
        "start -p p_start a p_end -h h_start b h_end x c x_end",
    ),
    row(
        "an event sub-process of the process catches",
        "start > sub:p { p_start > a > end:p_end(error e) } > end"
        " | event:h { start:h_start(error e) > b > h_end }",
        "a b",
        "start -p p_start a p_end h h_start b h_end",
    ),
    row(
        "an error of a service in a sub-process",
        "start > sub:p { p_start > service:a > p_end } > end | bound:x(on p; error e) > c > x_end",
        "err:a/e c",
        "start -p p_start -a x c x_end",
    ),
    row(
        "an error of a service that nobody catches is an incident",
        "start > service:a > end",
        "err:a/e",
        "start a!",
    ),
    row(
        "an error of one of two parallel branches ends the other",
        "start > sub:p { p_start > and:f > a > end:p_end(error e) | f > b > b_end } > end"
        " | bound:x(on p; error e) > c > x_end",
        "a c",
        "start -p p_start f a -b p_end x c x_end",
    ),
    row(
        "an error with its code and the data of the service",
        "start > service:a > end"
        " | bound:x(on a; xml <errorEventDefinition camunda:errorCodeVariable='code'/>)"
        ' > xor:g >[code = "e" and n = 7] b > b_end | g >! c > c_end',
        "err:a/e(n=7) b",
        "start -a x g b b_end",
    ),
    row(
        "an error of a called process to an event sub-process of the caller",
        "start > call:k(calls child) > end | event:h { start:h_start(error e) > b > h_end }",
        "a b",
        "start -k k_start a k_end h h_start b h_end",
        child="k_start > a > end:k_end(error e)",
    ),
    row(
        "an error that a boundary event's path throws on",
        "start > sub:p { p_start > sub:q { q_start > a > end:q_end(error e) } > p_end"
        " | bound:y(on q; error e) > end:y_end(error f) } > end | bound:x(on p; error f) > x_end",
        "a",
        "start -p p_start -q q_start a q_end y y_end x x_end",
    ),
    row(
        "a service's error to an event sub-process of the process",
        "start > service:a > end | event:h { start:h_start(error e) > b > h_end }",
        "err:a/e b",
        "start -a h h_start b h_end",
    ),
)

ESCALATIONS = (
    row(
        "an escalation goes through a call",
        "start > call:k(calls child) > end | bound:x(on k; escalation e; alone) > c > x_end",
        "a c",
        "start k k_start a t x k_end c end x_end",
        child="k_start > a > throw:t(escalation e) > k_end",
    ),
    row(
        "an interrupting catcher ends the called process",
        "start > call:k(calls child) > end | bound:x(on k; escalation e) > c > x_end",
        "a c",
        "start -k k_start a t x c x_end",
        child="k_start > a > throw:t(escalation e) > b > k_end",
    ),
    row(
        "the code decides",
        "start > sub:p { p_start > throw:t(escalation e) > a > p_end } > end"
        " | bound:x(on p; escalation f) > c > x_end",
        "a",
        "start p p_start t a p_end end",
    ),
    row(
        "any escalation",
        "start > sub:p { p_start > throw:t(escalation e) > a > p_end } > end"
        " | bound:x(on p; escalation) > c > x_end",
        "c",
        "start -p p_start t x c x_end",
    ),
    row(
        "an escalation of the main process",
        "start > a > throw:t(escalation e) > b > end"
        " | event:h { start:h_start(escalation e; alone) > c > h_end }",
        "a b c",
        "start a t h b h_start c end h_end",
    ),
    row(
        "an end event's escalation ends only its own path",
        "start > sub:p { p_start > and:f > a > end:p_end(escalation e) | f > b > b_end } > end"
        " | bound:x(on p; escalation e; alone) > c > x_end",
        "a c b",
        "start p p_start f a b p_end x c x_end b_end end",
    ),
    row(
        "each instance's escalation",
        "start > call:k(par 2; calls child) > end | bound:x(on k; escalation e; alone) > x_end",
        "a a",
        "start k k k k_start k_start a a k_end x x_end k_end x x_end end",
        child="k_start > a > end:k_end(escalation e)",
    ),
    row(
        "of a called process to an event sub-process of the caller",
        "start > call:k(calls child) > end | event:h { start:h_start(escalation e; alone) > b > h_end }",
        "a b",
        "start k k_start a t h k_end h_start end b h_end",
        child="k_start > a > throw:t(escalation e) > k_end",
    ),
)
