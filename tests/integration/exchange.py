"""Staff who send catalogues as files and fetch them, and the worker that does what they ask."""

import csv
from collections.abc import Callable, Sequence
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from tests.integration.shop import Shop, Visitor

MANY = 1000
OURS = {"internal.job_queued": ["run_job"]}


def csv_of(*rows: Sequence[object]) -> bytes:
    """Return rows as a file; the first names the columns."""
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def zip_of(**files: bytes) -> bytes:
    """Return an archive; two underscores in a name stand for a dot."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return file.getvalue()


def send(staff: Visitor, content: bytes, query: str = "") -> Any:
    answer = staff.client.post(
        f"/api/v1/catalog/import{query}",
        data={"file": (BytesIO(content), "catalogue.csv")},
        headers={"Authorization": f"Bearer {staff.token}"},
    )
    # The client leaves the file open that it has sent.
    answer.request.environ["wsgi.input"].close()
    return answer


def react_once(shop: Shop) -> int:
    """Do what is owed by now, as relay and worker would; return how much that was."""
    outbox, now = shop.container.outbox(), shop.container.clock()
    while outbox.expand(OURS, at=now(), limit=MANY):
        pass
    due = outbox.due(at=now(), limit=MANY)
    for reaction_id in due:
        shop.container.run_reaction()(reaction_id=reaction_id)
    return len(due)


def finish(shop: Shop, while_: Callable[[], object] = lambda: None) -> None:
    while react_once(shop):
        while_()


def imported(shop: Shop, staff: Visitor, *rows: Sequence[object], query: str = "") -> Any:
    """Import rows to the end, and return the job."""
    answer = send(staff, csv_of(*rows), query)
    assert answer.status_code == 202, answer.text
    finish(shop)
    return staff.get(f"/jobs/{answer.json['id']}").json
