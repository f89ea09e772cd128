"""Data stores: what cases share beyond their own files."""

from __future__ import annotations

from caseloom.engine.results import DataStore
from caseloom.web.api.operations import Operations
from caseloom.web.context import the_engine

stores = Operations()


@stores.get("/stores", gives=list[DataStore])
def find() -> list[DataStore]:
    """The data stores that something was written to, by name."""
    return the_engine().stores()


@stores.get("/stores/{name}", gives=DataStore)
def show(name: str) -> DataStore:
    """One data store with its value, and the case that wrote it."""
    return the_engine().store(name)
