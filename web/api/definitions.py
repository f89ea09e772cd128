"""Diagrams: deploy them, and look at what is deployed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, request
from werkzeug.exceptions import UnsupportedMediaType

from caseloom.engine.errors import Invalid, NotFound
from caseloom.engine.results import Definition, Deployment, Form
from caseloom.web.api.asked import the_user
from caseloom.web.api.operations import Body, Operations
from caseloom.web.api.schemas import Schema, Schemas
from caseloom.web.context import the_engine
from caseloom.web.finding import definition_of, start_form_of

definitions = Operations()

MULTIPART, ZIP, XML = "multipart/form-data", "application/zip", "application/xml"
Files = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class DefinitionQuery:
    key: str | None = None


def _files() -> Files:
    if request.mimetype == ZIP:
        return [("bundle.zip", request.get_data(cache=False))]
    if request.mimetype != MULTIPART:
        raise UnsupportedMediaType(f"Send the files as {MULTIPART}, or one bundle as {ZIP}.")
    for name in request.form:
        raise Invalid(f"“{name}” is not a file: give each part a file name.")
    sent = [file for name in request.files for file in request.files.getlist(name)]
    return [(file.filename or "", file.stream.read()) for file in sent]


def _upload(schemas: Schemas) -> Schema:
    return {
        "type": "object",
        "description": "Files of any name; a .zip is a bundle. As application/zip, the body is the bundle.",
        "additionalProperties": {"type": "string", "format": "binary"},
    }


@definitions.post("/deployments", body=Body(_files, _upload, (MULTIPART, ZIP)), gives=Deployment, status=201)
def deploy(files: Files) -> Deployment:
    """Stores diagrams, tables and forms together, or none of them. The same bytes again: the same version."""
    return the_engine().deploy(*files, by=the_user())


@definitions.get("/definitions", query=DefinitionQuery, gives=list[Definition])
def find(wanted: DefinitionQuery) -> list[Definition]:
    """Deployed definitions by key and version."""
    return the_engine().definitions(wanted.key)


@definitions.get("/definitions/{definition_id}", gives=Definition)
def show(definition_id: str) -> Definition:
    """One version of one process."""
    return definition_of(definition_id)


@definitions.get("/definitions/{definition_id}/xml", gives=bytes, media=XML)
def xml(definition_id: str) -> Response:
    """The diagram, byte for byte as it was deployed."""
    return Response(the_engine().library.diagram(definition_id), content_type=XML)


@definitions.get("/definitions/{definition_id}/form", gives=Form)
def form(definition_id: str) -> Form:
    """What is asked when a case is started by hand."""
    asked, _ = start_form_of(definition_of(definition_id).id)
    if asked is None:
        raise NotFound("This process starts without a form.")
    return asked
