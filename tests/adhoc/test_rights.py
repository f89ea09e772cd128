"""Who may bend what, with people given: the groups of the element, else of its process, else who may work it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from drawing import draw
from playing import Clock, finish, open_tasks, task

from caseloom.adhoc import Decide, Insert, Revisit, Skip, options
from caseloom.engine import Case, Engine, Person
from caseloom.engine.commands import Command
from caseloom.engine.errors import NotAllowed

PEOPLE = {
    "ann": Person("ann", ["clerks"]),
    "ben": Person("ben", ["bosses"]),
    "cleo": Person("cleo", ["others"]),
    "mia": Person("mia", ["case-managers"]),
}
LINE = "A <groups=clerks> > B <groups=clerks> > C <groups=clerks> > D"


@pytest.fixture
def house(clock: Clock) -> Iterator[Engine]:
    with Engine("sqlite://", clock=clock, people=PEOPLE.get) as opened:
        yield opened


def started(house: Engine, **attributes: dict[str, str]) -> Case:
    """A is done, B waits."""
    given = {id: {f"caseloom:{name}": value for name, value in own.items()} for id, own in attributes.items()}
    house.deploy(("drawn.bpmn", draw(LINE, attributes=given)))

    return finish(house, house.start("case"), "A")


def who_may(house: Engine, case: Case, command: Command) -> list[str]:
    return [person for person in PEOPLE if house.preview(case.id, command, by=person).refusal is None]


SKIP = Skip("b", reason="x")
SKIP_LATER = Skip("c", reason="x", when="next")
REVISIT = Revisit("a", reason="x")
INSERT = Insert("X", before="b")


def test_without_a_word_in_the_diagram_whoever_may_work_it_may_bend_it_and_case_managers(
    house: Engine,
) -> None:
    case = started(house)

    assert who_may(house, case, SKIP) == ["ann", "mia"]
    assert who_may(house, case, INSERT) == ["ann", "mia"]


@pytest.mark.parametrize(
    ("command", "name"), [(SKIP, "skipGroups"), (REVISIT, "revisitGroups"), (INSERT, "insertGroups")]
)
def test_the_groups_of_the_element_may_and_nobody_else(house: Engine, command: Command, name: str) -> None:
    case = started(house, **{key: {name: "bosses"} for key in ("a", "b")})

    assert who_may(house, case, command) == ["ben"]


@pytest.mark.parametrize(
    ("command", "name"), [(SKIP, "skipGroups"), (REVISIT, "revisitGroups"), (INSERT, "insertGroups")]
)
def test_an_empty_list_is_nobody_not_even_a_case_manager(house: Engine, command: Command, name: str) -> None:
    case = started(house, **{key: {name: ""} for key in ("a", "b")})

    assert who_may(house, case, command) == []


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (SKIP, "skipGroups"),
        (SKIP_LATER, "skipGroups"),
        (REVISIT, "revisitGroups"),
        (INSERT, "insertGroups"),
        (Insert("X"), "insertGroups"),
    ],
)
def test_the_process_says_it_for_elements_that_say_nothing(
    house: Engine, command: Command, name: str
) -> None:
    case = started(house, case={name: "bosses,others"})

    assert who_may(house, case, command) == ["ben", "cleo"]


def test_an_element_says_it_before_its_process(house: Engine) -> None:
    case = started(house, case={"skipGroups": "bosses"}, b={"skipGroups": "others"})

    assert who_may(house, case, SKIP) == ["cleo"]
    assert who_may(house, case, SKIP_LATER) == ["ben"]


def test_a_gateway_is_decided_by_whom_the_process_lets_skip(house: Engine) -> None:
    drawn = draw("A > [ x > 1: B | else: C ]", attributes={"case": {"caseloom:skipGroups": "bosses"}})
    house.deploy(("drawn.bpmn", drawn))
    case = finish(house, house.start("case"), "A")

    assert who_may(house, case, Decide("choice_1", ["choice_1__b"], reason="x")) == ["ben"]
    assert [one.id for one in options(house, case.id, by="ben").decide] == ["choice_1"]
    assert list(options(house, case.id, by="ann").decide) == []


def test_a_person_nobody_knows_may_nothing(house: Engine) -> None:
    case = started(house)

    with pytest.raises(NotAllowed, match="zoe"):
        house.do(case.id, SKIP, by="zoe")
    with pytest.raises(NotAllowed, match="zoe"):
        options(house, case.id, by="zoe")


def test_the_program_itself_may_all(house: Engine) -> None:
    case = started(house, **{key: {"skipGroups": "", "insertGroups": ""} for key in ("a", "b")})

    house.do(case.id, INSERT)
    finish(house, case, "X")
    house.do(case.id, SKIP)

    assert open_tasks(house, case) == ["C"]


@pytest.mark.parametrize("person", list(PEOPLE))
def test_options_list_what_this_person_may(house: Engine, person: str) -> None:
    case = started(
        house,
        a={"revisitGroups": "bosses"},
        b={"skipGroups": "others", "insertGroups": "clerks"},
        c={"skipGroups": "", "insertGroups": "bosses"},
    )

    found = options(house, case.id, by=person)

    for target in found.skip:
        when = "now" if target.occurrence_id else "next"
        assert house.preview(case.id, Skip(target.id, reason="x", when=when), by=person).refusal is None
    for target in found.revisit:
        assert house.preview(case.id, Revisit(target.id, reason="x"), by=person).refusal is None
    for anchor in found.insert:
        place = {} if anchor.kind == "case" else {anchor.kind: anchor.id}
        assert house.preview(case.id, Insert("X", **place), by=person).refusal is None  # type: ignore[arg-type]
    own = task(house, case, "B").id
    assert (own in [one.id for one in found.skip]) == (who_may(house, case, SKIP).count(person) == 1)
    assert bool(found.revisit) == (person in who_may(house, case, REVISIT))


def test_a_case_manager_passes_a_point_of_no_return_by_name(house: Engine) -> None:
    case = started(house, b={"pointOfNoReturn": "true"})
    finish(house, case, "B", by="ann")

    assert "ann" not in who_may(house, case, REVISIT)
    assert "mia" in who_may(house, case, REVISIT)


def test_the_refusal_says_who_may(house: Engine) -> None:
    case = started(house, b={"skipGroups": "bosses"})

    with pytest.raises(NotAllowed, match="ann may not skip “B”: only bosses may"):
        house.do(case.id, SKIP, by="ann")
