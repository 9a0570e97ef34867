"""People in a sentence: who is spoken to for whom, and who acted in whose place."""

from bot.addressing import Addressed
from bot.cards.kit import person
from bot.cards.terms import day_said
from bot.periods import local_day


def addressed_said(addressed: Addressed, zone: str) -> str:
    """`@Mia for @Owen, who is away until Mon 30 Nov 2026`; the day they are back."""
    said = person(addressed.person) if addressed.person else "nobody owns it"
    if addressed.instead_of:
        said += f" for {person(addressed.instead_of)}"
    if addressed.until is None:
        return said
    return f"{said}, who is away until {day_said(local_day(addressed.until, zone))}"


def absent(addressed: Addressed, zone: str) -> str:
    """`@Owen, who is away until Mon 30 Nov 2026`; of whoever somebody stands in for."""
    return addressed_said(Addressed(addressed.instead_of, None, addressed.until), zone)


def acted(by: str | None, instead_of: str | None) -> str:
    """`@Kim for @Owen`."""
    return f"{person(by)} for {person(instead_of)}" if instead_of else person(by)
