"""Data stores: one value for all cases, written with the command and never by a replay."""

from __future__ import annotations

import pytest
from playing import Clock, marking, rebuilt, reloaded

from caseloom.adhoc import Revisit
from caseloom.engine import Complete, Engine
from caseloom.engine.errors import Conflict, NotFound

_TAKES_ONE = b"""
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:caseloom:tests">
  <dataStore id="stock" name="Stock"/>
  <process id="take" isExecutable="true">
    <dataStoreReference id="shelf" dataStoreRef="stock"/>
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="ask"/>
    <userTask id="ask" name="Ask"/>
    <sequenceFlow id="f2" sourceRef="ask" targetRef="take_one"/>
    <task id="take_one" name="Take one">
      <ioSpecification><dataInput id="there" name="there"/></ioSpecification>
      <dataInputAssociation><sourceRef>shelf</sourceRef><targetRef>there</targetRef></dataInputAssociation>
      <dataOutputAssociation><targetRef>shelf</targetRef><transformation>there - 1</transformation>
      </dataOutputAssociation>
    </task>
    <sequenceFlow id="f3" sourceRef="take_one" targetRef="pack"/>
    <userTask id="pack" name="Pack"/>
    <sequenceFlow id="f4" sourceRef="pack" targetRef="end"/>
    <endEvent id="end"/>
  </process>
</definitions>"""


@pytest.fixture
def engine():
    with Engine("sqlite://", clock=Clock()) as engine:
        engine.deploy(("take.bpmn", _TAKES_ONE))
        yield engine


def done(engine, case):
    engine.do(case.id, Complete(engine.tasks(case_id=case.id)[0].id), by="ada")


def test_cases_share_what_is_in_a_store(engine):
    engine.write_store("Stock", 10)

    for case in (engine.start("take"), engine.start("take")):
        done(engine, case)

    store = engine.store("Stock")
    assert (store.name, store.value, store.revision, store.case_id) == ("Stock", 8, 3, case.id)
    assert engine.stores() == [store]


def test_a_store_outlives_its_engine(tmp_path):
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    with Engine(url) as engine:
        engine.write_store("Stock", {"bolts": [1, 2]})

    with Engine(url) as engine:
        assert engine.store("Stock").value == {"bolts": [1, 2]}


def test_a_store_that_nothing_was_written_to_is_not_found(engine):
    with pytest.raises(NotFound, match="Stock"):
        engine.store("Stock")


def test_the_journal_says_what_was_read_and_written_and_a_replay_asks_no_store(engine):
    engine.write_store("Stock", 10)
    case = engine.start("take")
    done(engine, case)
    engine.write_store("Stock", 99)

    (fact,) = [
        fact for entry in engine.history(case.id) for fact in entry.facts if fact["element_id"] == "take_one"
    ]
    assert (fact["read"], fact["stores"]) == ({"Stock": 10}, {"Stock": 9})
    assert marking(rebuilt(engine, case.id)) == marking(reloaded(engine, case.id))
    assert engine.store("Stock").value == 99


def test_a_revisit_names_the_write_as_an_effect_and_does_not_take_it_back(engine):
    engine.write_store("Stock", 10)
    case = engine.start("take")
    done(engine, case)

    preview = engine.preview(case.id, Revisit("ask", reason="wrong"))
    assert [effect.occurrence.element_id for effect in preview.effects] == ["take_one"]
    with pytest.raises(Conflict, match="Take one"):
        engine.do(case.id, Revisit("ask", reason="wrong"))
    engine.do(case.id, Revisit("ask", reason="wrong", effects="note"))
    assert engine.store("Stock").value == 9

    done(engine, case)
    assert engine.store("Stock").value == 8


def test_a_preview_writes_nothing(engine):
    engine.write_store("Stock", 10)
    case = engine.start("take")

    engine.preview(case.id, Complete(engine.tasks(case_id=case.id)[0].id))

    assert engine.store("Stock").value == 10


def test_a_case_whose_store_was_changed_meanwhile_reads_it_again(engine, monkeypatch):
    engine.write_store("Stock", 10)
    case = engine.start("take")
    world = type(engine.door.look(engine.door.fresh(case.id)).world)
    read, pending = world.store, [1]

    def read_and_be_overtaken(self, name):
        found = read(self, name)
        if pending:
            pending.pop()
            engine.write_store(name, 50)
        return found

    monkeypatch.setattr(world, "store", read_and_be_overtaken)
    done(engine, case)

    assert engine.store("Stock").value == 49


def test_a_step_that_fails_writes_to_no_store(engine):
    engine.write_store("Stock", "none")
    case = engine.start("take")

    done(engine, case)

    (incident,) = engine.case(case.id).incidents
    assert incident.element_id == "take_one"
    assert engine.store("Stock").value == "none"
