"""Opening, migrating, refusing and surviving: what the database promises as a whole."""

from __future__ import annotations

import signal
import subprocess
import sys
import warnings
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from threading import Thread

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from caseloom.engine.errors import Conflict, Invalid
from caseloom.storage import migration
from caseloom.storage.database import Database
from caseloom.storage.errors import Damaged, NewerSchema, StorageDown
from caseloom.storage.migration import VERSION_TABLE
from caseloom.storage.records import (
    DecisionRecord,
    DefinitionRecord,
    DeploymentRecord,
    FileRecord,
    FormRecord,
    IncidentRecord,
    TokenRecord,
    UserRecord,
)
from caseloom.storage.tables import metadata

# Starts cases one after the other, and says so only when a commit has returned.
WRITER = """
import sys
from datetime import UTC, datetime
from caseloom.storage.database import Database
from caseloom.storage.records import CaseRecord, EntryRecord

at = datetime(2026, 3, 1, tzinfo=UTC)
database = Database(sys.argv[1])
for number in range(100_000):
    name = f"{sys.argv[2]}-{number}"
    with database.begin() as transaction:
        transaction.append_entry(EntryRecord(name, 1, at=at, by=None, command="Start", payload="[]"))
        transaction.insert_case(
            CaseRecord(name, definition_id="d", key="k", version=1, revision=1, data="{}", created_at=at)
        )
    print(name, flush=True)
"""


def outside(url):
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


def test_a_killed_writer_loses_nothing_that_was_acknowledged(shared_url):
    with closing(Database(shared_url)) as database:
        database.migrate()
    acknowledged = set()
    for attempt in range(3):
        command = [sys.executable, "-c", WRITER, shared_url, str(attempt)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            for _ in range(20 + 7 * attempt):
                acknowledged.add(writer.stdout.readline().strip())
            writer.send_signal(signal.SIGKILL)
            # A last line may be torn; what was printed whole was acknowledged.
            rest = writer.stdout.read().split("\n")[:-1]
            acknowledged.update(line.strip() for line in rest)

    with closing(Database(shared_url)) as database, database.read() as reader:
        kept = {case.id for case in reader.cases(limit=None)}
        assert acknowledged <= kept
        assert len(kept) - len(acknowledged) <= 3
        assert list(reader.integrity()) == []


def test_the_migrations_make_what_the_tables_say(shared_url):
    with closing(Database(shared_url)) as database:
        database.migrate()
    engine = outside(shared_url)

    with engine.connect() as connection, warnings.catch_warnings():
        # On SQLite an index on an expression cannot be read back, so there it is not compared.
        warnings.filterwarnings("ignore", message=".*expression-based index")
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert differences == []


def test_open_tasks_from_before_that_name_nobody_are_for_anybody(shared_url, a_case, a_task):
    engine = outside(shared_url)
    with engine.begin() as connection:
        steps = Config()
        steps.set_main_option("script_location", str(Path(migration.__file__).parent / "migrations"))
        steps.attributes["connection"] = connection
        command.upgrade(steps, "0004")
    with closing(Database(shared_url)) as database, database.begin() as transaction:
        transaction.insert_case(a_case("case-1"))
        transaction.insert_tasks([a_task("free"), a_task("taken", assignee="ada")])
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM caseloom_task_candidates")
    engine.dispose()

    with closing(Database(shared_url)) as database:
        database.migrate()
        with database.read() as reader:
            assert [task.id for task in reader.tasks(for_user="bo")] == ["free"]


def test_several_may_migrate_at_the_same_time(shared_url):
    troubles = []

    def migrate():
        try:
            with closing(Database(shared_url)) as database:
                database.migrate()
        except Exception as trouble:  # noqa: BLE001 - a thread must tell whatever happened
            troubles.append(trouble)

    threads = [Thread(target=migrate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert troubles == []


def test_a_newer_schema_is_refused_by_name(shared_url):
    with closing(Database(shared_url)) as database:
        database.migrate()
    engine = outside(shared_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = 'from-the-future'")
    engine.dispose()

    with closing(Database(shared_url)) as database, pytest.raises(NewerSchema, match="from-the-future"):
        database.migrate()


@pytest.mark.parametrize(("fast_commit", "level"), [(False, 2), (True, 1)])
def test_sqlite_is_as_durable_as_was_asked_for(tmp_path, fast_commit, level):
    with closing(Database(f"sqlite:///{tmp_path / 'a.db'}", fast_commit=fast_commit)) as database:
        database.migrate()
        with database.begin() as transaction:
            pragma = transaction._connection.exec_driver_sql
            assert pragma("PRAGMA synchronous").scalar() == level
            assert pragma("PRAGMA journal_mode").scalar() == "wal"
            assert pragma("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize(
    ("url", "answer", "sentence"),
    [
        ("mysql://there/db", Invalid, "“mysql” databases are not supported"),
        ("cases.db", Invalid, "cannot be read"),
        ("sqlite:////nowhere/at/all/cases.db", StorageDown, "cannot be opened"),
    ],
)
def test_a_database_that_cannot_be_used_is_refused_with_a_sentence(url, answer, sentence):
    with pytest.raises(answer, match=sentence):
        Database(url)


@pytest.mark.postgres
def test_postgresql_never_commits_fast(postgres_url):
    with pytest.raises(Invalid, match="setting of SQLite"):
        Database(postgres_url, fast_commit=True)


@pytest.mark.postgres
def test_a_server_that_went_away_is_down_and_then_back(postgres_url):
    import psycopg

    with closing(Database(postgres_url)) as database:
        database.migrate()
        with closing(psycopg.connect(postgres_url, autocommit=True)) as other, pytest.raises(StorageDown):
            lose_the_server(database, other)
        with database.read() as reader:
            assert reader.cases() == []


def lose_the_server(database, other):
    ours = "datname = current_database() AND pid <> pg_backend_pid()"
    with database.begin() as transaction:
        other.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")
        transaction.cases()


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "a.db").write_text("a letter to my aunt, which is no database at all" * 100)

    with pytest.raises(StorageDown, match="not an SQLite database"):
        Database(f"sqlite:///{tmp_path / 'a.db'}")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"business_key": "a\0b"}, "NUL character"),
        ({"business_key": "\ud83d"}, "half of a surrogate pair"),
        ({"business_key": "ä" * 300}, "at most 512 bytes"),
        ({"version": 2**63}, "too large a number"),
        ({"data": '"\ud83d"'}, "half of a surrogate pair"),
    ],
)
def test_what_one_database_could_not_keep_is_refused_on_each(database, a_case, fields, sentence):
    with pytest.raises(Invalid, match=sentence), database.begin() as transaction:
        transaction.insert_case(a_case(**fields))


def test_a_moment_without_a_zone_is_refused(database, a_case, noon):
    with pytest.raises(Invalid, match="no time zone"), database.begin() as transaction:
        transaction.insert_case(a_case(created_at=noon.replace(tzinfo=None)))


def definition(version, noon, key="order"):
    return DefinitionRecord(
        f"{key}:{version}",
        key=key,
        version=version,
        name="Order",
        deployment_id="d-1",
        file_name="order.bpmn",
        element_id=key,
        created_at=noon,
        payload='{"messages":["paid"]}',
    )


def test_what_was_deployed_is_found_again(database, noon):
    data = b"<xml/>\0"
    file = FileRecord("d-1", "order.bpmn", kind="bpmn", data=data, sha256=sha256(data).hexdigest())
    decision = DecisionRecord("r:1", key="r", version=1, name=None, deployment_id="d-1", file_name="r.dmn")
    forms = [
        FormRecord(f"f:{n}", key="f", version=n, deployment_id=f"d-{n}", file_name="f.form") for n in (1, 2)
    ]
    with database.begin() as transaction:
        transaction.add_deployment(DeploymentRecord("d-1", created_at=noon, by="ada"))
        transaction.add_file(file)
        for found in (definition(1, noon), definition(2, noon), definition(1, noon, "lease")):
            transaction.add_definition(found)
        transaction.add_decision(decision)
        for form in forms:
            transaction.add_form(form)

    with database.read() as reader:
        assert reader.deployments() == [DeploymentRecord("d-1", created_at=noon, by="ada")]
        assert reader.file("d-1", "order.bpmn") == file
        assert reader.digests("d-1") == {"order.bpmn": file.sha256}
        assert reader.definition("order:1") == reader.definition_version("order", 1) == definition(1, noon)
        assert reader.latest_definition("order") == definition(2, noon)
        assert [found.id for found in reader.latest_definitions()] == ["lease:1", "order:2"]
        assert [found.id for found in reader.definitions("order")] == ["order:1", "order:2"]
        assert reader.decision("r:1") == reader.latest_decision("r") == decision
        assert reader.form("f") == forms[1]
        assert reader.form("f", "d-1") == forms[0]


def test_a_version_is_deployed_once(database, noon):
    with database.begin() as transaction:
        transaction.add_definition(definition(1, noon))

    with pytest.raises(Conflict), database.begin() as transaction:
        transaction.add_definition(definition(1, noon))


def test_a_file_that_is_not_what_was_uploaded_is_damaged(database):
    with database.begin() as transaction:
        transaction.add_file(FileRecord("d", "a.bpmn", kind="bpmn", data=b"<b/>", sha256="0" * 64))

    with database.read() as reader, pytest.raises(Damaged, match=r"a\.bpmn"):
        reader.file("d", "a.bpmn")


def test_people_tokens_and_settings_are_kept(database, noon):
    token = TokenRecord("hash", user_id="ada", name="laptop", created_at=noon, expires_at=noon)
    with database.begin() as transaction:
        transaction.put_user(UserRecord("ada", name="Ada", groups=("clerks",)))
        transaction.put_user(
            UserRecord("ada", name="Ada L.", password_hash="x", groups=("heads",), is_admin=True)
        )
        transaction.add_token(token)
        assert transaction.keep_setting("secret", "first") == "first"
        assert transaction.keep_setting("secret", "second") == "first"

    with database.read() as reader:
        ada = UserRecord("ada", name="Ada L.", password_hash="x", groups=("heads",), is_admin=True)
        assert reader.user("ada") == ada
        assert reader.users() == [ada]
        assert reader.token("hash") == token
        assert reader.tokens("ada") == [token]
        assert reader.setting("secret") == "first"
    with database.begin() as transaction:
        transaction.drop_token("hash")
        assert transaction.token("hash") is None


def test_an_incident_is_recorded_whatever_the_failure_said(database, a_case, noon):
    incident = IncidentRecord(
        "i", case_id="case-1", element_id="e", kind="service", message="no\0paper \ud83d", at=noon
    )
    with database.begin() as transaction:
        transaction.insert_case(a_case())
        transaction.insert_incidents([incident])

    with database.begin() as transaction:
        assert transaction.incident("i").message == "no\ufffdpaper ?"
        assert [found.id for found in transaction.incidents(case_id="case-1", limit=5)] == ["i"]
        transaction.delete_incidents("case-1", ["i"])
        assert transaction.incidents() == []
