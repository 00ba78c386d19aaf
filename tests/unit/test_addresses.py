from dataclasses import replace

import pytest

from nexus.adapters.memory.store import MemoryStore
from nexus.application.addresses import ChangeAddress, RemoveAddress, SaveAddress
from nexus.application.ports.identity import AddressEntry
from nexus.domain.addresses import AddressNotFound, Kind, SavedAddress, faults
from nexus.domain.shared import Stale, new_id
from tests.people import HOME, NOON

HANA = new_id()


class TestFaults:
    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"postal_code": "1000"},
            {"line1": "", "sub_city": "Bole"},
            {"line1": "", "woreda": "03"},
            {"line1": "", "kebele": "14"},
            {"line1": "", "landmark": "Behind the market"},
            {"country": "GB", "postal_code": "SW1A 1AA"},
            {"country": "US", "postal_code": "94107-1234"},
        ],
    )
    def test_are_none_in_a_good_address(self, changes: dict[str, str]) -> None:
        assert faults(replace(HOME, **changes)) == {}

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"line1": ""}, "line1"),
            ({"line1": "", "house_no": "1024"}, "line1"),
            ({"line1": "", "woreda": "03", "country": "KE"}, "line1"),
            ({"line1": "", "landmark": "The market", "country": "KE"}, "line1"),
            ({"postal_code": "10000"}, "postal_code"),
            ({"postal_code": "١٢٣٤"}, "postal_code"),
            ({"country": "US", "postal_code": "9410"}, "postal_code"),
        ],
    )
    def test_name_the_field(self, changes: dict[str, str], field: str) -> None:
        assert list(faults(replace(HOME, **changes))) == [field]


class Book:
    """One customer's addresses, in memory."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.save = SaveAddress(self.store, now=lambda: NOON)

    def add(self, *, is_default: bool = False, kind: Kind = Kind.SHIPPING) -> AddressEntry:
        id_ = self.save(customer_id=HANA, kind=kind, address=HOME, is_default=is_default)
        return self.entry(self.at(id_))

    def entry(self, it: SavedAddress) -> AddressEntry:
        facts = {name: getattr(it.address, name) for name in HOME.__slots__}
        return AddressEntry(
            **facts, id=it.id, kind=it.kind, is_default=it.is_default, version=it.version
        )

    def at(self, id_: object) -> SavedAddress:
        with self.store() as work:
            return work.addresses.by_id(id_, owner=HANA)  # type: ignore[arg-type]


@pytest.fixture
def book() -> Book:
    return Book()


class TestSaveAddress:
    def test_takes_the_mark_from_the_default_before(self, book: Book) -> None:
        first, second = book.add(is_default=True), book.add(is_default=True)

        assert [book.at(it.id).is_default for it in (first, second)] == [False, True]

    def test_leaves_the_default_of_the_other_kind(self, book: Book) -> None:
        shipping = book.add(is_default=True)
        book.add(is_default=True, kind=Kind.BILLING)

        assert book.at(shipping.id).is_default


class TestChangeAddress:
    def test_writes_the_whole_entry(self, book: Book) -> None:
        entry = replace(book.add(), city="Adama", is_default=True)

        ChangeAddress(book.store)(entry=entry, customer_id=HANA)

        saved = book.at(entry.id)
        assert (saved.address, saved.is_default) == (replace(HOME, city="Adama"), True)

    def test_takes_the_mark_from_the_default_before(self, book: Book) -> None:
        first, second = book.add(is_default=True), book.add()

        ChangeAddress(book.store)(entry=replace(second, is_default=True), customer_id=HANA)

        assert not book.at(first.id).is_default

    def test_refuses_what_was_changed_since(self, book: Book) -> None:
        entry = book.add()
        ChangeAddress(book.store)(entry=replace(entry, city="Adama"), customer_id=HANA)

        with pytest.raises(Stale):
            ChangeAddress(book.store)(entry=replace(entry, city="Jimma"), customer_id=HANA)

    def test_refuses_anothers(self, book: Book) -> None:
        entry = book.add()

        with pytest.raises(AddressNotFound):
            ChangeAddress(book.store)(entry=entry, customer_id=new_id())


class TestRemoveAddress:
    def test_takes_it_out_of_the_book(self, book: Book) -> None:
        entry = book.add()

        RemoveAddress(book.store)(address_id=entry.id, customer_id=HANA)

        with pytest.raises(AddressNotFound):
            book.at(entry.id)

    def test_refuses_anothers(self, book: Book) -> None:
        entry = book.add()

        with pytest.raises(AddressNotFound):
            RemoveAddress(book.store)(address_id=entry.id, customer_id=new_id())
