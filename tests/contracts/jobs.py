"""What is promised of jobs, and of products by the hundred, in memory and in SQL."""

from datetime import UTC, datetime, timedelta

import pytest

from nexus.application.ports.exchange import Slice, SliceGone
from nexus.application.ports.work import StartWork
from nexus.domain.images import ProductImage
from nexus.domain.jobs import Job, JobNotFound, JobStatus, RowError
from nexus.domain.shared import AlreadyExists, Stale, new_id
from tests.contracts.catalog import coffee, kept, variant_of

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def job(store: StartWork) -> Job:
    """Return one that is kept, of three steps."""
    made = Job.queue("test", {"file_name": "a.csv", "dry_run": False}, by=new_id(), at=NOON)
    made.total = 3
    with store() as work:
        work.jobs.add(made)
    return made


class JobsContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    def test_return_one_as_it_was_kept(self, store: StartWork) -> None:
        made = job(store)

        with store() as work:
            found = work.jobs.lock(made.id)
            assert found == made
            found.begin(at=NOON)
            found.report(2, {"created": 2}, [RowError(3, "price", "Not a price.")])
            work.jobs.advance(found)

        with store() as work:
            assert work.jobs.lock(made.id) == found
            assert found.status is JobStatus.RUNNING

    def test_refuse_an_unknown_one(self, store: StartWork) -> None:
        with store() as work, pytest.raises(JobNotFound):
            work.jobs.lock(new_id())

    def test_refuse_to_go_back(self, store: StartWork) -> None:
        made = job(store)
        with store() as work:
            work.jobs.advance(work.jobs.lock(made.id))

        with pytest.raises(Stale), store() as work:
            work.jobs.advance(made)

    def test_are_done_in_the_order_of_stages_and_rows(self, store: StartWork) -> None:
        made, other = job(store), job(store)
        slices = [Slice(made.id, stage, row, [row]) for stage, row in ((1, 2), (0, 7), (0, 2))]
        with store() as work:
            work.jobs.owe(slices)
            work.jobs.owe([Slice(other.id, 0, 1, {})])

        done = []
        for _ in slices:
            with store() as work:
                part = work.jobs.next_slice(made.id)
                assert part
                work.jobs.settle(part)
                done.append(part)

        assert done == list(reversed(slices))
        with store() as work:
            assert work.jobs.next_slice(made.id) is None
            assert work.jobs.next_slice(other.id) is not None

    def test_refuse_to_do_a_slice_twice(self, store: StartWork) -> None:
        part = Slice(job(store).id, 0, 2, [])
        with store() as work:
            work.jobs.owe([part])
            work.jobs.settle(part)

        with pytest.raises(SliceGone), store() as work:
            work.jobs.settle(part)

    def test_keep_pictures_until_they_are_cleared(self, store: StartWork) -> None:
        made = job(store)
        with store() as work:
            work.jobs.owe([Slice(made.id, 0, 2, [])])
            work.jobs.keep_picture(made.id, "a.png", b"\x00\xff")
            assert work.jobs.picture(made.id, "a.png") == b"\x00\xff"
            assert work.jobs.picture(made.id, "b.png") is None

        with store() as work:
            work.jobs.clear(made.id)
            assert work.jobs.picture(made.id, "a.png") is None
            assert work.jobs.next_slice(made.id) is None

    def test_are_forgotten_some_at_a_time_long_after_their_end(self, store: StartWork) -> None:
        running, *ended = (job(store) for _ in range(4))
        with store() as work:
            for it in ended:
                it.succeed(at=NOON)
                work.jobs.advance(it)
                work.jobs.keep_picture(it.id, "a.png", b"\x00")

        def forget(before: datetime) -> int:
            with store() as work:
                return work.jobs.forget(before, limit=2)

        later = NOON + timedelta(seconds=1)
        assert [forget(it) for it in (NOON, later, later, later)] == [0, 2, 1, 0]
        with store() as work:
            assert work.jobs.lock(running.id) == running
            assert [work.jobs.picture(it.id, "a.png") for it in ended] == [None] * 3
            with pytest.raises(JobNotFound):
                work.jobs.lock(ended[0].id)


class BatchesContract:
    @pytest.fixture
    def store(self) -> StartWork:
        raise NotImplementedError

    def test_find_the_products_of_skus(self, store: StartWork) -> None:
        tea = coffee("tea")
        kept(store, tea, variant_of(tea, "A"), variant_of(tea, "B", options={"size": "M"}))
        kept(store, coffee())

        with store() as work:
            assert work.products.of_skus({"A", "B", "nothing"}) == {tea.id}

    def test_know_which_slugs_are_taken(self, store: StartWork) -> None:
        for slug in ("tea", "tea-2", "tea-12", "tea-pot", "teas", "coffee-2"):
            kept(store, coffee(slug))

        with store() as work:
            assert work.products.slugs_like({"tea", "coffee"}) == {"tea", "tea-2", "tea-12"}

    def test_add_many_at_once(self, store: StartWork) -> None:
        tea, brew = coffee("tea", tags=("a",)), coffee("brew")
        with store() as work:
            work.products.add_all(
                [(tea, [variant_of(tea, "TEA")]), (brew, [variant_of(brew, "BREW")])], []
            )
            work.products.add_all([], [])
        small = variant_of(tea, "TEA-S", options={"size": "S"})
        with store() as work:
            work.products.add_all([], [small])

        with store() as work:
            assert work.products.lock("tea") == tea
            assert work.products.of_skus({"TEA", "BREW"}) == {tea.id, brew.id}
            assert work.products.of_skus({"TEA-S"}) == {tea.id}
        again = coffee("tea")
        with pytest.raises(AlreadyExists, match="slug"), store() as work:
            work.products.add_all([(again, [variant_of(again, "OTHER")])], [])

    def test_tell_where_pictures_were_taken_from(self, store: StartWork) -> None:
        tea, brew = kept(store, coffee("tea")), kept(store, coffee("brew"))
        with store() as work:
            gallery = work.images.of(tea.id)
            gallery.add(ProductImage(new_id(), tea.id, "a.webp", source="http://a.test/1.png"))
            gallery.add(ProductImage(new_id(), tea.id, "b.webp"))
            work.images.save(gallery)

        with store() as work:
            found = work.images.sources_of({tea.id, brew.id})
            assert found[tea.id] == {"a.webp", "http://a.test/1.png", "b.webp"}
            assert not found.get(brew.id)
