"""The table of operations: what each path takes and gives. Routes and OpenAPI document are made from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from caseloom.engine.errors import Invalid
from caseloom.engine.results import Case
from caseloom.web.api import asked, shapes
from caseloom.web.api.answers import answer, written
from caseloom.web.api.schemas import Schema, Schemas

View = Callable[..., Any]
PREFIX = "/api/v1"
JSON = "application/json"
MOST = 1000


class Repeat(StrEnum):
    """What `Idempotency-Key` does: it is used, it is not needed, or it cannot be kept and is refused."""

    KEPT = "kept"
    NEEDLESS = "needless"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent: how it is read from the request, and its schema."""

    read: Callable[[], Any]
    schema: Callable[[Schemas], Schema]
    media: Sequence[str] = (JSON,)


def json_body(kind: Any) -> Body:
    """An object with the fields of a dataclass."""
    return Body(lambda: shapes.record(kind, asked.the_json()), lambda schemas: schemas.of(kind))


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `gives` is the type of the answer (None: no content), `media` its type."""

    method: str
    path: str
    view: View
    _: KW_ONLY
    gives: Any = None
    status: int = 200
    body: Body | None = None
    query: Any = None
    repeat: Repeat = Repeat.NEEDLESS
    revision: bool = False
    public: bool = False
    media: str = JSON

    @property
    def paged(self) -> bool:
        return self.query is not None and "after" in shapes.members(self.query)

    @property
    def rule(self) -> str:
        return self.path.replace("{", "<").replace("}", ">")

    @property
    def id(self) -> str:
        return f"{self.view.__module__.rpartition('.')[2]}.{self.view.__name__}"


@dataclass(frozen=True, slots=True)
class Operations:
    """The operations of one module, in their order."""

    prefix: str = PREFIX
    all: list[Operation] = field(default_factory=list)

    def get(self, path: str, **rest: Any) -> Callable[[View], View]:
        return self._add("GET", path, rest)

    def post(self, path: str, **rest: Any) -> Callable[[View], View]:
        return self._add("POST", path, rest)

    def delete(self, path: str, **rest: Any) -> Callable[[View], View]:
        return self._add("DELETE", path, rest)

    def _add(self, method: str, path: str, rest: dict[str, Any]) -> Callable[[View], View]:
        def added(view: View) -> View:
            self.all.append(Operation(method, self.prefix + path, view, **rest))
            return view

        return added


def serving(operation: Operation) -> Callable[..., Response]:
    """The operation as Flask calls it."""

    def serve(**names: str) -> Response:
        _guard_headers(operation)
        sent: list[Any] = []
        if operation.query is not None:
            sent.append(_within_bounds(asked.the_query(operation.query)))
        elif request.args:
            raise Invalid(f"There is no parameter “{next(iter(request.args))}” here.")
        if operation.body is not None:
            sent.append(operation.body.read())
        return _answered(operation, operation.view(*names.values(), *sent), sent)

    return serve


def _guard_headers(operation: Operation) -> None:
    """A header that promises something is kept or refused, never passed over."""
    if operation.method == "GET":
        return
    if operation.repeat is Repeat.REFUSED and asked.the_key() is not None:
        raise Invalid("“Idempotency-Key” cannot be kept here: sent twice, this is done twice.")
    if not operation.revision and asked.the_revision() is not None:
        raise Invalid("“If-Match” belongs to the commands of a case.")


def _within_bounds(wanted: Any) -> Any:
    limit = getattr(wanted, "limit", 1)
    if not 1 <= limit <= MOST:
        raise Invalid(f"“limit” lies between 1 and {MOST}.")
    return wanted


def _answered(operation: Operation, value: Any, sent: Sequence[Any]) -> Response:
    if isinstance(value, Response):
        return value
    if operation.gives is None:
        return Response(status=204)
    links = {}
    if operation.paged and len(value) > sent[0].limit:
        value = value[: sent[0].limit]
        links["Link"] = f'<{_next_page(value[-1])}>; rel="next"'
    response = Response(written(answer(value)), operation.status, links, content_type=operation.media)
    if isinstance(value, Case):
        _tell_revision(response, value, operation.status)
    return response


def _next_page(last: Any) -> str:
    """The same question, from behind the last one of this page."""
    after = last.seq if hasattr(last, "seq") else last.id
    others = [(name, one) for name, one in request.args.items(multi=True) if name != "after"]
    return f"{request.path}?{urlencode([*others, ('after', after)])}"


def _tell_revision(response: Response, case: Case, status: int) -> None:
    response.set_etag(str(case.revision))
    if status == 201:
        response.headers["Location"] = f"{PREFIX}/cases/{case.id}"
    if request.method == "GET":
        response.make_conditional(request)
