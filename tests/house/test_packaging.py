"""What setup.cfg says is what the tree holds, and what a wheel brings."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from importlib.metadata import version
from pathlib import Path

import pytest

FOLDERS = ("adhoc", "diagrams", "engine", "storage", "web")
NOT_INSTALLED = ("web/frontend/", "__pycache__/")


def files_of_the_product(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in (root / folder).rglob("*"):
            place = f"{path.relative_to(root).as_posix()}/"
            if path.is_file() and not any(part in place for part in NOT_INSTALLED):
                yield path


def test_every_package_of_the_tree_is_in_setup_cfg_and_no_other(
    root: Path, setup: ConfigParser, package_folders: Mapping[str, Path]
) -> None:
    inits = [path for path in files_of_the_product(root) if path.name == "__init__.py"]
    tree = {".".join(("caseloom", *path.parent.relative_to(root).parts)): path.parent for path in inits}
    tree["caseloom"] = root / "caseloom"

    listed = set(setup["options"]["packages"].split())

    assert sorted(tree.keys() - listed) == [], "add these to `packages` in setup.cfg"
    assert sorted(listed - tree.keys()) == [], "take these out of `packages` in setup.cfg"
    assert dict(package_folders) == tree, (
        "`package_dir` in setup.cfg: one line `caseloom.x.y = x/y` for each package"
    )


def test_every_file_of_the_tree_is_installed(
    root: Path, setup: ConfigParser, package_folders: Mapping[str, Path]
) -> None:
    data = {
        path
        for package, patterns in setup["options.package_data"].items()
        for pattern in patterns.split()
        for path in package_folders[package].glob(pattern)
    }
    modules = {path for folder in package_folders.values() for path in folder.glob("*.py")}

    left = [
        path.relative_to(root).as_posix() for path in files_of_the_product(root) if path not in data | modules
    ]

    assert left == [], "cover these in `[options.package_data]` in setup.cfg"


def test_spiffworkflow_is_pinned_to_the_version_that_is_installed(setup: ConfigParser) -> None:
    pins = [line for line in setup["options"]["install_requires"].splitlines() if "SpiffWorkflow" in line]

    assert pins == ["SpiffWorkflow == 3.2.0"]
    assert version("SpiffWorkflow") == "3.2.0"


@pytest.mark.slow
def test_a_wheel_holds_the_code_the_pages_the_bundles_and_the_diagrams(root: Path, tmp_path: Path) -> None:
    copy = copied(root, tmp_path / "source")

    wheels = str(tmp_path / "wheels")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "--wheel-dir", wheels, str(copy)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    [wheel] = Path(wheels).glob("caseloom-*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())

    expected = {f"caseloom/{path.relative_to(copy).as_posix()}" for path in files_of_the_product(copy)}
    bundles = {
        "htmx.js",
        "caseloom-viewer.js",
        "caseloom-viewer.css",
        "caseloom-form.js",
        "caseloom-modeler.js",
    }
    assert sorted(expected - inside) == []
    assert {f"caseloom/web/static/vendor/{name}" for name in bundles} <= inside
    assert not [name for name in inside if "frontend" in name or "node_modules" in name]
    assert installed(wheel, tmp_path / "installed") == "3 folders beside each other"


def installed(wheel: Path, target: Path) -> str:
    """What a Python that sees only the wheel says of it."""
    zipfile.ZipFile(wheel).extractall(target)
    program = (
        f"import sys; sys.path.insert(0, {str(target)!r})\n"
        "import caseloom.engine.errors, caseloom.diagrams, caseloom.adhoc\n"
        "ours = [module for name, module in sys.modules.items() if name.startswith('caseloom.')]\n"
        f"assert all(module.__file__.startswith({str(target)!r}) for module in ours)\n"
        "print('3 folders beside each other')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=target.parent
    )
    return done.stdout.strip() or done.stderr


def copied(root: Path, target: Path) -> Path:
    """The tree without what tools left in it, so that building it here leaves no trace there."""
    leave = shutil.ignore_patterns(
        ".git",
        ".venv",
        "node_modules",
        "__pycache__",
        "build",
        "dist",
        "*.egg-info",
        ".*_cache",
        ".hypothesis",
        "*.db*",
    )
    return Path(shutil.copytree(root, target, ignore=leave, symlinks=True))
