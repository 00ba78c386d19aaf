"""What PostgreSQL does for each workload: the plans of the statements as Nexus sends them."""

from collections.abc import Iterator, Mapping, Sequence

import psycopg
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from benchmarks.generator import HOST
from benchmarks.workloads import Workload
from nexus.bootstrap import open_container
from nexus.entrypoints.local.server import CannotRun
from tests.integration.statements import Sent, heard


def plans(
    workloads: Sequence[Workload], environ: Mapping[str, str]
) -> Iterator[tuple[Workload, str, str]]:
    """Give each statement for the first path of a workload, and its plan."""
    with (
        psycopg.connect(environ["DATABASE_URL"], autocommit=True) as db,
        open_container(environ) as container,
    ):
        client = container.http().test_client()
        for workload in workloads:
            for statement, values in sent_for(workload.paths[0], client):
                asked = f"EXPLAIN (ANALYZE, BUFFERS) {statement}".encode()
                # The second time, so that what has to be read from the disk lies in memory.
                db.execute(asked, values)
                plan = "\n".join(line for (line,) in db.execute(asked, values))
                yield workload, statement, plan


def sent_for(path: str, client: FlaskClient) -> list[Sent]:
    with capture_logs(), heard() as sent:
        answer = client.get(path, headers={"Host": HOST})
    if answer.status_code != 200:
        raise CannotRun(f"{path}: {answer.text}")
    return sent
