"""What the database refuses, in words: its functions and checks name the condition.

A check guards what no statement may break (a balance below its floor); `TH001` is raised by the
functions of one movement and carries the error's code as its constraint.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import DatabaseError

from tanhui.core.errors import Conflict, InputRefused, NotFound, TanhuiError

_OURS = "TH001"
_FLOOR = "books_balance_floor"


@contextmanager
def in_words() -> Iterator[None]:
    """Raise what the database refuses inside the block as an error of ours."""
    try:
        yield
    except DatabaseError as error:
        refused = _refusal(error.__cause__)
        if refused is None:
            raise
        raise refused from error


def _refusal(cause: BaseException | None) -> TanhuiError | None:
    if not isinstance(cause, psycopg.Error):
        return None
    named = cause.diag.constraint_name or ""
    if named == _FLOOR:
        return short()
    if cause.sqlstate != _OURS:
        return None
    what = cause.diag.message_primary or ""
    return _named(named, what)


def short() -> Conflict:
    """An account has less than is asked of it."""
    return Conflict(
        "balance.short",
        zh="账户可用余额不足（已冻结的不能再用）；请减少数量，或先补足余额。",
        en="The account has less free than is asked (what is held is spoken for); ask for less, "
        "or top it up first.",
    )


def key_reused(key: str) -> Conflict:
    """The key stands for another request."""
    return Conflict(
        "act.key.reused",
        zh=f"幂等键“{key[:60]}”已用于另一项请求；同一请求请照原样重试，新的请求请换一个键。",
        en=f"The key '{key[:60]}' was used for another request; repeat a request as it was, or "
        "take a new key for a new one.",
        key=key,
    )


def _named(code: str, what: str) -> TanhuiError | None:
    match code:
        case "act.key.reused":
            return key_reused(what)
        case "account.without_balance":
            return InputRefused(
                "account.without_balance",
                zh=f"账户 {what} 没有余额记录（系统账户，或尚无任何入账），不能这样变动。",
                en=f"Account {what} has no balance (a system account, or nothing ever came in) "
                "and cannot be changed so.",
            )
        case "transfer.assets_differ":
            return InputRefused(
                "transfer.assets_differ",
                zh=f"账户 {what} 不存在或不是同一种资产；积分、减排量、签发单位之间从不互相划转。",
                en=f"The accounts {what} do not exist or hold different assets; points, "
                "reductions and credits never turn into each other.",
            )
        case "points.not_transferable":
            return Conflict(
                "points.not_transferable",
                zh="积分不能转让，只能由本人使用。",
                en="Points cannot be transferred; only who earned them can spend them.",
            )
        case "points.without_expiry":
            return InputRefused(
                "points.without_expiry",
                zh="发放积分须写明到期日。",
                en="Points that are given need the day they expire.",
            )
        case "points.lapsed":
            return Conflict(
                "points.lapsed",
                zh=f"有 {what} 积分已到期，不能再使用；请减少数量。",
                en=f"{what} of the points have expired and cannot be used; ask for less.",
            )
        case "item.unknown":
            return NotFound(
                "item.unknown",
                zh=f"没有可兑换的物品“{what.partition(':')[2]}”；请先由运营方登记库存。",
                en=f"There is no item '{what.partition(':')[2]}' to redeem; the operator takes "
                "its stock in first.",
            )
        case "hold.not_open":
            return Conflict(
                "hold.not_open",
                zh=f"冻结 {what}：不存在、已到期或已结束，不能再入账或撤销。",
                en=f"Hold {what}: there is none, it expired, or it is closed already.",
            )
        case "hold.too_small":
            return InputRefused(
                "hold.too_small",
                zh=f"入账数量超过冻结额（冻结、入账：{what}）；请不超过冻结额。",
                en=f"More is posted than is held (held, posted: {what}); post at most what is "
                "held.",
            )
    return None
