"""A message on its way, and whom it goes to: values that a job or a row can hold until they are delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from caseloom.engine.flow.thrown import Thrown
from caseloom.engine.ids import new_id, thrower
from caseloom.engine.projection import POST
from caseloom.storage.payload import decode, encode
from caseloom.storage.records import CaseRecord, JobRecord, MessageRecord, SubscriptionRecord

GRACE = timedelta(seconds=5)  # the process that has stored it delivers it at once; after that, any clock


@dataclass(frozen=True, slots=True)
class Message:
    """`named`: its id was given by whoever sent it, and is accepted once. `properties` are those of a thrown one."""

    id: str
    name: str
    _: KW_ONLY
    data: Mapping[str, Any] = field(default_factory=dict)
    case_id: str | None = None
    business_key: str | None = None
    correlation: Any = None
    named: bool = False
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sender(self) -> str | None:
        """The case that threw it, if it comes from one."""
        return thrower(self.id)

    @property
    def own_id(self) -> str | None:
        return self.id if self.named else None

    @property
    def vague(self) -> bool:
        """Does nothing but its name say whom it is for?"""
        return not self.addressed and self.correlation is None and not self.properties

    @property
    def addressed(self) -> bool:
        return self.case_id is not None or self.business_key is not None

    def record(self, at: datetime) -> MessageRecord:
        criteria = self.properties or self.correlation
        key = None if criteria is None else encode(criteria)
        return MessageRecord(
            self.id, name=self.name, case_id=self.case_id, business_key=self.business_key, correlation=key,
            payload=encode(self.data), at=at,
        )  # fmt: skip

    @classmethod
    def kept(cls, record: MessageRecord) -> Message:
        criteria = None if record.correlation is None else decode(record.correlation)
        thrown = thrower(record.id) is not None
        return cls(
            record.id, record.name, data=decode(record.payload), case_id=record.case_id,
            business_key=record.business_key, named=not thrown, correlation=None if thrown else criteria,
            properties=(criteria or {}) if thrown else {},
        )  # fmt: skip

    def _row(self) -> dict[str, Any]:
        return {
            "id": self.id, "name": self.name, "data": self.data, "case": self.case_id, "key": self.business_key,
            "correlation": self.correlation, "named": self.named, "properties": self.properties,
        }  # fmt: skip

    def job(self, at: datetime, to: Addressee | None = None) -> JobRecord:
        """What is left to do until it is delivered, to `to` where that is decided already."""
        place = f">{to.case_id or to.definition_id}.{to.element_id}" if to else ""
        return JobRecord(
            f"{self.id}{place}", kind=POST, element_id=to.element_id if to else "", due_at=at + GRACE,
            payload=encode({**self._row(), "to": to.row() if to else None}),
        )  # fmt: skip

    @classmethod
    def left(cls, job: JobRecord) -> Message:
        row = decode(job.payload)
        return cls(
            row["id"], row["name"], data=row["data"], case_id=row["case"], business_key=row["key"],
            correlation=row["correlation"], named=row["named"], properties=row["properties"],
        )  # fmt: skip

    @classmethod
    def thrown(cls, id: str, thrown: Thrown, sender: CaseRecord) -> Message:
        return cls(
            id, thrown.name, data=thrown.data, business_key=sender.business_key, properties=thrown.properties
        )


def a_look_for_kept(case_id: str, at: datetime) -> JobRecord:
    """Left by a case that begins to wait for what may have come already."""
    return JobRecord(
        f"{new_id(at)}>{case_id}",
        kind=POST,
        element_id="",
        due_at=at + GRACE,
        payload=encode({"look": case_id}),
    )


def looks_for_kept(job: JobRecord) -> str | None:
    """The case that is to be given what came early; None where the job is a message."""
    case_id = decode(job.payload).get("look")
    return str(case_id) if case_id else None


@dataclass(frozen=True, slots=True)
class Addressee:
    """What takes a message: an occurrence of a case that waits for it, or what it starts of a definition.

    `part` is the name under which the process waits for what starts it; `talk` are the properties of the message,
    as it reads them.
    """

    element_id: str
    _: KW_ONLY
    case_id: str | None = None
    occurrence_id: str = ""
    definition_id: str | None = None
    part: str | None = None
    talk: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, one: SubscriptionRecord, talk: Mapping[str, Any] | None = None) -> Addressee:
        return cls(
            one.element_id, case_id=one.case_id, occurrence_id=one.occurrence_id or "", talk=talk or {}
        )

    def row(self) -> list[Any]:
        return [
            self.element_id, self.case_id, self.occurrence_id, self.definition_id, self.part, dict(self.talk),
        ]  # fmt: skip

    @classmethod
    def left(cls, job: JobRecord) -> Addressee | None:
        """None where it is still open who it is for."""
        found = decode(job.payload).get("to")
        if found is None:
            return None
        element, case_id, occurrence, definition, part, talk = found
        return cls(
            element, case_id=case_id, occurrence_id=occurrence, definition_id=definition, part=part, talk=talk
        )
