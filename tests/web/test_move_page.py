"""Moving running cases to another version, on the pages and by HTTP."""

from __future__ import annotations

from drawing import draw

NEWER = draw(
    "Register > ( Check plot <groups=survey> | Check the tenant #tenant ) > Draft > Approve > Send",
    key="lease",
    name="Lease",
)


def deploy_newer(engine):
    return engine.deploy(("lease.bpmn", NEWER)).definitions[0]


def test_an_analyst_maps_what_has_changed_looks_and_moves(engine, case, anna, find, page):
    newer = deploy_newer(engine)
    other = engine.start("lease", {}, version=1, by="anna")
    path = f"/diagrams/{newer.id}/move"

    shown = anna.get(path)
    assert [label.text_content().split()[0] for label in page(shown).xpath("//label")] == ["Check", "Why?"]

    sent = {"source": "1", "to-check_applicant": "tenant", "reason": "the new law"}
    seen = anna.post(f"{path}/preview", sent)
    assert seen.status_code == 200, seen.get_data(as_text=True)[-3000:]
    assert "2 of 2 would move" in find(seen, "fates")[0]
    assert engine.case(case.id).version == 1

    moved = anna.post(path, sent)
    assert "2 cases moved to version 2." in moved.get_data(as_text=True)
    assert {engine.case(one.id).version for one in (case, other)} == {2}


def test_a_case_that_does_not_fit_stays_and_says_why(engine, case, anna, find):
    for name in ("register", "check_plot", "check_applicant", "draft"):
        engine.do(case.id, _complete(engine, case, name), by="anna")
    newer = deploy_newer(engine)

    moved = anna.post(
        f"/diagrams/{newer.id}/move", {"source": "1", "to-check_applicant": "tenant", "reason": "the new law"}
    )

    assert "L-1" in find(moved, "fates")[0]
    assert "cannot go to version 2" in find(moved, "fates")[0]
    assert engine.case(case.id).version == 1


def _complete(engine, case, element):
    from caseloom.engine import Complete

    return Complete(next(task.id for task in engine.tasks(case_id=case.id) if task.element_id == element))


def test_a_move_without_a_reason_is_refused(engine, case, anna):
    newer = deploy_newer(engine)

    assert anna.post(f"/diagrams/{newer.id}/move", {"source": "1"}).status_code == 422
    assert engine.case(case.id).version == 1


def test_where_no_case_follows_another_version_there_is_nothing_to_move(engine, case, anna):
    definition = engine.definitions("lease")[0]

    assert "No case to move" in anna.get(f"/diagrams/{definition.id}/move").get_data(as_text=True)
