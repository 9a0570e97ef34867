"""What a review's items look like as rows, and rows as items."""

from typing import Any

import msgspec

from bot.review_decisions import (
    CHOICES,
    Cap,
    Choice,
    Decided,
    Decision,
    Expected,
    Unreviewed,
    choice_of,
)
from bot.review_figures import Figures
from bot.reviews import Item, Review
from bot.workflows import Caps, Tier
from storage.tables import ReviewItemRow


def item_row(review: Review, position: int, item: Item) -> ReviewItemRow:
    return ReviewItemRow(
        team=review.team,
        week_start=review.week.start,
        workflow=item.workflow,
        position=position,
        owner=item.owner,
        figures=_json(item.figures),
        notice=item.notice,
        version=item.version,
    )


_Kept = Figures | Decision | Unreviewed | Caps | tuple[Cap, ...] | Expected | None


def _json(value: _Kept) -> Any:  # noqa: ANN401
    """Days and instants that are of a subclass, as a stopped clock gives them, are written too."""
    return msgspec.to_builtins(value, enc_hook=lambda moment: moment.isoformat())


def answer_columns(decided: Decided | None) -> dict[str, Any]:
    if decided is None:
        return dict.fromkeys(("decision", "detail", "decided_by", "decided_at"))
    return {
        "decision": choice_of(decided.decision).value,
        "detail": {
            "decision": _json(decided.decision),
            "caps": _json(decided.caps),
            "tier": decided.tier,
            "asked": _json(decided.asked),
            "expected": _json(decided.expected),
        },
        "decided_by": decided.by,
        "decided_at": decided.at,
    }


def item_of(row: ReviewItemRow) -> Item:
    return Item(
        row.workflow,
        row.owner,
        msgspec.convert(row.figures, Figures),
        row.notice,
        _decided(row),
        row.version,
    )


def requests_in(item: Item) -> set[str | None]:
    return {one.request for one in item.decided.raises} if item.decided else set()


def _decided(row: ReviewItemRow) -> Decided | None:
    if row.decision is None or row.decided_by is None or row.decided_at is None:
        return None
    detail = row.detail or {}
    return Decided(
        msgspec.convert(detail["decision"], CHOICES[Choice(row.decision)]),
        row.decided_by,
        row.decided_at,
        msgspec.convert(detail["caps"], Caps | None),
        msgspec.convert(detail["tier"], Tier | None),
        msgspec.convert(detail["asked"], tuple[Cap, ...]),
        msgspec.convert(detail.get("expected"), Expected | None),
    )
