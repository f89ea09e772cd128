"""The example in the README runs as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def test_the_embedding_example_runs_as_it_stands(root: Path, tmp_path: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (tmp_path / "diagrams").symlink_to(root / "diagrams")

    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['Ask the surveyor']"
    assert len(example.strip().splitlines()) <= 11
