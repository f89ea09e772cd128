"""A production diagram for Camunda 7 deploys unchanged and runs to each of its ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from playing import Clock, states

from caseloom.engine import Engine, Job
from caseloom.engine.results import Status

FILE = Path(__file__).parents[2] / ".." / "shared" / "corpus" / "camunda7" / "process-e-signing.bpmn"
TOPICS = [
    "AddOngoingSigningSignalTask",
    "InitiateSigningTask",
    "AddSigningIdTask",
    "CheckSigningStatusTask",
    "AddSignedDocumentTask",
    "AddMetadataToDocumentTask",
    "HandleNotSignedDocumentTask",
    "ExecuteCallbackTask",
    "RemoveOngoingSigningSignalTask",
]

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the diagram is not beside this checkout")


@pytest.mark.parametrize("callback", [True, False])
@pytest.mark.parametrize("answers", [["Completed"], ["Active", "Active", "Completed"], ["Active", "Expired"]])
def test_it_runs_to_each_of_its_ends(
    engine: Engine, clock: Clock, answers: list[str], callback: bool
) -> None:
    ran: list[str] = []
    left = list(answers)
    for topic in TOPICS:

        @engine.service(topic)
        def serve(job: Job) -> dict[str, str]:
            ran.append(job.topic)
            if job.topic == "CheckSigningStatusTask":
                return {"comfactSigningStatus": left.pop(0)}
            return {}

    engine.deploy(FILE)
    case = engine.start("process-e-signing", {"waitDuration": "R/PT1H", "callbackPresent": callback})
    while left:
        clock.forward(hours=1)
        assert engine.run_due() == 1

    assert engine.case(case.id).status is Status.COMPLETED
    signed = answers[-1] == "Completed"
    assert ran.count("CheckSigningStatusTask") == len(answers)
    assert ("AddSignedDocumentTask" in ran, "HandleNotSignedDocumentTask" in ran) == (signed, not signed)
    assert ("ExecuteCallbackTask" in ran) == callback
    assert states(engine, case, "end_process") == ["completed"]
