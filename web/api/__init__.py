"""The HTTP interface: REST under `/api/v1`, and `/health`. An application of its own beside the pages.

It knows who asks by a bearer token only, never by a cookie. Every path stands in one table of operations
(`operations`), from which the routes and the OpenAPI document are made. `docs/http.md` is its page for users.
"""
