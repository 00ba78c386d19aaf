"""What shoppers say, wish and wait for."""

from nexus.adapters.sql.queries.reviews import SqlReviewQueries
from nexus.adapters.sql.queries.wishlists import SqlWishlistQueries
from nexus.application.forgetting import ForgetWaitingGuests
from nexus.application.reviews import (
    ChangeReview,
    RemoveReview,
    TakeVoteBack,
    VerifyPurchases,
    VoteHelpful,
    WriteReview,
)
from nexus.application.stock_alerts import (
    AwaitStock,
    CallWaiting,
    LookAgain,
    SendBackInStock,
    StopWaiting,
    UnsubscribeWords,
)
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
from nexus.entrypoints.http.paths import API
from nexus.entrypoints.http.reviews import reviews_blueprint
from nexus.entrypoints.http.stock_alerts import ONE_CLICK, stock_alerts_blueprint
from nexus.entrypoints.http.wishlists import wishlists_blueprint
from nexus.wiring.staff import Staff
from nexus.wiring.technology import Once


class Community(Staff):
    verify_purchases = Once(VerifyPurchases, start_work=Staff.work.provider)
    write_review = Once(
        WriteReview,
        start_work=Staff.work.provider,
        now=Staff.clock,
        only_buyers=Staff.settings.provided.review_requires_purchase,
    )
    reviews = Once(
        reviews_blueprint,
        write_review=write_review,
        change_review=Once(ChangeReview, start_work=Staff.work.provider, now=Staff.clock),
        remove_review=Once(RemoveReview, start_work=Staff.work.provider),
        vote_helpful=Once(VoteHelpful, start_work=Staff.work.provider, now=Staff.clock),
        take_vote_back=Once(TakeVoteBack, start_work=Staff.work.provider),
        queries=Once(SqlReviewQueries, Staff.reader),
    )
    wishlists = Once(
        wishlists_blueprint,
        make_wish=Once(MakeWish, start_work=Staff.work.provider, now=Staff.clock),
        forget_wish=Once(ForgetWish, start_work=Staff.work.provider),
        move_to_cart=Once(
            MoveToCart, start_work=Staff.work.provider, add_to_cart=Staff.add_to_cart
        ),
        begin_wishlist=Once(BeginWishlist, start_work=Staff.work.provider, now=Staff.clock),
        rename_wishlist=Once(RenameWishlist, start_work=Staff.work.provider),
        remove_wishlist=Once(RemoveWishlist, start_work=Staff.work.provider),
        share_wishlist=Once(ShareWishlist, start_work=Staff.work.provider),
        keep_private=Once(KeepWishlistPrivate, start_work=Staff.work.provider),
        words=Once(SharedWords, Staff.seals),
        show_cart=Staff.show_cart,
        queries=Once(SqlWishlistQueries, Staff.reader, media=Staff.media_url),
        public_url=Staff.settings.provided.public_url,
    )
    unsubscribe_words = Once(UnsubscribeWords, Staff.seals)
    stock_alerts = Once(
        stock_alerts_blueprint,
        await_stock=Once(AwaitStock, start_work=Staff.work.provider, now=Staff.clock),
        stop_waiting=Once(StopWaiting, start_work=Staff.work.provider),
        words=unsubscribe_words,
    )
    forget_waiting_guests = Once(
        ForgetWaitingGuests, start_work=Staff.work.provider, now=Staff.clock
    )
    call_waiting = Once(CallWaiting, start_work=Staff.work.provider)
    look_again = Once(LookAgain, start_work=Staff.work.provider)
    send_back_in_stock = Once(
        SendBackInStock,
        start_work=Staff.work.provider,
        identity=Staff.identity_queries,
        words=unsubscribe_words,
        mailer=Staff.mailer,
        public_url=Staff.settings.provided.public_url,
        one_click_path=f"{API}{ONE_CLICK}",
    )
