"""Lets every test say `from drawing import draw`.

Test modules are imported by path (import-mode=importlib), so the folder of the shared
test libraries has to be put on the module path by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
