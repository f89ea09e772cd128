"""What the token's user is told about their own work: tasks that were taken away, or came back."""

from __future__ import annotations

from caseloom.engine.results import Notice
from caseloom.web.api.asked import the_user
from caseloom.web.api.operations import Operations
from caseloom.web.context import the_engine

notices = Operations()


@notices.get("/notices", gives=list[Notice])
def find() -> list[Notice]:
    """What is not put away yet, newest first; at most 50."""
    return the_engine().notices(the_user())


@notices.post("/notices/{notice_id}/dismiss")
def dismiss(notice_id: str) -> None:
    """Puts a notice away."""
    the_engine().dismiss_notice(notice_id, by=the_user())
