from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nexus.application.jobs import RunJob
from nexus.domain.shared import new_id
from tests.integration.catalogue import first_variant, make
from tests.integration.exchange import MANY, OURS, csv_of, finish, imported, react_once, send
from tests.integration.shop import Shop, Visitor

NAMES = ["sku", "name", "price"]


@pytest.fixture
def staff(shop: Shop) -> Visitor:
    return shop.staff("catalog.write")


def told(job: Any) -> list[tuple[int, str]]:
    """Return where the errors of a job are."""
    return [(it["row"], it["column"]) for it in job["errors"]]


class TestImport:
    def test_creates_products_from_rows(self, staff: Visitor, shop: Shop) -> None:
        staff.post("/categories", {"name": "Coffee"})

        job = imported(
            shop,
            staff,
            ["sku", "name", "price", "category", "stock", "tags", "attributes"],
            ["C-1", "Yirgacheffe", "250.00", "coffee", 12, "dark,strong", '{"grams": 500}'],
            ["C-2", "Sidamo", "240", "coffee", 0, "", ""],
        )

        assert (job["status"], job["progress"], job["errors"]) == ("succeeded", 100, [])
        assert (job["done"], job["total"], job["counts"]) == (2, 2, {"created": 2})
        made = staff.get("/products/yirgacheffe").json
        assert (made["sku"], made["price"], made["stock"]) == ("C-1", "250.00", 12)
        assert (made["tags"], made["attributes"]) == (["dark", "strong"], {"grams": 500})
        assert made["category"]["slug"] == "coffee"

    def test_answers_with_the_job(self, staff: Visitor) -> None:
        answer = send(staff, csv_of(NAMES, ["A", "Mug", 1]))

        job = answer.json
        assert answer.status_code == 202
        assert answer.headers["Location"] == f"/api/v1/jobs/{job['id']}"
        assert (job["status"], job["progress"], job["total"]) == ("queued", 0, 1)
        assert job["file_name"] == "catalogue.csv"
        assert [it["id"] for it in staff.get("/jobs").json["results"]] == [job["id"]]
        assert staff.get(f"/jobs/{new_id()}").status_code == 404

    def test_makes_variants_of_rows_with_one_name_and_options(
        self, staff: Visitor, shop: Shop
    ) -> None:
        imported(
            shop,
            staff,
            ["sku", "name", "price", "stock", "option:size", "option:Colour"],
            ["TEE-S", "Tee", 300, 1, "S", "red"],
            ["TEE-M", "Tee", 300, 2, "M", "red"],
            ["TEE-L", "Tee", 350, 3, "L", ""],
            ["PEN-1", "Pen", 10, 0, "", ""],
            ["PEN-2", "Pen", 10, 0, "", ""],
        )

        tee = staff.get("/products/tee").json
        assert [(it["sku"], it["price"]) for it in tee["variants"]] == [
            ("TEE-S", None),
            ("TEE-M", None),
            ("TEE-L", "350.00"),
        ]
        assert (tee["price"], tee["stock"]) == ("300.00", 6)
        assert tee["options"] == [
            {"name": "size", "values": ["S", "M", "L"]},
            {"name": "Colour", "values": ["red"]},
        ]
        assert staff.get("/products/pen-2").json["sku"] == "PEN-2"

    def test_changes_what_a_known_sku_names_and_leaves_the_rest(
        self, staff: Visitor, shop: Shop
    ) -> None:
        before = make(staff, sku="MUG", stock=5, brand="Abay", tags=["cup"], description="Deep.")

        job = imported(
            shop,
            staff,
            ["sku", "name", "price", "stock", "brand", "status"],
            ["MUG", "", "120", 8, "", "draft"],
        )

        mug = staff.get("/products/mug").json
        assert job["counts"] == {"changed": 1}
        assert (mug["name"], mug["price"], mug["stock"]) == ("Mug", "120.00", 8)
        assert (mug["brand"], mug["tags"], mug["description"]) == ("Abay", ["cup"], "Deep.")
        assert mug["status"] == "draft"
        moves = staff.get(f"/variants/{first_variant(before)}/stock/movements").json["results"]
        assert [(it["delta"], it["reason"]) for it in moves] == [
            (3, "correction"),
            (5, "received"),
        ]
        assert {str(it["actor_id"]) for it in moves} == {"None", job["created_by"]}

    def test_adds_a_variant_to_a_product_that_is_there(self, staff: Visitor, shop: Shop) -> None:
        make(staff, "Tee", variants=[{"sku": "TEE-S", "options": {"size": "S"}}])

        imported(
            shop,
            staff,
            ["sku", "name", "price", "option:size", "stock"],
            ["TEE-S", "Tee", "", "S", 1],
            ["TEE-M", "Tee", "120.00", "M", 4],
        )

        tee = staff.get("/products/tee").json
        assert [(it["sku"], it["price"], it["stock"]) for it in tee["variants"]] == [
            ("TEE-S", None, 1),
            ("TEE-M", "120.00", 4),
        ]

    def test_says_nothing_where_nothing_changes(self, staff: Visitor, shop: Shop) -> None:
        make(staff, sku="MUG", stock=5)
        before = staff.get("/products/mug")

        job = imported(shop, staff, ["sku", "name", "price", "stock"], ["MUG", "Mug", "100.0", 5])

        assert job["counts"] == {"unchanged": 1}
        assert staff.get("/products/mug").headers["ETag"] == before.headers["ETag"]

    def test_moves_a_product_to_another_primary_category(self, staff: Visitor, shop: Shop) -> None:
        ids = {it: staff.post("/categories", {"name": it}).json["id"] for it in ("a", "b", "c")}
        make(staff, sku="MUG", category_ids=[ids["a"], ids["b"]])

        imported(shop, staff, ["sku", "category"], ["MUG", ids["c"]])

        shown = staff.get("/products/mug").json
        assert [it["slug"] for it in shown["categories"]] == ["c", "b"]

    def test_is_written_down_in_the_name_of_whoever_sent_it(
        self, staff: Visitor, shop: Shop
    ) -> None:
        make(staff, "Mug", sku="MUG")

        imported(shop, staff, NAMES, ["MUG", "Mug", 120], ["CUP", "Cup", 50])

        deeds = shop.all(
            "SELECT action, after ->> 'facts.price' FROM audit_log"
            " WHERE actor_id = (SELECT created_by FROM jobs) AND request_id ="
            " (SELECT request_id FROM audit_log WHERE action = 'job.added') ORDER BY id"
        )
        assert ("product.changed", "120.00 ETB") in deeds
        assert ("product.added", "50.00 ETB") in deeds


class TestWrongRows:
    def test_are_named_and_the_others_written(self, staff: Visitor, shop: Shop) -> None:
        make(staff, "Plate", sku="PLATE")

        job = imported(
            shop,
            staff,
            ["sku", "name", "price", "stock", "category", "attributes", "status", "image_url"],
            ["", "No SKU", 1, "", "", "", "", ""],
            ["A", "", 1, "", "", "", "", ""],
            ["B", "Cup", "12.345", "", "", "", "", ""],
            ["C", "Cup", 1, "-3", "", "", "", ""],
            ["D", "Cup", 1, "", "nowhere", "", "", ""],
            ["E", "Cup", 1, "", "", "[1]", "", ""],
            ["F", "Cup", 1, "", "", "{", "", ""],
            ["G", "Cup", 1, "", "", "", "sold", ""],
            ["PLATE", "Plate", "", "x", "", "", "", ""],
            ["H", "x" * 201, 1, "", "", "", "", ""],
            ["I", "Cup", 1, "", "", "", "", "picture.png"],
            ["J", "Good", 1, "", "", "", "", ""],
            ["J", "Again", 1, "", "", "", "", ""],
        )

        assert (job["status"], job["error_count"]) == ("succeeded", 12)
        assert told(job) == [
            (2, "sku"),
            (3, "name"),
            (4, "price"),
            (5, "stock"),
            (6, "category"),
            (7, "attributes"),
            (8, "attributes"),
            (9, "status"),
            (10, "stock"),
            (11, "name"),
            (12, "image_url"),
            (14, "sku"),
        ]
        assert job["counts"] == {"created": 1, "skipped": 12}
        assert staff.get("/products").json["count"] == 2

    def test_take_the_other_variants_of_their_product_along(
        self, staff: Visitor, shop: Shop
    ) -> None:
        names = ["sku", "name", "price", "option:size", "brand"]

        job = imported(
            shop,
            staff,
            names,
            ["A-S", "A", 1, "S", ""],
            ["A-M", "A", "free", "M", ""],
            ["B-S", "B", 1, "S", ""],
            ["B-T", "B", 1, "S", ""],
            ["C-S", "C", 1, "S", "Abay"],
            ["C-M", "C", 1, "M", "Awash"],
        )

        assert told(job) == [(3, "price"), (5, ""), (7, "brand")]
        assert (job["counts"], job["done"]) == ({"skipped": 6}, 6)
        assert staff.get("/products").json["count"] == 0

    def test_have_no_option_that_their_product_has_not(self, staff: Visitor, shop: Shop) -> None:
        make(staff, "Tee", variants=[{"sku": "TEE-S", "options": {"size": "S"}}])

        job = imported(
            shop,
            staff,
            ["sku", "name", "option:size", "option:colour"],
            ["TEE-S", "Tee", "S", ""],
            ["TEE-M", "Tee", "M", "red"],
        )

        assert told(job) == [(3, "")]
        assert "'colour'" in job["errors"][0]["message"]

    def test_cannot_take_what_is_promised(self, staff: Visitor, shop: Shop) -> None:
        variant_id = first_variant(make(staff, sku="MUG", stock=5))
        buyer = shop.customer()
        buyer.put_in(variant_id, 3)
        buyer.check_out()

        job = imported(shop, staff, ["sku", "stock", "brand"], ["MUG", 2, "Abay"])

        assert told(job) == [(2, "stock")]
        assert staff.get("/products/mug").json["brand"] == ""
        assert shop.level(variant_id) == (5, 3)

    def test_of_two_products_cannot_be_one(self, staff: Visitor, shop: Shop) -> None:
        make(staff, "Mug", sku="MUG")
        make(staff, "Cup", sku="CUP")

        job = imported(
            shop, staff, ["sku", "name", "option:size"], ["MUG", "Mug", "S"], ["CUP", "Mug", "M"]
        )

        assert told(job) == [(3, "sku")]

    def test_alone_are_left_out_when_the_database_refuses_them(
        self, staff: Visitor, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make(staff, "Mug", sku="MUG")
        unseeing = "nexus.adapters.sql.batches.SqlProductBatches.of_skus"
        monkeypatch.setattr(unseeing, lambda *_: set())

        job = imported(shop, staff, NAMES, ["CUP", "Cup", 1], ["MUG", "Mug", 1], ["PAN", "Pan", 1])

        assert (told(job), job["counts"]) == ([(3, "")], {"created": 2, "skipped": 1})

    def test_are_counted_beyond_those_that_are_kept(self, staff: Visitor, shop: Shop) -> None:
        rows = [[f"S-{it}", "", ""] for it in range(1100)]

        job = imported(shop, staff, NAMES, *rows)

        assert (len(job["errors"]), job["error_count"]) == (1000, 2200)


class TestDryRun:
    def test_reports_the_same_and_changes_nothing(self, staff: Visitor, shop: Shop) -> None:
        make(staff, "Mug", sku="MUG", stock=5)
        rows: list[list[object]] = [
            ["sku", "name", "price", "stock", "image_url"],
            ["MUG", "Mug", 120, 7, "http://192.0.2.1/mug.png"],
            ["CUP", "Cup", 50, 1, ""],
            ["PAN", "Pan", "much", 1, ""],
        ]
        tables = ("products", "variants", "product_images", "stock_movements", "past_prices")
        before = contents(shop, *tables)

        job = imported(shop, staff, *rows, query="?dry_run=true")

        assert (job["dry_run"], job["status"], job["done"]) == (True, "succeeded", job["total"])
        assert job["counts"] == {"changed": 1, "created": 1, "skipped": 1}
        assert told(job) == [(4, "price")]
        assert contents(shop, *tables) == before


def contents(shop: Shop, *tables: str) -> list[Any]:
    digest = "SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {} t"
    return [shop.one(digest.format(it))[0] for it in tables]


class TestProgress:
    @pytest.fixture
    def hurried(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        """Do one slice at a time, and small ones."""
        monkeypatch.setattr("nexus.application.catalog.imports.SLICE_ROWS", 2)
        run: RunJob = shop.container.run_job()
        reactions = shop.container.run_reaction().reactions
        slow = replace(run, busy=timedelta(0))
        monkeypatch.setitem(reactions, "run_job", slow)

    def rows(self, count: int) -> bytes:
        return csv_of(NAMES, *([f"S-{it}", f"Thing {it}", 1] for it in range(count)))

    def test_is_seen_while_it_runs(self, staff: Visitor, shop: Shop, hurried: None) -> None:
        job_id = send(staff, self.rows(6)).json["id"]
        seen = []

        finish(shop, lambda: seen.append(staff.get(f"/jobs/{job_id}").json))

        assert [(it["status"], it["progress"]) for it in seen] == [
            ("running", 33),
            ("running", 66),
            ("running", 100),
            ("succeeded", 100),
        ]

    def test_ends_when_somebody_stops_it(self, staff: Visitor, shop: Shop, hurried: None) -> None:
        job_id = send(staff, self.rows(6)).json["id"]
        react_once(shop)

        stopped = staff.post(f"/jobs/{job_id}/cancel").json
        finish(shop)

        assert (stopped["status"], stopped["failure"]) == ("failed", "cancelled")
        assert staff.get(f"/jobs/{job_id}").json == stopped
        assert staff.get("/products").json["count"] == 2
        again = staff.post(f"/jobs/{job_id}/cancel")
        assert (again.status_code, again.json["code"]) == (409, "job_over")
        assert shop.one("SELECT count(*) FROM job_slices")[0] == 0

    def test_goes_on_where_it_was_interrupted(
        self, staff: Visitor, shop: Shop, hurried: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job_id = send(staff, self.rows(6)).json["id"]
        react_once(shop)

        with monkeypatch.context() as patch:
            patch.setattr("nexus.adapters.sql.jobs.SqlJobs.settle", power_cut)
            react_once(shop)
        assert staff.get("/products").json["count"] == 2
        with shop.engine.begin() as db:
            db.exec_driver_sql("UPDATE reactions SET due_at = now(), rung_at = NULL")
        finish(shop)

        job = staff.get(f"/jobs/{job_id}").json
        assert (job["status"], job["counts"]) == ("succeeded", {"created": 6})
        assert staff.get("/products").json["count"] == 6

    def test_ends_in_failure_when_nothing_helps(
        self, staff: Visitor, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job_id = send(staff, self.rows(2)).json["id"]
        monkeypatch.setattr("nexus.adapters.sql.jobs.SqlJobs.settle", power_cut)

        for _ in range(4):
            react_once(shop)
            with shop.engine.begin() as db:
                db.exec_driver_sql("UPDATE reactions SET due_at = now(), rung_at = NULL")

        job = staff.get(f"/jobs/{job_id}").json
        assert (job["status"], job["done"], "log" in job["failure"]) == ("failed", 0, True)

    def test_ends_in_failure_when_every_worker_dies_of_it(self, staff: Visitor, shop: Shop) -> None:
        job_id = send(staff, self.rows(2)).json["id"]
        shop.container.outbox().expand(OURS, at=shop.container.clock()(), limit=MANY)
        with shop.engine.begin() as db:
            db.exec_driver_sql("UPDATE reactions SET attempts = 4 WHERE reaction = 'run_job'")

        react_once(shop)

        assert staff.get(f"/jobs/{job_id}").json["status"] == "failed"


def power_cut(*_: object) -> None:
    raise RuntimeError("out")


class TestHostileFiles:
    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "empty"),
            (b"\n\n", "empty"),
            (b"name,price\nMug,1\n", "'sku' is missing"),
            (b"sku,colour\nA,red\n", "Unknown column 'colour'"),
            (b"sku,option:\nA,red\n", "Unknown column 'option:'"),
            (b"sku,name,SKU\nA,b,c\n", "twice"),
            ("sku,name\nA,Größe\n".encode("latin-1"), "UTF-8"),
            ("sku,name\nA,Mug\n".encode("utf-16"), "UTF-8"),
            (b"sku,name\nA,Mu\0g\n", "NUL"),
            (b'sku,name\nA,"Mug\nB,Cup\n', "After row 1"),
            (b"sku,name\nA," + b"x" * 200_000 + b"\n", "field larger"),
            (b"sku," + b"x" * 100_000, "too long"),
            (b"PK\x03\x04 and no more", "zip"),
        ],
    )
    def test_are_refused_at_once(self, staff: Visitor, content: bytes, says: str) -> None:
        answer = send(staff, content)

        assert (answer.status_code, answer.json["code"]) == (422, "validation_failed")
        assert says in answer.json["errors"]["file"][0]
        assert staff.get("/jobs").json["count"] == 0

    def test_are_not_read_when_too_large(self, staff: Visitor) -> None:
        answer = send(staff, b"sku\n" + b"x" * (20 * 1024 * 1024))

        assert (answer.status_code, answer.json["code"]) == (413, "payload_too_large")

    def test_need_not_be_there_for_a_refusal(self, staff: Visitor) -> None:
        assert staff.post("/catalog/import", {"file": "x"}).status_code == 415
        assert staff.post("/catalog/import").status_code == 415

    @pytest.mark.parametrize(
        "content",
        [
            "\ufeffsku,name,price\r\nA,Mug,1\r\n".encode(),
            b"sku;name;price\nA;Mug;1\n",
            b"sku\tname\tprice\nA\tMug\t1\n",
            b" SKU , Name ,PRICE\n\n , A , \n A , Mug , 1 \n",
        ],
    )
    def test_that_are_only_odd_are_read(self, staff: Visitor, shop: Shop, content: bytes) -> None:
        job_id = send(staff, content).json["id"]
        finish(shop)

        assert staff.get(f"/jobs/{job_id}").json["counts"]["created"] == 1
        assert staff.get("/products/mug").json["sku"] == "A"

    def test_tell_of_rows_with_too_many_cells(self, staff: Visitor, shop: Shop) -> None:
        job = imported(shop, staff, ["sku", "name"], ["A", "Mug", "of", "more"])

        assert told(job) == [(2, "")]


class TestCost:
    @pytest.mark.parametrize("path", ["/jobs", "/jobs/{}", "/catalog/export"])
    def test_of_looking_is_small(self, staff: Visitor, shop: Shop, path: str) -> None:
        job_id = imported(shop, staff, NAMES, *([f"S-{it}", f"T {it}", 1] for it in range(50)))[
            "id"
        ]

        with shop.statements() as sent:
            assert staff.get(path.format(job_id)).status_code == 200

        assert len(sent) <= 4

    def test_does_not_grow_with_the_rows(self, staff: Visitor, shop: Shop) -> None:
        sent = []
        for count in (2, 90):
            names = [*NAMES, "stock", "category"]
            staff.post("/categories", {"name": f"c{count}"})
            rows = [[f"{count}-{it}", f"T {it}", 1, 1, f"c{count}"] for it in range(count)]
            job_id = send(staff, csv_of(names, *rows)).json["id"]
            with shop.statements() as statements:
                finish(shop)
            assert staff.get(f"/jobs/{job_id}").json["counts"] == {"created": count}
            sent.append(len(statements))

        assert sent[0] == sent[1] <= 40

    def test_of_changing_does_not_grow_either(self, staff: Visitor, shop: Shop) -> None:
        names, sent = [*NAMES, "stock"], []
        imported(shop, staff, names, *([f"S-{it}", f"T {it}", 1, 1] for it in range(90)))
        for count in (2, 90):
            rows = [[f"S-{it}", f"T {it}", 1 + count, count] for it in range(count)]
            send(staff, csv_of(names, *rows))
            with shop.statements() as statements:
                finish(shop)
            sent.append(len(statements))

        assert sent[0] == sent[1] <= 40
