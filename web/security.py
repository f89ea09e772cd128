"""What every answer of the pages carries, and where a person may be sent after signing in.

The content policy allows our own scripts and style sheets, and nothing written into a page: no inline script,
no eval. bpmn-js and dmn-js set colours and sizes of what they draw by style attributes, so these are allowed.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def protect(app: Flask) -> None:
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_NAME="caseloom",
        MAX_CONTENT_LENGTH=32 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        # A task may stay open in a browser for days; the token lives as long as the session.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.after_request(_with_headers)


def _with_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def where_from(otherwise: str) -> str:
    """The page of this site that sent the request."""
    came_from = request.referrer
    return came_from if came_from and came_from.startswith(request.host_url) else otherwise


def safe_path(wanted: str | None, otherwise: str) -> str:
    """`wanted` if it is a path of this site, else `otherwise`: nobody is led elsewhere by a link to us."""
    if not wanted or not wanted.startswith("/") or wanted[1:2] in ("/", "\\"):
        return otherwise
    if any(ord(letter) < 0x20 for letter in wanted):
        return otherwise
    parts = urlsplit(wanted)
    return otherwise if parts.scheme or parts.netloc else wanted
