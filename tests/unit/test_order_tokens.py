from uuid import uuid4

from nexus.adapters.tokens import HmacOrderTokens

ORDER_ID = uuid4()
TOKENS = HmacOrderTokens("a key of the shop")


class TestHmacOrderTokens:
    def test_open_their_order_and_no_other(self) -> None:
        token = TOKENS.for_order(ORDER_ID)

        assert TOKENS.opens(ORDER_ID, token)
        assert not TOKENS.opens(uuid4(), token)

    def test_refuse_what_was_made_with_another_key(self) -> None:
        assert not TOKENS.opens(ORDER_ID, HmacOrderTokens("another key").for_order(ORDER_ID))

    def test_refuse_nonsense(self) -> None:
        for token in ("", "x", "ሰላም", TOKENS.for_order(ORDER_ID) + "="):
            assert not TOKENS.opens(ORDER_ID, token)

    def test_fit_into_a_link_as_they_are(self) -> None:
        assert TOKENS.for_order(ORDER_ID).replace("-", "").replace("_", "").isalnum()
