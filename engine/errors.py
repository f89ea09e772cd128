"""What we answer when a command cannot be carried out.

    CaseloomError
    ├── NotFound      it is not there
    ├── NotAllowed    it is not for you
    ├── Conflict      it is there, but not in that state (taken, done, stale)
    │   ├── AlreadyDone
    │   └── Superseded
    └── Invalid       what you sent makes no sense
        ├── DiagramError
        └── ExpressionError

An error of ours is an answer to a person: a sentence that names the thing and says
what to do. Any other exception is a bug; nobody catches it, and it is logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class CaseloomError(Exception):
    """The root of every answer that is not a result."""


class NotFound(CaseloomError):
    """It is not there."""


class NotAllowed(CaseloomError):
    """It is not for you."""


class Conflict(CaseloomError):
    """It is there, but not in the state that you assume."""


class AlreadyDone(Conflict):
    def __init__(self, task_name: str) -> None:
        self.task_name = task_name
        super().__init__(f"“{task_name}” is already done: someone was quicker.")


class Superseded(Conflict):
    def __init__(self, task_name: str) -> None:
        self.task_name = task_name
        super().__init__(f"“{task_name}” was withdrawn: a change to the case took it back.")


class Invalid(CaseloomError):
    """What you sent makes no sense."""


class ExpressionError(Invalid):
    """An expression that cannot be read or computed.

    `line` and `column` count from 1 and point into the expression's own text.
    """

    def __init__(self, message: str, *, text: str = "", line: int = 1, column: int = 1) -> None:
        self.text = text
        self.line = line
        self.column = column
        super().__init__(message)


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or doubtful, in a diagram; `line` counts from 1, 0 is the file as a whole."""

    file: str
    element_id: str | None
    line: int
    severity: Severity
    code: str
    message: str


class DiagramError(Invalid):
    """A file that was not deployed; `findings` says why, each with its element."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = list(findings)
        worst = [finding for finding in self.findings if finding.severity is Severity.ERROR]
        shown = "; ".join(f"{finding.file}: {finding.message}" for finding in worst[:3])
        more = f" (and {len(worst) - 3} more)" if len(worst) > 3 else ""
        super().__init__(f"{shown}{more}")
