"""Caseloom: drawn processes, and work outside the drawing.

The packages stand at the root of the repository (`engine/`, `adhoc/`, …) and are installed below this
one. In a source checkout nothing is installed in their place, so the root goes first on the path here.
"""

from pathlib import Path

_root = Path(__file__).resolve().parent.parent
if (_root / "setup.cfg").is_file() and (_root / "engine").is_dir():
    __path__.insert(0, str(_root))
