import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Timer

import psycopg
import pytest
from redis import Redis

from nexus.entrypoints.local.ports import refuse_taken_ports
from nexus.entrypoints.local.postgres import Postgres
from nexus.entrypoints.local.server import CannotRun
from nexus.entrypoints.local.valkey import Valkey

pytestmark = pytest.mark.long

SUPERVISOR = """
import os, signal, sys
from pathlib import Path
from nexus.entrypoints.local.postgres import Postgres
from nexus.entrypoints.local.valkey import Valkey
home = Path(sys.argv[1])
Postgres(home / "postgres", home / "postgres.log").start()
Valkey(home / "valkey", home / "valkey.log").start()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def start_postgres(servers: ExitStack, home: Path) -> Postgres:
    postgres = Postgres(home / "postgres", home / "postgres.log")
    servers.callback(postgres.stop)
    home.mkdir(exist_ok=True)
    postgres.start()
    return postgres


def start_valkey(servers: ExitStack, home: Path) -> Valkey:
    valkey = Valkey(home / "valkey", home / "valkey.log")
    servers.callback(valkey.stop)
    home.mkdir(exist_ok=True)
    valkey.start()
    return valkey


def write(postgres: Postgres, word: str) -> None:
    with psycopg.connect(postgres.url()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])


def words(postgres: Postgres) -> list[str]:
    with psycopg.connect(postgres.url()) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM words")]


def kill(data: Path) -> None:
    os.kill(int((data / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGKILL)


class TestPostgres:
    def test_keeps_committed_rows_through_a_stop(self, servers: ExitStack, tmp_path: Path) -> None:
        postgres = start_postgres(servers, tmp_path)
        write(postgres, "kept")
        postgres.stop()

        assert words(start_postgres(servers, tmp_path)) == ["kept"]

    def test_keeps_committed_rows_through_kill_9(self, servers: ExitStack, tmp_path: Path) -> None:
        write(start_postgres(servers, tmp_path), "kept")
        kill(tmp_path / "postgres")

        assert words(start_postgres(servers, tmp_path)) == ["kept"]

    def test_keeps_them_though_it_is_killed_while_it_is_waited_for(
        self, servers: ExitStack, tmp_path: Path
    ) -> None:
        write(start_postgres(servers, tmp_path), "kept")
        pid = int((tmp_path / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, signal.SIGSTOP)
        Timer(0.5, os.kill, (pid, signal.SIGKILL)).start()

        assert words(start_postgres(servers, tmp_path)) == ["kept"]

    def test_starts_although_its_process_number_was_given_to_another(
        self, servers: ExitStack, tmp_path: Path
    ) -> None:
        postgres = start_postgres(servers, tmp_path)
        pid_file = tmp_path / "postgres" / "postmaster.pid"
        written = pid_file.read_text().split("\n", 1)
        postgres.stop()
        pid_file.write_text(f"{os.getpid()}\n{written[1]}")

        assert start_postgres(servers, tmp_path).running

    def test_says_that_the_data_is_of_another_version(
        self, servers: ExitStack, tmp_path: Path
    ) -> None:
        start_postgres(servers, tmp_path).stop()
        (tmp_path / "postgres" / "PG_VERSION").write_text("12\n")

        with pytest.raises(CannotRun, match="made by PostgreSQL 12"):
            start_postgres(servers, tmp_path)

    def test_works_where_the_path_is_too_long_for_a_socket(
        self, servers: ExitStack, tmp_path: Path
    ) -> None:
        home = tmp_path / ("long" * 25)

        write(start_postgres(servers, home), "kept")


class TestValkey:
    def test_keeps_what_it_held_through_kill_9(self, servers: ExitStack, tmp_path: Path) -> None:
        valkey = start_valkey(servers, tmp_path)
        with Redis.from_url(valkey.url()) as client:
            client.set("word", "kept")
            pid = client.info("server")["process_id"]
        os.kill(pid, signal.SIGKILL)

        with Redis.from_url(start_valkey(servers, tmp_path).url()) as client:
            assert client.get("word") == b"kept"

    def test_never_throws_work_away_for_lack_of_memory(
        self, servers: ExitStack, tmp_path: Path
    ) -> None:
        with Redis.from_url(start_valkey(servers, tmp_path).url()) as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_servers_that_outlived_their_supervisor_are_replaced(
    servers: ExitStack, tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-c", SUPERVISOR, str(tmp_path)], check=False)

    assert start_postgres(servers, tmp_path).running
    assert start_valkey(servers, tmp_path).running


def test_two_checkouts_do_not_disturb_each_other(servers: ExitStack, tmp_path: Path) -> None:
    mine = start_postgres(servers, tmp_path / "mine")
    yours = start_postgres(servers, tmp_path / "yours")

    write(mine, "mine")
    write(yours, "yours")

    assert (words(mine), words(yours)) == (["mine"], ["yours"])


def test_a_taken_port_is_named_with_the_variable_that_moves_it() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CannotRun, match=f"{port} is taken.*NEXUS_PORT"):
            refuse_taken_ports({"NEXUS_PORT": port})
