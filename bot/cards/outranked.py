"""Said to admins when a source stops counting, because another one sees the same account."""

from collections.abc import Iterable

from bot.cards.kit import named, section
from bot.notices import Card


def outranked(pairs: Iterable[tuple[str, str]]) -> Card:
    """`pairs` are a source and the account of which it counts nothing any more."""
    which = ", ".join(f"{named(source)} for {named(account)}" for source, account in pairs)
    text = (
        f"*No longer counted:* {which}. Another source reports the same account from now on, and a "
        "dollar that both see must not count twice, so these only inform; what they told of the "
        "open months leaves the figures. Where they are different calls, give one of them an "
        "`account` of its own under `sources:` in the contract file. `/budget sources` shows who "
        "counts."
    )
    return Card(text, (section(text),))
