"""What changed in a contract, in words, out of the fields that differ."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.cards.terms import kept_said
from bot.changes import INSTEAD_OF
from bot.labels import label
from bot.money import say
from bot.requests import Request

Kept = Mapping[str, Any]

# They follow from another change, which is said, or are said already; so do ids like `request:…`.
_UNSAID = {
    "status_since",
    "activated_at",
    "agreed_by",
    "agreed_at",
    "amount",
    "at",
    "until",
    INSTEAD_OF,
}


def changes_said(before: Kept, after: Kept) -> Iterator[str]:
    """`weekly cap $250.00 → $200.00`, one for each field."""
    for field, value in after.items():
        if field in _UNSAID or ":" in field:
            continue
        yield f"{label(field)} {kept_said(field, before.get(field))} → {kept_said(field, value)}"


def asked_said(request: Request) -> str:
    return (
        f"{say(request.amount)} more on the {request.cap} cap waits for an approval; "
        "until then the cap stays as it is"
    )
