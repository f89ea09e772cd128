"""Text can be read on its ground, in the light and in the dark (WCAG 2.2, 1.4.3: 4.5 to 1)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "web" / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
LIGHT, DARK = TOKENS.split("@media (prefers-color-scheme: dark)")
TEXT_ON_GROUND = [
    *(("ink", ground) for ground in ("paper", "surface", "surface-2", "sunken", "grey-tint")),
    *(("ink-2", ground) for ground in ("paper", "surface", "surface-2", "sunken", "grey-tint")),
    *(("ink-3", ground) for ground in ("paper", "surface", "surface-2")),
    *((name, "surface") for name in ("indigo", "madder", "green", "amber", "red")),
    *((name, "paper") for name in ("indigo", "madder")),
    *((name, f"{name}-tint") for name in ("madder", "green", "amber", "red")),
    ("indigo-strong", "indigo-tint"),
    ("ink", "indigo-tint"),
    ("ink", "madder-tint"),
    ("ink-3", "indigo-tint"),
    ("on-indigo", "indigo"),
    ("on-indigo", "indigo-strong"),
]


def colours(scheme):
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", LIGHT))
    return light if scheme == "light" else light | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", DARK))


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read_on_its_ground(scheme, text, ground):
    known = colours(scheme)

    assert contrast(known[text], known[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_focus_can_be_seen(scheme):
    known = colours(scheme)

    assert contrast(known["focus"], known["paper"]) >= 3
