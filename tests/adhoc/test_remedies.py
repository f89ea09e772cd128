"""What has been done and can be put right is put right, once, before a step is done again."""

from __future__ import annotations

from typing import Any

import pytest
from drawing import draw, node
from drawing_compensation import compensated, throwing
from playing import (
    again,
    finish,
    last_change,
    leftovers,
    live,
    marking,
    open_tasks,
    rebuilt,
    reloaded,
    states,
    task,
    thawed,
)

from caseloom.adhoc import Revisit, Skip, Undo, options
from caseloom.engine import Case, Complete, Engine, Job, Person, Retry
from caseloom.engine.errors import Conflict, Invalid, NotAllowed
from caseloom.engine.results import Status


def begun(engine: Engine, file: bytes, data: dict[str, Any] | None = None) -> Case:
    engine.deploy(("drawn.bpmn", file))

    return engine.start("case", data)


def serving(engine: Engine, *topics: str) -> list[tuple[str, dict[str, Any]]]:
    """What was asked of the world outside, in order: topic and data."""
    done: list[tuple[str, dict[str, Any]]] = []

    def register(topic: str) -> None:
        @engine.service(topic)
        def serve(job: Job) -> None:
            done.append((topic, dict(job.data)))

    for topic in topics:
        register(topic)
    return done


def booking(engine: Engine, data: dict[str, Any] | None = None) -> Case:
    """A flight and a hotel are booked by hand; each has its counter-step."""
    file = compensated(
        "Ask > Flight > Hotel > Pay",
        flight=node("userTask", "no_flight", name="Cancel flight"),
        hotel=node("userTask", "no_hotel", name="Cancel hotel"),
    )
    return begun(engine, file, data)


def revisit(engine: Engine, case: Case, target: str, **how: Any) -> Case:
    return engine.do(case.id, Revisit(target, reason="wrong", **how), by="ada")


def test_counter_steps_run_before_the_step_comes_again_the_last_thing_done_first(engine: Engine) -> None:
    case = finish(engine, booking(engine), "Ask", "Flight", "Hotel")

    revisit(engine, case, "ask")

    assert open_tasks(engine, case) == ["Cancel hotel"]
    finish(engine, case, "Cancel hotel")
    assert open_tasks(engine, case) == ["Cancel flight"]
    finish(engine, case, "Cancel flight")
    assert open_tasks(engine, case) == ["Ask"]
    assert finish(engine, case, "Ask", "Flight", "Hotel", "Pay").status is Status.COMPLETED
    assert leftovers(live(engine, case.id)) == []


def test_the_state_between_counter_steps_can_be_stored_replayed_and_frozen(engine: Engine) -> None:
    case = finish(engine, booking(engine), "Ask", "Flight", "Hotel")
    revisit(engine, case, "ask")
    finish(engine, case, "Cancel hotel")
    now = marking(live(engine, case.id))

    assert marking(rebuilt(engine, case.id)) == now
    assert marking(thawed(live(engine, case.id))) == now
    assert marking(reloaded(engine, case.id)) == now


def test_only_what_falls_is_put_right(engine: Engine) -> None:
    case = finish(engine, booking(engine), "Ask", "Flight", "Hotel")

    revisit(engine, case, "hotel")

    assert open_tasks(engine, case) == ["Cancel hotel"]
    finish(engine, case, "Cancel hotel")
    assert open_tasks(engine, case) == ["Hotel"]


def test_a_counter_step_sees_the_data_of_its_activitys_completion(engine: Engine) -> None:
    handler = node("serviceTask", "no_flight", name="Cancel", attributes={"camunda:topic": "cancel"})
    case = begun(engine, compensated("Flight > Pay > Travel", flight=handler))
    asked = serving(engine, "cancel")
    finish(engine, case, "Flight", number="LH1", price=90)
    finish(engine, case, "Pay", price=100)

    revisit(engine, case, "flight")

    assert asked == [("cancel", {"number": "LH1", "price": 90})]
    assert open_tasks(engine, case) == ["Flight"]
    assert again(engine, case).data == {"number": "LH1", "price": 100}


def test_a_topic_of_the_diagram_is_enough_to_take_something_back(engine: Engine) -> None:
    line = draw(
        "A > !archive Archive > B",
        attributes={"archive": {"caseloom:effect": "compensable", "caseloom:compensation": "unarchive"}},
    )
    asked = serving(engine, "archive", "unarchive")
    case = finish(engine, begun(engine, line), "A")

    revisit(engine, case, "a")

    assert [topic for topic, _ in asked] == ["archive", "unarchive"]
    assert open_tasks(engine, case) == ["A"]
    finish(engine, case, "A")
    assert [topic for topic, _ in asked] == ["archive", "unarchive", "archive"]


@pytest.mark.parametrize(
    ("answer", "asked"),
    [("note", ["archive"]), ("keep", ["archive"]), ("compensate", ["archive", "unarchive"])],
)
def test_what_can_be_taken_back_may_be_left_as_it_is(engine: Engine, answer: str, asked: list[str]) -> None:
    line = draw("A > !archive Archive > B", attributes={"archive": {"caseloom:compensation": "unarchive"}})
    done = serving(engine, "archive", "unarchive")
    case = finish(engine, begun(engine, line), "A")

    revisit(engine, case, "a", effects={"archive": answer})

    assert [topic for topic, _ in done] == asked
    assert open_tasks(engine, case) == ["A"]


def test_a_sub_process_may_be_the_counter_step(engine: Engine) -> None:
    inner = node("subProcess", "undo_it", name="Undo it", children=[
        node("userTask", "call", name="Call them"), node("userTask", "write", name="Write to them"),
        node("sequenceFlow", "f", attributes={"sourceRef": "call", "targetRef": "write"}),
    ])  # fmt: skip
    case = finish(engine, begun(engine, compensated("Book > Pay", book=inner)), "Book")

    revisit(engine, case, "book")

    finish(engine, case, "Call them", "Write to them")
    assert open_tasks(engine, case) == ["Book"]


def test_what_a_whole_sub_process_did_is_put_right_by_its_own_counter_step(engine: Engine) -> None:
    inner = compensated(
        "{ Trip: Flight > Hotel } > Pay",
        flight=node("userTask", "no_flight", name="Cancel flight"),
        trip=node("userTask", "no_trip", name="Cancel trip"),
    )
    case = finish(engine, begun(engine, inner), "Flight", "Hotel")

    revisit(engine, case, "trip")

    assert open_tasks(engine, case) == ["Cancel trip"]
    finish(engine, case, "Cancel trip")
    assert open_tasks(engine, case) == ["Flight"]


def test_steps_of_a_sub_process_that_is_opened_again_are_put_right_one_by_one(engine: Engine) -> None:
    inner = compensated(
        "{ Trip: Flight > Hotel } > Pay",
        flight=node("userTask", "no_flight", name="Cancel flight"),
        trip=node("userTask", "no_trip", name="Cancel trip"),
    )
    case = finish(engine, begun(engine, inner), "Flight", "Hotel")

    revisit(engine, case, "flight")

    assert open_tasks(engine, case) == ["Cancel flight"]
    finish(engine, case, "Cancel flight")
    assert open_tasks(engine, case) == ["Flight"]


def test_one_of_several_items_is_put_right_alone(engine: Engine) -> None:
    file = compensated("Book each n in names > Pay", book=node("userTask", "cancel", name="Cancel"))
    case = begun(engine, file, {"names": ["N1", "N2"]})
    finish(engine, case, "Book", item="N1")
    finish(engine, case, "Book", item="N2")

    revisit(engine, case, "book", item="N1")

    assert open_tasks(engine, case) == ["Cancel"]
    finish(engine, case, "Cancel")
    assert open_tasks(engine, case) == ["Book"]


def test_steps_of_several_sub_processes_wait_until_all_is_put_right(engine: Engine) -> None:
    case = begun(
        engine,
        draw("( { One: A ^compensation ( Fix A ) > B } | { Two: C ^compensation ( Fix C ) > D } ) > E"),
    )
    finish(engine, case, "A", "C")

    revisit(engine, case, "a", also=["c"])

    assert open_tasks(engine, case) == ["Fix C"]
    sound = marking(live(engine, case.id))
    assert sound == marking(reloaded(engine, case.id)) == marking(rebuilt(engine, case.id))
    finish(engine, case, "Fix C")
    assert open_tasks(engine, case) == ["Fix A"]
    finish(engine, case, "Fix A")
    assert open_tasks(engine, case) == ["A", "C"]
    finish(engine, case, "A", "B", "C", "D", "E")
    assert again(engine, case).status is Status.COMPLETED


@pytest.mark.parametrize("gone", ["skipped", "interrupted"])
def test_what_is_put_right_outlives_one_of_the_sub_processes(engine: Engine, gone: str) -> None:
    one = "{ One: A ^compensation ( Fix A ) > B } ^message stop ( > )"
    case = begun(engine, draw(f"( {one} | {{ Two: C ^compensation ( Fix C ) > D }} ) > E"))
    finish(engine, case, "A", "C")
    revisit(engine, case, "a", also=["c"])

    if gone == "skipped":
        engine.do(case.id, Skip("one", reason="not needed"))
    else:
        engine.message("stop", case_id=case.id)

    assert open_tasks(engine, case) == ["Fix C"]
    sound = marking(live(engine, case.id))
    assert sound == marking(reloaded(engine, case.id)) == marking(rebuilt(engine, case.id))
    finish(engine, case, "Fix C", "Fix A", "C", "D", "E")
    assert again(engine, case).status is Status.COMPLETED


def test_all_items_are_put_right_with_the_whole(engine: Engine) -> None:
    file = compensated("Book each n in names > Pay", book=node("userTask", "cancel", name="Cancel"))
    case = begun(engine, file, {"names": ["N1", "N2"]})
    finish(engine, case, "Book", item="N1")
    finish(engine, case, "Book", item="N2")

    revisit(engine, case, "book")

    finish(engine, case, "Cancel")
    finish(engine, case, "Cancel")
    assert open_tasks(engine, case) == ["Book", "Book"]


def test_nothing_is_put_right_twice(engine: Engine) -> None:
    case = finish(engine, booking(engine), "Ask", "Flight")
    revisit(engine, case, "flight")
    finish(engine, case, "Cancel flight")

    revisit(engine, case, "ask")

    assert open_tasks(engine, case) == ["Ask"]
    finish(engine, case, "Ask")
    assert open_tasks(engine, case) == ["Flight"]


def test_what_an_earlier_revisit_has_not_put_right_yet_is_not_forgotten(engine: Engine) -> None:
    case = finish(engine, booking(engine), "Ask", "Flight")
    revisit(engine, case, "flight")
    assert open_tasks(engine, case) == ["Cancel flight"]

    revisit(engine, case, "ask")

    assert open_tasks(engine, case) == ["Cancel flight"]
    finish(engine, case, "Cancel flight")
    assert open_tasks(engine, case) == ["Ask"]


def test_a_counter_step_that_fails_leaves_an_incident_and_the_step_stays_closed(engine: Engine) -> None:
    line = draw("A > !archive Archive > B", attributes={"archive": {"caseloom:compensation": "unarchive"}})
    serving(engine, "archive")
    case = finish(engine, begun(engine, line), "A")
    revisit(engine, case, "a")
    [job] = engine.fetch_and_lock("unarchive", "worker")

    engine.fail_job(job.id, "worker", "the archive is closed", 0, 0)

    assert open_tasks(engine, case) == []
    [incident] = again(engine, case).incidents
    assert "archive is closed" in incident.message
    engine.do(case.id, Retry(incident.id))
    [job] = engine.fetch_and_lock("unarchive", "worker")
    engine.complete_job(job.id, "worker")
    assert open_tasks(engine, case) == ["A"]


def test_an_error_of_a_counter_step_is_not_caught_by_the_process(engine: Engine) -> None:
    line = draw(
        "{ Do: A > !archive Archive > B } ^error bad ( Repair )",
        attributes={"archive": {"caseloom:compensation": "unarchive"}},
    )
    serving(engine, "archive")
    case = finish(engine, begun(engine, line), "A")
    revisit(engine, case, "a")
    [job] = engine.fetch_and_lock("unarchive", "worker")

    engine.job_error(job.id, "worker", "bad", "no")

    assert open_tasks(engine, case) == []
    assert len(again(engine, case).incidents) == 1


def test_a_case_manager_may_go_on_without(engine: Engine) -> None:
    case = finish(engine, booking(engine), "Ask", "Flight")
    revisit(engine, case, "flight")

    engine.do(case.id, Skip(task(engine, case, "Cancel flight").id, reason="it was never paid"))

    assert open_tasks(engine, case) == ["Flight"]


def test_nobody_else_may_go_on_without() -> None:
    people = {"bo": Person("bo", ("clerks",)), "ada": Person("ada", ("case-managers",))}
    with Engine("sqlite://", people=people.get) as engine:
        case = finish(engine, booking(engine), "Ask", "Flight")
        engine.do(case.id, Revisit("flight", reason="wrong"), by="ada")
        waiting = task(engine, case, "Cancel flight").id

        with pytest.raises(NotAllowed):
            engine.do(case.id, Skip(waiting, reason="no time"), by="bo")

        engine.do(case.id, Skip(waiting, reason="never paid"), by="ada")
        assert open_tasks(engine, case) == ["Flight"]


def test_a_counter_step_is_no_target_of_a_revisit(engine: Engine) -> None:
    case = finish(engine, booking(engine), "Ask", "Flight")
    revisit(engine, case, "flight")
    finish(engine, case, "Cancel flight")

    assert [one.element_id for one in options(engine, case.id).revisit] == ["ask"]
    with pytest.raises(Conflict, match="only once"):
        revisit(engine, case, "no_flight")


def test_a_revisit_is_undone_before_its_counter_step_is_done_and_not_after(engine: Engine) -> None:
    case = finish(engine, booking(engine), "Ask", "Flight")
    open_before = task(engine, case, "Hotel").id
    revisit(engine, case, "flight")

    engine.do(case.id, Undo(last_change(engine, case)), by="ada")
    assert task(engine, case, "Hotel").id == open_before

    revisit(engine, case, "flight")
    finish(engine, case, "Cancel flight")
    with pytest.raises(Conflict, match="revisit instead"):
        engine.do(case.id, Undo(last_change(engine, case)), by="ada")


def test_a_revisit_whose_counter_step_ran_by_itself_cannot_be_undone(engine: Engine) -> None:
    handler = node("scriptTask", "reset", name="Reset", attributes={"camunda:resultVariable": "n"},
                   children=[node("script", text="0")])  # fmt: skip
    case = finish(engine, begun(engine, compensated("Book > Pay", book=handler), {"n": 5}), "Book")
    revisit(engine, case, "book")
    assert open_tasks(engine, case) == ["Book"]

    with pytest.raises(Conflict, match="Reset"):
        engine.do(case.id, Undo(last_change(engine, case)), by="ada")


def test_after_the_end_of_the_case_what_was_done_is_put_right_as_well(engine: Engine) -> None:
    line = draw("A > !archive Archive", attributes={"archive": {"caseloom:compensation": "unarchive"}})
    done = serving(engine, "archive", "unarchive")
    case = finish(engine, begun(engine, line), "A")
    assert again(engine, case).status is Status.COMPLETED

    revisit(engine, case, "a")

    assert [topic for topic, _ in done] == ["archive", "unarchive"]
    assert open_tasks(engine, case) == ["A"]


def test_without_a_counter_step_that_answer_is_refused(engine: Engine) -> None:
    serving(engine, "archive")
    case = finish(engine, begun(engine, draw("A > !archive Archive <effect=compensable> > B")), "A")

    with pytest.raises(Invalid, match="Archive"):
        revisit(engine, case, "a", effects={"archive": "compensate"})


def test_the_preview_tells_the_choices_and_what_opens(engine: Engine) -> None:
    case = finish(engine, booking(engine), "Ask", "Flight")

    seen = engine.preview(case.id, Revisit("flight", reason="wrong"))

    [effect] = seen.effects
    assert (effect.kind, effect.default, effect.choices[0]) == ("compensable", "compensate", "compensate")
    assert "Cancel flight" in [one.name for one in seen.opened]
    engine.do(case.id, Revisit("flight", reason="wrong"), preview=seen.token)


# -- compensation that the diagram draws -----------------------------------------------------------------


def thrown(engine: Engine) -> Case:
    """After B the booking is compensated by the diagram itself; then C."""
    file = compensated("Book > B > @event Undo > C", book=node("userTask", "cancel", name="Cancel"))
    return begun(engine, throwing(file, "undo"))


def test_superseding_a_drawn_compensation_supersedes_what_it_compensated(engine: Engine) -> None:
    case = finish(engine, thrown(engine), "Book", "B", "Cancel")
    assert open_tasks(engine, case) == ["C"]

    revisit(engine, case, "b")

    assert open_tasks(engine, case) == ["Book"]
    assert states(engine, case, "book") == ["(completed)", "active"]
    finish(engine, case, "Book", "B")
    assert open_tasks(engine, case) == ["Cancel"]


def test_revisiting_the_handler_of_a_drawn_compensation_does_the_activity_again_too(engine: Engine) -> None:
    case = finish(engine, thrown(engine), "Book", "B", "Cancel")

    revisit(engine, case, "cancel")

    assert open_tasks(engine, case) == ["Book"]


def test_what_the_diagram_has_compensated_is_not_put_right_again(engine: Engine) -> None:
    case = finish(engine, thrown(engine), "Book", "B", "Cancel")

    assert engine.preview(case.id, Revisit("book", reason="wrong")).effects == []


def test_a_compensation_that_has_not_ended_is_taken_back_and_what_it_was_for_put_right_once(
    engine: Engine,
) -> None:
    case = finish(engine, thrown(engine), "Book", "B")
    assert open_tasks(engine, case) == ["Cancel"]

    revisit(engine, case, "b")

    assert open_tasks(engine, case) == ["Cancel"]
    engine.do(case.id, Complete(task(engine, case, "Cancel").id))
    assert open_tasks(engine, case) == ["Book"]
