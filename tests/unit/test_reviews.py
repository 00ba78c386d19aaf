from datetime import UTC, datetime, timedelta

import pytest

from nexus.domain.reviews import NotModerator, Reader, Review, display_name
from nexus.domain.shared import new_id

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (("Hana", "Girma"), "Hana G."),
        (("Hana", ""), "Hana"),
        (("  Hana ", " Girma"), "Hana G."),
        (("ሀና", "ግርማ"), "ሀና ግ."),
        (("", "Girma"), None),
        (("", ""), None),
        (("hana@example.com", "Girma"), None),
        (("Hana", "hana@example.com"), "Hana"),
    ],
)
def test_shows_no_more_of_a_name_than_others_need(
    names: tuple[str, str], shown: str | None
) -> None:
    assert display_name(*names) == shown


class TestReview:
    def review(self) -> Review:
        return Review.write(new_id(), new_id(), rating=5, verified_purchase=False, at=NOON)

    def test_is_changed_by_its_author_and_hidden_by_moderators(self) -> None:
        review, later = self.review(), NOON + timedelta(hours=1)
        author, moderator = Reader(review.author_id), Reader(new_id(), moderates=True)

        review.change({"rating": 1}, by=author, at=later)
        review.change({"is_hidden": True}, by=moderator, at=later)

        assert (review.rating, review.is_hidden, review.updated_at) == (1, True, later)
        for reader, sees in ((author, True), (moderator, True), (Reader(), False)):
            assert review.is_shown_to(reader) is sees

    def test_is_left_alone_by_everybody_else(self) -> None:
        review = self.review()
        eve, author = Reader(new_id()), Reader(review.author_id)
        moderator = Reader(new_id(), moderates=True)

        for changes, reader in (
            ({"rating": 1}, eve),
            ({"rating": 1}, moderator),
            ({"is_hidden": True}, author),
            ({"is_hidden": True, "rating": 1}, moderator),
        ):
            with pytest.raises(NotModerator):
                review.change(changes, by=reader, at=NOON)
        assert (review.rating, review.is_hidden) == (5, False)

    def test_is_withheld_where_moderators_had_their_reasons(self) -> None:
        review = self.review()
        author, moderator = Reader(review.author_id), Reader(new_id(), moderates=True)

        assert [review.is_withheld_by(it) for it in (author, moderator)] == [False, True]
        review.change({"is_hidden": True}, by=moderator, at=NOON)
        assert review.is_withheld_by(author)

    def test_may_be_hidden_and_changed_by_a_moderator_who_wrote_it(self) -> None:
        review = self.review()

        me = Reader(review.author_id, moderates=True)
        review.change({"is_hidden": True, "rating": 2}, by=me, at=NOON)

        assert (review.rating, review.is_hidden) == (2, True)
