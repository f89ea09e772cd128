"""What is committed works on any machine: no path of one machine, no address of a package registry."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

# Written in pieces, so that this file does not name what it forbids.
REGISTRIES = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("registry", "npmjs"),
            ("registry", "yarnpkg"),
            ("pypi", "org"),
            ("files", "pythonhosted"),
            ("deb", "debian", "org"),
            ("cdn", "jsdelivr"),
            ("unpkg", "com"),
        )
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.}>)/-])/(?:home|root|work|Users)/[\w.]")


@pytest.fixture(scope="module")
def tracked(root: Path) -> list[Path]:
    if not (root / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files are tracked")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True)
    return [root / name for name in listed.stdout.split("\0") if name]


def lines(files: list[Path], root: Path) -> Iterator[tuple[str, str]]:
    for path in files:
        if path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
            yield f"{path.relative_to(root).as_posix()}:{number}", line


@pytest.mark.parametrize(
    "forbidden", [REGISTRIES, MACHINE_PATHS], ids=["registry addresses", "machine paths"]
)
def test_no_tracked_file_names(forbidden: re.Pattern[str], tracked: list[Path], root: Path) -> None:
    found = [
        f"{place}: {line.strip()[:100]}" for place, line in lines(tracked, root) if forbidden.search(line)
    ]

    assert found == []


def test_the_bundles_and_their_packages_are_not_committed(tracked: list[Path], root: Path) -> None:
    names = [path.relative_to(root).as_posix() for path in tracked]

    assert [name for name in names if "node_modules/" in name or name.startswith("web/static/vendor/")] == []


def test_the_lock_file_records_versions_and_checksums_but_no_addresses(root: Path) -> None:
    lock = json.loads((root / "web/frontend/package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []


def test_the_browser_packages_are_pinned_exactly(root: Path) -> None:
    package = json.loads((root / "web/frontend/package.json").read_text(encoding="utf-8"))
    wanted = {**package["dependencies"], **package["devDependencies"]}

    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_scripts_are_executable_and_links_point_into_the_tree(tracked: list[Path], root: Path) -> None:
    scripts = [path for path in tracked if path.parent.name == ".ci"]
    links = [path for path in tracked if path.is_symlink()]

    assert [path.name for path in scripts if not path.stat().st_mode & 0o100] == []
    assert [path.name for path in links if not path.resolve().is_relative_to(root)] == []


def test_the_links_between_documents_lead_somewhere(tracked: list[Path], root: Path) -> None:
    documents = [path for path in tracked if path.suffix == ".md"]

    dead = [
        f"{document.relative_to(root)}: {link}"
        for document in documents
        for link in re.findall(
            r"(?<!!)\[[^\]]*\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")
        )
        if not (document.parent / link).exists()
    ]

    assert dead == []
