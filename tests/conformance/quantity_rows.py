"""How many tokens start an activity, and how many leave it: one row for each thing that may go wrong with them."""

from __future__ import annotations

from rows import row

QUANTITIES = (
    row(
        "tokens of one flow start an activity together",
        "start > and:f > a > xor:x > c(attr startQuantity=2) > end | f > b > x",
        "a b c",
        "start f a b x x c end",
    ),
    row(
        "tokens of several flows start an activity together",
        "start > and:f > a > c(attr startQuantity=2) > end | f > b > c",
        "b a c",
        "start f a b c end",
    ),
    row(
        "too few tokens wait",
        "start > a(attr startQuantity=2) > end",
        "",
        "start …",
    ),
    row(
        "four tokens make two runs of an activity that needs two",
        "start > a(attr completionQuantity=4) > b(attr startQuantity=2) > end",
        "a b b",
        "start a b b end end",
    ),
    row(
        "one token too many is left over",
        "start > task:a(attr completionQuantity=3) > task:b(attr startQuantity=2) > end",
        "",
        "start a b end …",
    ),
    row(
        "several tokens on each of several flows",
        "start > a(attr completionQuantity=2) > b > end | a > c > c_end",
        "a b c b c",
        "start a b b c c end c_end end c_end",
    ),
    row(
        "several tokens on the flow that is chosen",
        "start > a(attr completionQuantity=2) >[x = 1] b > end | a >! c > c_end",
        "a(x=2) c c",
        "start a c c c_end c_end",
    ),
    row(
        "a join takes one token of each flow at a time",
        "start > and:f > a(attr completionQuantity=2) > and:j > end | f > b(attr completionQuantity=2) > j",
        "a b",
        "start f a b j j end end",
    ),
    row(
        "an inclusive join waits for tokens that wait for more",
        "start > or:f > a(attr startQuantity=2) > or:j > end | f > b > j | f > c > a",
        "b c a",
        "start f b c a j end",
    ),
    row(
        "a script that needs two",
        "start > task:a(attr completionQuantity=2) > script:b(set n = n + 1; attr startQuantity=2) > end",
        "",
        "start a b end",
        data={"n": 0},
    ),
    row(
        "a sub-process that needs and gives two",
        "start > a(attr completionQuantity=2) > sub:p(attr startQuantity=2; attr completionQuantity=2)"
        " { p_start > b > p_end } > c > end",
        "a b c c",
        "start a p p_start b p_end c c end end",
    ),
    row(
        "instances that need and give two",
        "start > a(attr completionQuantity=2) > b(par 2; attr startQuantity=2; attr completionQuantity=2)"
        " > c > end",
        "a b b c c",
        "start a b b b c c end end",
    ),
    row(
        "a loop that needs and gives two",
        "start > a(attr completionQuantity=2) > b(max 2; attr startQuantity=2; attr completionQuantity=2)"
        " > c > end",
        "a b b c c",
        "start a b b b c c end end",
    ),
    row(
        "a failure keeps all its tokens together",
        "start > a(attr completionQuantity=2) > script:b(set y = 1; attr startQuantity=2) >[x = 1] end",
        "a retry(x=1)",
        "start a b end",
    ),
    row(
        "a boundary event gives one token",
        "start > a(attr completionQuantity=2) > end | bound:x(on a; message m) > b > x_end",
        "msg:m b",
        "start -a x b x_end",
    ),
)
