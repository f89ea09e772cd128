"""How fast expressions are read and evaluated and tables are asked, beside what else there is for FEEL on PyPI.

Run it: `python tests/bench/expressions.py`. bkflow-feel and pySFeel take part where they are installed (nothing
depends on them); both read the text anew at each evaluation, which is the only thing they offer.
"""

from __future__ import annotations

import importlib.util
import timeit
from collections.abc import Callable, Iterator

from caseloom.engine.decisions import DecisionModel, read_model
from caseloom.engine.expressions import Environment, compile_feel, compile_juel

CONDITION = 'amount > 5000 and status = "open"'
DATA = {"amount": 7000, "status": "open", "items": [{"price": 2, "count": 3}] * 10}


def micros(work: Callable[[], object]) -> float:
    """The best of five runs, in microseconds for one call."""
    timer = timeit.Timer(work)
    count, _ = timer.autorange()
    return min(timer.repeat(5, max(1, count // 5))) / max(1, count // 5) * 1e6


def ours() -> Iterator[tuple[str, float]]:
    env = Environment()
    condition = compile_feel(CONDITION)
    total = compile_feel("sum(for i in items return i.price * i.count)")
    juel = compile_juel("${amount > 5000 && status == 'open'}")
    yield "read and compile a condition", micros(lambda: compile_feel(CONDITION))
    yield "read and compile it in JUEL", micros(lambda: compile_juel("${amount > 5000 && status == 'open'}"))
    yield "evaluate a condition", micros(lambda: condition.evaluate(DATA, env))
    yield "evaluate it in JUEL", micros(lambda: juel.evaluate(DATA, env))
    yield "evaluate a sum over ten items", micros(lambda: total.evaluate(DATA, env))
    for rules in (21, 1_000, 10_000):
        model = table(rules)
        data = {"kind": f"k{rules // 2}", "size": rules // 2}
        yield (
            f"ask a table of {rules:,} rules",
            micros(lambda model=model, data=data: model.decide("t", data)),
        )


def others() -> Iterator[tuple[str, float]]:
    if importlib.util.find_spec("bkflow_feel"):
        from bkflow_feel.api import parse_expression

        yield "bkflow-feel: a condition", micros(lambda: parse_expression(CONDITION, DATA))
    if importlib.util.find_spec("pySFeel"):
        import pySFeel

        parser = pySFeel.SFeelParser()
        for assignment in ("amount <- 7000", 'status <- "open"'):
            parser.sFeelParse(assignment)
        yield "pySFeel: a condition", micros(lambda: parser.sFeelParse(CONDITION))


def table(rules: int) -> DecisionModel:
    cells = "".join(
        f'<rule><inputEntry><text>"k{n}"</text></inputEntry><inputEntry><text>[{n}..{n + 1})</text></inputEntry>'
        f"<outputEntry><text>{n}</text></outputEntry></rule>"
        for n in range(rules)
    )
    inputs = "".join(
        f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in ("kind", "size")
    )
    document = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="m" namespace="urn:m">'
        f'<decision id="t" name="t"><decisionTable>{inputs}<output/>{cells}</decisionTable></decision>'
        "</definitions>"
    )
    return read_model(document.encode())


def main() -> None:
    found = dict(ours())
    for name, time in found.items():
        print(f"{time:10.2f} us  {name}")
    for name, time in others():
        print(f"{time:10.2f} us  {name}: {time / found['evaluate a condition']:.0f} times as long as ours")


if __name__ == "__main__":
    main()
