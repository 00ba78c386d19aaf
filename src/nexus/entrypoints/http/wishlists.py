from typing import Any
from uuid import UUID

from flask import Response, jsonify

from nexus.application.ports.community import WishlistQueries
from nexus.application.ports.shopping import CartOwner
from nexus.application.pricing import ShowCart
from nexus.application.wishlists import (
    BeginWishlist,
    ForgetWish,
    KeepWishlistPrivate,
    MakeWish,
    MoveToCart,
    RemoveWishlist,
    RenameWishlist,
    SharedWords,
    ShareWishlist,
)
from nexus.domain.wishlists import WishlistNotFound
from nexus.entrypoints.http.access import ANYONE, CUSTOMER, current_caller, open_to
from nexus.entrypoints.http.bodies import Routes
from nexus.entrypoints.http.cart_messages import CartShown, shown_cart
from nexus.entrypoints.http.etags import json_bytes
from nexus.entrypoints.http.paging import PageQuery, envelope, page_wanted
from nexus.entrypoints.http.paths import API
from nexus.entrypoints.http.wishlist_messages import (
    MoveBody,
    SharedPage,
    ShareShown,
    WhichList,
    WishBody,
    WishesQuery,
    WishlistBody,
    WishlistShown,
    WishPage,
    WishShown,
)


def wishlists_blueprint(
    *,
    make_wish: MakeWish,
    forget_wish: ForgetWish,
    move_to_cart: MoveToCart,
    begin_wishlist: BeginWishlist,
    rename_wishlist: RenameWishlist,
    remove_wishlist: RemoveWishlist,
    share_wishlist: ShareWishlist,
    keep_private: KeepWishlistPrivate,
    words: SharedWords,
    show_cart: ShowCart,
    queries: WishlistQueries,
    public_url: str,
) -> Routes:
    blueprint = Routes("wishlist", __name__, description="What one would like to have")

    def me() -> UUID:
        return current_caller().user_id

    def link_to(share_key: UUID) -> dict[str, str]:
        token = words.for_list(share_key)
        return {"token": token, "url": f"{public_url}{API}/wishlist/shared/{token}"}

    def shown_lists() -> list[dict[str, Any]]:
        lists = queries.lists(me())
        return [_shown(it) | {"share": it.share_key and link_to(it.share_key)} for it in lists]

    def shown_list(list_id: UUID) -> dict[str, Any]:
        found = next((it for it in shown_lists() if it["id"] == list_id), None)
        if found is None:
            raise WishlistNotFound
        return found

    @blueprint.get("/wishlist")
    @blueprint.arguments(WishesQuery, location="query")
    @blueprint.response(200, WishPage)
    @open_to(CUSTOMER)
    def list_wishes(query: dict[str, Any]) -> Response:
        """List what is on one's list, the latest first; on the default one unless `list` says."""
        page = page_wanted(query)
        return _json(envelope(queries.wishes(me(), query.get("list"), page), page))

    @blueprint.post("/wishlist")
    @blueprint.arguments(WhichList, location="query")
    @blueprint.arguments(WishBody, example={"product_id": "my-first-fidel"})
    @blueprint.response(201, WishShown)
    @blueprint.alt_response(200, schema=WishShown, description="It was on the list already.")
    @open_to(CUSTOMER)
    def add_wish(query: dict[str, UUID], body: dict[str, Any]) -> Response:
        """Put a product, or a variant of one, on a list; what is there already stays: 200."""
        item_id, is_new = make_wish(
            customer_id=me(),
            list_id=query.get("list"),
            product=body.get("product_id"),
            variant_id=body.get("variant_id"),
            note=body["note"],
        )
        return _json(queries.wish(item_id, me()), 201 if is_new else 200)

    @blueprint.post("/wishlist/<uuid:wish_id>/move-to-cart")
    @blueprint.arguments(MoveBody, example={"quantity": 1})
    @blueprint.response(200, CartShown)
    @open_to(CUSTOMER)
    def move(body: dict[str, Any], wish_id: UUID) -> Response:
        """Put an item into the cart, and take it off its list if the cart takes it.

        Of a product with several variants, `variant_id` says which: `variant_required` otherwise.
        """
        move_to_cart(customer_id=me(), item_id=wish_id, **body)
        cart = show_cart(owner=CartOwner(me()))
        return jsonify(CartShown().dump(shown_cart(cart, None)))

    @blueprint.delete("/wishlist/<uuid:wish_id>")
    @blueprint.response(204)
    @open_to(CUSTOMER)
    def delete_wish(wish_id: UUID) -> None:
        """Take an item off its list."""
        forget_wish(customer_id=me(), item_id=wish_id)

    @blueprint.get("/wishlist/lists")
    @blueprint.response(200, WishlistShown(many=True))
    @open_to(CUSTOMER)
    def list_lists() -> list[dict[str, Any]]:
        """List one's lists, the default one first."""
        return shown_lists()

    @blueprint.post("/wishlist/lists")
    @blueprint.arguments(WishlistBody, example={"name": "For the new house"})
    @blueprint.response(201, WishlistShown)
    @open_to(CUSTOMER)
    def add_list(body: dict[str, str]) -> dict[str, Any]:
        """Begin another list."""
        return shown_list(begin_wishlist(customer_id=me(), name=body["name"]))

    @blueprint.patch("/wishlist/lists/<uuid:list_id>")
    @blueprint.arguments(WishlistBody, example={"name": "For the old house"})
    @blueprint.response(200, WishlistShown)
    @open_to(CUSTOMER)
    def patch_list(body: dict[str, str], list_id: UUID) -> dict[str, Any]:
        """Call a list something else."""
        rename_wishlist(customer_id=me(), list_id=list_id, name=body["name"])
        return shown_list(list_id)

    @blueprint.post("/wishlist/lists/<uuid:list_id>/share")
    @blueprint.response(200, ShareShown)
    @open_to(CUSTOMER)
    def share(list_id: UUID) -> dict[str, str]:
        """Make a link that shows the list to whoever has it; asked again, the same."""
        return link_to(share_wishlist(customer_id=me(), list_id=list_id))

    @blueprint.delete("/wishlist/lists/<uuid:list_id>/share")
    @blueprint.response(204)
    @open_to(CUSTOMER)
    def stop_sharing(list_id: UUID) -> None:
        """Make every link to the list lead nowhere."""
        keep_private(customer_id=me(), list_id=list_id)

    @blueprint.delete("/wishlist/lists/<uuid:list_id>")
    @blueprint.response(204)
    @open_to(CUSTOMER)
    def delete_list(list_id: UUID) -> None:
        """Remove a list with all that is on it; the default one stays: `default_wishlist`."""
        remove_wishlist(customer_id=me(), list_id=list_id)

    @blueprint.get("/wishlist/shared/<token>")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, SharedPage)
    @open_to(ANYONE)
    def show_shared(query: dict[str, Any], token: str) -> Response:
        """Show a list to whoever was given its link: its name and what is on it, and not whose."""
        page = page_wanted(query)
        found = queries.shared(words.list_of(token))
        shown = envelope(queries.shared_wishes(found.id, page), page)
        return _json({"name": found.name} | {it: getattr(shown, it) for it in shown.__slots__})

    return blueprint


def _shown(found: Any) -> dict[str, Any]:
    names = ("id", "name", "is_default", "item_count", "created_at")
    return {name: getattr(found, name) for name in names}


def _json(value: Any, status: int = 200) -> Response:
    return Response(json_bytes(value), status, content_type="application/json")
