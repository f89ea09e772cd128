"""Opens a `.zip` of diagrams, tables and forms in memory; a doubtful bundle is refused whole.

Nothing is written to disk, and no name from an archive is ever used as a path; names are refused all the
same when they could mislead a person or a file system that sees them later.
"""

from __future__ import annotations

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from typing import NoReturn

from caseloom.engine.errors import DiagramError, Finding, Severity

MOST_BYTES = 10_000_000
MOST_FILES = 500
MOST_UNPACKED = 30_000_000
MOST_EACH = 10_000_000
MOST_RATIO = 200  # deflate reaches 1000; XML that people drew stays below 50

_SUFFIXES = (".bpmn", ".dmn", ".form", ".xml", ".json")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_DEVICES = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_ODD = re.compile(r"""[<>:"|?*\\;'`$&]""")
_LONGEST_NAME = 200


def unpack(name: str, data: bytes) -> list[tuple[str, bytes]]:
    """The files of a bundle as (name, bytes), in the archive's order; raises DiagramError.

    At most 500 files and 30 MB; flat or in folders, which stay part of the name.
    """
    if len(data) > MOST_BYTES:
        _refuse(name, "bundle-size", f"The bundle has {len(data):,} bytes; at most {MOST_BYTES:,} are read.")
    if data.count(b"PK\x01\x02") > 2 * MOST_FILES:
        _refuse(name, "bundle-count", f"The bundle has more than {MOST_FILES} files.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _files(name, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise DiagramError(
            [
                Finding(
                    name, None, 0, Severity.ERROR, "bundle-damaged", f"The bundle cannot be opened: {error}."
                )
            ]
        ) from error


def _refuse(bundle: str, code: str, message: str) -> NoReturn:
    raise DiagramError([Finding(bundle, None, 0, Severity.ERROR, code, message)])


def _files(bundle: str, archive: zipfile.ZipFile) -> list[tuple[str, bytes]]:
    entries = archive.infolist()
    _guard_whole(bundle, entries)
    for entry in entries:
        _guard_name(bundle, entry.orig_filename)
        _guard_entry(bundle, entry)
    files = [entry for entry in entries if not entry.is_dir()]
    if not files:
        _refuse(bundle, "bundle-empty", "The bundle is empty.")
    for entry in files:
        _guard_suffix(bundle, entry.filename)

    return [(entry.filename, _content(bundle, archive, entry)) for entry in files]


def _guard_whole(bundle: str, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        _refuse(bundle, "bundle-count", f"The bundle has more than {MOST_FILES} files.")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        _refuse(bundle, "bundle-bomb", f"Unpacked, the bundle has more than {MOST_UNPACKED:,} bytes.")
    seen: set[str] = set()
    for entry in entries:
        key = unicodedata.normalize("NFKC", entry.orig_filename).casefold()
        if key in seen:
            _refuse(bundle, "bundle-duplicate", f"“{_shown(entry.orig_filename)}” is in the bundle twice.")
        seen.add(key)


def _guard_name(bundle: str, path: str) -> None:
    shown = _shown(path)
    if path.startswith("/") or "\\" in path or re.match(r"^[A-Za-z]:", path):
        _refuse(bundle, "bundle-path", f"“{shown}” is not a relative path with forward slashes.")
    for part in path.removesuffix("/").split("/"):
        if part in ("", ".", ".."):
            _refuse(bundle, "bundle-path", f"“{shown}” leads out of the bundle, or nowhere.")
        if not _plain(part):
            _refuse(
                bundle, "bundle-name", f"“{shown}” is not a name for a file: use letters, digits, “-”, “_”."
            )


def _plain(part: str) -> bool:
    return (
        len(part.encode("utf-8", "replace")) <= _LONGEST_NAME
        and part == part.strip(" .")
        and part == unicodedata.normalize("NFC", part)
        and not part.startswith(".")
        and not _DEVICES.match(part)
        and not _ODD.search(part)
        and not any(unicodedata.category(letter)[0] == "C" for letter in part)
    )


def _guard_entry(bundle: str, entry: zipfile.ZipInfo) -> None:
    shown = _shown(entry.orig_filename)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        _refuse(bundle, "bundle-link", f"“{shown}” is a link or a device, not a file.")
    if entry.flag_bits & _ENCRYPTED:
        _refuse(bundle, "bundle-encrypted", f"“{shown}” is encrypted.")
    if entry.compress_type not in _METHODS:
        _refuse(bundle, "bundle-method", f"“{shown}” is compressed in an unusual way: use plain deflate.")
    if entry.file_size > MOST_EACH or entry.file_size > MOST_RATIO * max(entry.compress_size, 100):
        _refuse(bundle, "bundle-bomb", f"“{shown}” unpacks to {entry.file_size:,} bytes: that is too much.")


def _guard_suffix(bundle: str, path: str) -> None:
    if not path.lower().endswith(_SUFFIXES):
        _refuse(
            bundle,
            "bundle-content",
            f"“{_shown(path)}” is neither .bpmn, .dmn nor .form: leave it out of the bundle.",
        )


def _content(bundle: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    # The sizes in the directory may lie, so reading stops by itself.
    with archive.open(entry) as file:
        data = file.read(entry.file_size + 1)
    if len(data) > entry.file_size:
        _refuse(bundle, "bundle-bomb", f"“{_shown(entry.filename)}” is longer than the bundle says.")
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        _refuse(bundle, "bundle-nested", f"“{_shown(entry.filename)}” is an archive inside the bundle.")
    return data


def _shown(path: str) -> str:
    """A name as it may be printed: nothing invisible, nothing endless."""
    safe = "".join(letter if letter.isprintable() else "�" for letter in path)
    return safe if len(safe) <= 60 else f"{safe[:57]}…"
