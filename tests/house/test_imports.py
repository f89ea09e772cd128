"""Who imports whom, as ARCHITECTURE.md has it; imports inside functions and lazy names count too."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

FOLDERS = ("adhoc", "diagrams", "engine", "storage", "web")

OURS_MAY_IMPORT = {
    "web": FOLDERS,
    "adhoc": ("adhoc", "engine"),
    "engine": ("engine", "storage", "diagrams"),
    "storage": ("storage", "engine.errors", "engine.expressions.values"),
    "diagrams": ("diagrams", "engine.errors", "engine.expressions", "engine.decisions"),
}

FOREIGN_BELONGS_TO = {
    "SpiffWorkflow": ("engine/flow/",),
    "sqlalchemy": ("storage/",),
    "alembic": ("storage/",),
    "flask": ("web/",),
    "flask_wtf": ("web/",),
    "jinja2": ("web/",),
    "markupsafe": ("web/",),
    "werkzeug": ("web/",),
    "lxml": ("diagrams/", "engine/flow/", "engine/decisions/"),
}


def sources(root: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        yield from (path for path in (root / folder).rglob("*.py") if "frontend" not in path.parts)


@pytest.fixture(scope="module")
def modules(root: Path) -> Mapping[str, Path]:
    """Every module of ours by its full name."""
    return {module_name(path, root): path for path in sources(root)}


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(("caseloom", *parts)).removesuffix(".__init__")


def imported(name: str, path: Path, modules: Mapping[str, Path]) -> Iterator[tuple[str, int]]:
    """What a module imports, with the line, also by a string that is a dotted name of ours."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = resolved(node, package)
            for alias in node.names:
                whole = f"{origin}.{alias.name}"
                yield (whole if whole in modules else origin), node.lineno
        elif isinstance(node, ast.Constant) and node.value in modules:
            yield str(node.value), node.lineno


def resolved(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""

    parts = package.split(".")
    base = parts[: len(parts) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def all_imports(modules: Mapping[str, Path], root: Path) -> Iterator[tuple[str, str, str]]:
    """(folder/file.py:line, what it is part of, what it imports)."""
    for name, path in modules.items():
        for target, line in imported(name, path, modules):
            yield f"{path.relative_to(root).as_posix()}:{line}", name.split(".")[1], target


def within(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def test_each_folder_imports_only_the_folders_it_may(modules: Mapping[str, Path], root: Path) -> None:
    broken = [
        f"{place} imports {target}"
        for place, folder, target in all_imports(modules, root)
        if target.startswith("caseloom.") and not within(target[len("caseloom.") :], OURS_MAY_IMPORT[folder])
    ]

    assert not broken, "\n".join(broken)


def test_every_foreign_package_is_a_declared_dependency(
    modules: Mapping[str, Path], root: Path, setup: ConfigParser
) -> None:
    wanted = setup["options"]["install_requires"] + setup["options.extras_require"]["postgres"]
    declared = {
        re.split(r"[^\w.-]", line)[0].lower().replace("_", "-") for line in wanted.split("\n") if line
    }
    brings = packages_distributions()

    undeclared = {
        f"{place} imports {top}"
        for place, _, target in all_imports(modules, root)
        if (top := target.split(".")[0]) not in {*sys.stdlib_module_names, "caseloom"}
        and not {name.lower().replace("_", "-") for name in brings.get(top, ())} & declared
    }

    assert not undeclared, "add to `install_requires` in setup.cfg:\n" + "\n".join(sorted(undeclared))


def test_other_folders_are_imported_by_their_full_name(modules: Mapping[str, Path], root: Path) -> None:
    broken = [
        f"{place} imports {target}"
        for place, _, target in all_imports(modules, root)
        if target.split(".")[0] in FOLDERS
    ]

    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(("foreign", "homes"), FOREIGN_BELONGS_TO.items(), ids=FOREIGN_BELONGS_TO)
def test_a_foreign_package_stays_where_it_belongs(
    foreign: str, homes: tuple[str, ...], modules: Mapping[str, Path], root: Path
) -> None:
    broken = [
        f"{place} imports {target}"
        for place, _, target in all_imports(modules, root)
        if target.split(".")[0] == foreign and not place.startswith(homes)
    ]

    assert not broken, "\n".join(broken)


def test_the_scheduler_is_known_to_one_file(modules: Mapping[str, Path], root: Path) -> None:
    files = {
        place.rpartition(":")[0]
        for place, _, target in all_imports(modules, root)
        if target.split(".")[0] == "apscheduler"
    }

    assert len(files) <= 1, files


@pytest.mark.parametrize("package", ["caseloom.engine", "caseloom.diagrams", "caseloom.storage"])
def test_importing_a_folder_loads_nothing_heavy(package: str) -> None:
    heavy = ["SpiffWorkflow", "sqlalchemy", "flask", "lxml", "apscheduler"]

    loaded = run(f"import sys, {package}; print([name for name in {heavy} if name in sys.modules])")

    assert loaded == "[]"


def test_the_engine_alone_never_loads_the_ad_hoc_layer(modules: Mapping[str, Path]) -> None:
    engine = [name for name in modules if within(name, ("caseloom.engine",))]

    loaded = run(
        "import importlib, sys\n"
        f"for name in {engine}: importlib.import_module(name)\n"
        "print([name for name in sys.modules if name.startswith(('caseloom.adhoc', 'caseloom.web'))])"
    )

    assert loaded == "[]"


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_rules_see_every_kind_of_import(tmp_path: Path) -> None:
    file = tmp_path / "case.py"
    file.write_text(
        "from . import facts\n"
        "from ..storage import rows\n"
        "def later():\n"
        "    import flask\n"
        "NAMES = {'x': 'caseloom.web'}\n"
    )
    known = {"caseloom.engine.facts": file, "caseloom.web": file, "caseloom.storage": file}

    seen = {target for target, _ in imported("caseloom.engine.case", file, known)}

    assert seen == {"caseloom.engine.facts", "caseloom.storage", "flask", "caseloom.web"}
