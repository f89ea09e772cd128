"""The examples in the README and in the page for developers run as they stand there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest


def examples(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def run(example: str, root: Path, folder: Path) -> str:
    (folder / "diagrams").symlink_to(root / "diagrams")
    done = subprocess.run(
        [sys.executable, "-c", example], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_embedding_example_runs_as_it_stands(root: Path, tmp_path: Path) -> None:
    [example] = examples(root / "README.md")

    assert run(example, root, tmp_path) == "['Ask the surveyor']"
    assert len(example.strip().splitlines()) <= 11


@pytest.mark.parametrize(("number", "said"), [(0, "completed True"), (1, "")])
def test_the_examples_for_developers_run_as_they_stand(
    root: Path, tmp_path: Path, number: int, said: str
) -> None:
    example = examples(root / "docs" / "embedding.md")[number]

    assert run(example, root, tmp_path).endswith(said)
