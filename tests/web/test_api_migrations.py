"""Another version for running cases, over HTTP."""

from __future__ import annotations

import pytest
from calling import house
from drawing import draw

OLD = draw("Register > ( Check plot | Check applicant ) > Draft", key="lease")
NEW = draw("Register > ( Check plot | Check the tenant #tenant ) > Draft > Send", key="lease")


@pytest.fixture
def ours():
    with house(anna=["clerks"], mara=["case-managers"]) as opened:
        opened.mara.deploy(lease=OLD)
        yield opened


def test_one_case_is_migrated_by_the_command(ours):
    case = ours.mara.post("/cases", {"key": "lease"}).json
    ours.mara.deploy(lease=NEW)
    order = {"command": "Migrate", "version": 2, "mapping": {"check_applicant": "tenant"}}

    assert ours.anna.post(f"/cases/{case['id']}/commands", order).status_code == 403
    assert ours.mara.post(f"/cases/{case['id']}/preview", order).json["refusal"] is None
    assert ours.mara.post(f"/cases/{case['id']}/commands", order).json["version"] == 2


def test_many_are_migrated_each_by_itself_and_the_preview_changes_nothing(ours):
    first = ours.mara.post("/cases", {"key": "lease"}).json
    second = ours.mara.post("/cases", {"key": "lease"}).json
    ours.mara.deploy(lease=NEW)
    wanted = {"key": "lease", "version": 2, "mapping": {"check_applicant": "tenant"}, "reason": "new law"}

    told = ours.mara.post("/migrations", {**wanted, "preview": True}).json
    assert told == [{"case_id": one["id"], "change_id": None, "refusal": None} for one in (first, second)]
    done = ours.mara.post("/migrations", {**wanted, "case_ids": [first["id"]]}).json

    assert [one["case_id"] for one in done] == [first["id"]]
    assert done[0]["change_id"]
    assert [ours.engine.case(one["id"]).version for one in (first, second)] == [2, 1]


def test_the_counterparts_of_two_versions_are_told(ours):
    ours.mara.deploy(lease=NEW)

    found = ours.mara.get("/migrations/counterparts?key=lease&from_version=1&version=2").json

    assert {one["element_id"]: one["becomes"] for one in found}["check_applicant"] is None
    assert {one["element_id"]: one["found"] for one in found}["draft"] == "id"
