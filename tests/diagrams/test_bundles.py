"""A bundle is opened whole, or refused whole."""

from __future__ import annotations

import io
import stat
import zipfile
from contextlib import suppress

import pytest
from drawing import draw
from hypothesis import given
from hypothesis import strategies as st

from caseloom.diagrams import bundles
from caseloom.diagrams.bundles import unpack
from caseloom.engine.errors import DiagramError

DIAGRAM = draw("Register > Check")


def bundle(*files: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return packed.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(DiagramError) as refused:
        unpack("a.zip", data)
    return refused.value.findings[0].code


def test_a_bundle_gives_its_files_in_their_order():
    packed = bundle(("b.bpmn", DIAGRAM), ("forms/", b""), ("forms/a.form", b"{}"))

    assert unpack("a.zip", packed) == [("b.bpmn", DIAGRAM), ("forms/a.form", b"{}")]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../a.bpmn", "bundle-path"),
        ("a/../../b.bpmn", "bundle-path"),
        ("/a.bpmn", "bundle-path"),
        ("C:a.bpmn", "bundle-path"),
        ("a\\b.bpmn", "bundle-path"),
        ("a//b.bpmn", "bundle-path"),
        ("./a.bpmn", "bundle-path"),
        (".a.bpmn", "bundle-name"),
        (" a.bpmn", "bundle-name"),
        ("a\n.bpmn", "bundle-name"),
        ("a\u202enpmb.bpmn", "bundle-name"),
        ("e\u0301.bpmn", "bundle-name"),
        ("NUL.bpmn", "bundle-name"),
        ("<b>.bpmn", "bundle-name"),
        ("a" * 300 + ".bpmn", "bundle-name"),
        ("a.exe", "bundle-content"),
        ("a.zip", "bundle-content"),
    ],
)
def test_a_doubtful_name_refuses_the_bundle(name, code):
    assert refusal(bundle(("good.bpmn", DIAGRAM), (name, DIAGRAM))) == code


def test_the_same_name_twice_refuses_the_bundle():
    assert refusal(bundle(("a.bpmn", DIAGRAM), ("A.bpmn", DIAGRAM))) == "bundle-duplicate"


def test_archives_in_a_bundle_refuse_it_whatever_they_are_called():
    assert refusal(bundle(("a.bpmn", bundle(("b.bpmn", DIAGRAM))))) == "bundle-nested"


def test_bombs_refuse_the_bundle():
    assert refusal(bundle(("a.bpmn", b" " * 5_000_000))) == "bundle-bomb"
    assert refusal(bundle(*((f"{n}.bpmn", b"a") for n in range(bundles.MOST_FILES + 1)))) == "bundle-count"
    assert refusal(b"PK" + b" " * bundles.MOST_BYTES) == "bundle-size"


def test_links_refuse_the_bundle():
    link = zipfile.ZipInfo("a.bpmn")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16

    assert refusal(bundle((link, b"/etc/hostname"))) == "bundle-link"


def test_a_size_that_lies_refuses_the_bundle():
    packed = bundle(("a.bpmn", DIAGRAM))
    size = len(DIAGRAM).to_bytes(4, "little")

    assert refusal(packed.replace(size, (10).to_bytes(4, "little"))) in ("bundle-bomb", "bundle-damaged")


def test_nothing_and_no_zip_are_refused():
    assert refusal(b"") == "bundle-damaged"
    assert refusal(b"hello") == "bundle-damaged"
    assert refusal(bundle()) == "bundle-empty"


@given(st.integers(0, 300), st.binary(min_size=1, max_size=4))
def test_a_damaged_bundle_is_opened_or_refused(at, bytes_instead):
    packed = bundle(("a.bpmn", DIAGRAM), ("b.form", b"{}"))

    with suppress(DiagramError):
        unpack("a.zip", packed[:at] + bytes_instead + packed[at + len(bytes_instead) :])
