"""A service that ran before inserted work is gone back to runs again as another occurrence, or not at all."""

from __future__ import annotations

import pytest
from playing import finish, live, marking, open_tasks, rebuilt, start

from caseloom.adhoc import Insert, Revisit, Undo
from caseloom.engine import Case, Engine


def sent_after_a_check(engine: Engine) -> tuple[Case, list[str]]:
    """A letter was about to be sent; a check was put before it, done, and then the letter went out."""
    case = start(engine, "Register > !letter Send > File")
    finish(engine, case, "Register")
    engine.do(case.id, Insert("Check it", before="send", reason="careful"))
    finish(engine, case, "Check it")
    return case, [send(engine)]


def check_of(engine: Engine, case: Case) -> str:
    return next(
        one.id for one in engine.case(case.id).occurrences if one.name == "Check it" and one.effective
    )


def send(engine: Engine) -> str:
    [job] = engine.fetch_and_lock("letter", "w")
    engine.complete_job(job.id, "w", {})
    return job.idempotency_key


def test_the_letter_is_sent_again_under_another_key(engine: Engine) -> None:
    case, keys = sent_after_a_check(engine)

    engine.do(case.id, Revisit(check_of(engine, case), reason="not careful enough", effects="note"))
    assert open_tasks(engine, case) == ["Check it"]
    assert engine.fetch_and_lock("letter", "w") == []
    finish(engine, case, "Check it")
    keys.append(send(engine))

    assert len(set(keys)) == 2
    assert marking(live(engine, case.id)) == marking(rebuilt(engine, case.id))
    finish(engine, case, "File")


def test_a_letter_whose_result_is_kept_is_not_sent_again(engine: Engine) -> None:
    case, _ = sent_after_a_check(engine)

    engine.do(case.id, Revisit(check_of(engine, case), reason="not careful enough", effects="keep"))
    finish(engine, case, "Check it")

    assert engine.fetch_and_lock("letter", "w") == []
    assert open_tasks(engine, case) == ["File"]


@pytest.mark.parametrize("answer", ["note", "keep", "correct"])
def test_the_change_can_be_undone(engine: Engine, answer: str) -> None:
    case, _ = sent_after_a_check(engine)
    before = marking(live(engine, case.id))

    engine.do(case.id, Revisit(check_of(engine, case), reason="not careful enough", effects=answer), by="ada")
    engine.do(case.id, Undo(engine.history(case.id)[-1].change_id or ""), by="ada")

    assert marking(live(engine, case.id)) == before
    assert open_tasks(engine, case) == ["File"]
