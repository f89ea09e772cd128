"""Orders, waits and questions follow a case into another version of its diagram, under the new names."""

from __future__ import annotations

from drawing import draw
from playing import finish, held_tasks, live, marking, open_tasks, rebuilt, tasks

from caseloom.adhoc import AddWait, Skip, StartNow
from caseloom.engine import Complete, Engine


def test_an_order_follows_its_element_and_the_one_that_it_holds_until(engine: Engine) -> None:
    engine.deploy(("old.bpmn", draw("A > B #b > C #c > D")))
    case = engine.start("case")
    engine.do(case.id, Skip("b", reason="known", when="every", until="c"))
    engine.deploy(("new.bpmn", draw("A > B #b2 > C #c2 > D")))

    engine.migrate(case.id, 2, mapping={"b": "b2", "c": "c2"})
    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["C"]
    assert [one.over for one in live(engine, case.id).directives.values()] == [True]
    assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))


def test_a_wait_follows_both_of_its_steps(engine: Engine) -> None:
    engine.deploy(("old.bpmn", draw("( A #a | B #b ) > C")))
    case = engine.start("case")
    engine.do(case.id, AddWait("a", "b", reason="first things first"))
    engine.deploy(("new.bpmn", draw("( A #a2 | B #b2 ) > C")))

    engine.migrate(case.id, 2, mapping={"a": "a2", "b": "b2"})
    assert (open_tasks(engine, case), held_tasks(engine, case)) == (["A"], ["B"])
    finish(engine, case, "A")

    assert open_tasks(engine, case) == ["B"]


def test_a_step_that_was_started_early_counts_for_its_counterpart(engine: Engine) -> None:
    engine.deploy(("old.bpmn", draw("A > B #b > C")))
    case = engine.start("case")
    engine.do(case.id, StartNow("b", reason="now"))
    engine.deploy(("new.bpmn", draw("A > B #b2 > C")))

    engine.migrate(case.id, 2, mapping={"b": "b2"})
    finish(engine, case, "B", "A")

    assert open_tasks(engine, case) == ["C"]


def test_a_question_asks_for_the_ways_of_the_new_version(engine: Engine) -> None:
    engine.deploy(("old.bpmn", draw("A > [ ok = true: B | else: C ]")))
    case = engine.start("case")
    engine.do(case.id, Skip("a", reason="nobody knows", missing=["ok"]))
    engine.deploy(("new.bpmn", draw("A > [ ok = true: B #b2 | else: C ]")))

    engine.migrate(case.id, 2, mapping={"b": "b2"})
    [question] = tasks(engine, case)
    assert question.form is not None
    assert [key for key, _ in question.form.fields[0].options] == ["choice_1__b2", "choice_1__c"]
    engine.do(case.id, Complete(question.id, data={"way": "choice_1__b2"}))

    assert [one.element_id for one in tasks(engine, case)] == ["b2"]
