"""What a request says: who asks, the body, the parameters, and what makes it safe to send twice."""

from __future__ import annotations

import re
from typing import Any, NoReturn

from flask import g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized, UnsupportedMediaType

from caseloom.engine.errors import Invalid
from caseloom.web.api import shapes, text
from caseloom.web.context import the_engine, the_people
from caseloom.web.tokens import Tokens

_REVISION = re.compile(r'(?:W/)?"(\d{1,18})"|(\d{1,18})')
LONGEST_KEY = 255


def let_in() -> None:
    """Finds the person of the token. Raises Unauthorized; a cookie is never looked at."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        _unknown({"realm": "caseloom"})
    engine = the_engine()
    user = Tokens(engine.database).user_of(token.strip(), engine.clock())
    if user is None or the_people().find(user) is None:
        _unknown({"realm": "caseloom", "error": "invalid_token"})
    g.user = user


def _unknown(values: dict[str, str | None]) -> NoReturn:
    raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", values))


def the_user() -> str:
    return str(g.user)


def the_json() -> Any:
    if not request.is_json:
        raise UnsupportedMediaType("Send JSON, with “Content-Type: application/json”.")
    return text.parsed(request.get_data(cache=False))


def the_query(kind: type) -> Any:
    """The parameters of the address, as the dataclass that declares them."""
    return shapes.query(kind, request.args.to_dict(flat=False))


def the_key() -> str | None:
    """`Idempotency-Key`: the same key twice is one effect."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    key = key.strip().strip('"')
    if not key or len(key) > LONGEST_KEY:
        raise Invalid(f"“Idempotency-Key” is a text of 1 to {LONGEST_KEY} characters.")
    return key


def the_revision() -> int | None:
    """`If-Match`: the revision that the case must still be at."""
    sent = request.headers.get("If-Match")
    if sent is None or sent.strip() == "*":
        return None
    found = _REVISION.fullmatch(sent.strip())
    if found is None:
        raise Invalid(f'“If-Match: {sent}” is not the revision of a case, such as "7".')
    return int(found[1] or found[2])
