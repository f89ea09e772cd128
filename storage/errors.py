"""What the storage answers besides the errors that everybody knows.

CaseloomError
├── StorageDown        the database is away, full or read-only; nothing was lost, try again later
├── NewerSchema        a newer release of Caseloom has written this database
├── Damaged            something stored is not what was written
│   └── CorruptCase    … and it belongs to one case; the others are not touched by it
└── Conflict
    └── RepeatedRequest    this request id was already carried out
"""

from __future__ import annotations

from caseloom.engine.errors import CaseloomError, Conflict


class StorageDown(CaseloomError):
    """The database cannot be reached or does not take anything now."""


class NewerSchema(CaseloomError):
    def __init__(self, found: str) -> None:
        self.found = found
        super().__init__(
            f"The database was written by a newer release of Caseloom (its schema is “{found}”, "
            "which this release does not know). Install that release or use another database."
        )


class Damaged(CaseloomError):
    """Something stored does not fit its checksum."""


class CorruptCase(Damaged):
    """`seq` is the journal row that is damaged; None where it is the case's own row."""

    def __init__(self, case_id: str, seq: int | None = None) -> None:
        self.case_id = case_id
        self.seq = seq
        place = "its row" if seq is None else f"row {seq} of its journal"
        super().__init__(
            f"Case {case_id} is damaged: {place} does not fit its checksum. Restore it from a backup."
        )


class RepeatedRequest(Conflict):
    def __init__(self) -> None:
        super().__init__("This request was already carried out.")


class StoreChanged(Conflict):
    """Two cases wrote to the same data store at the same time; the later one has to read it again."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The data store “{name}” was changed by another case meanwhile: try it again.")
