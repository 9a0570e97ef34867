"""What was granted beside the contract, and what came of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.break_glass import BreakGlass
from bot.cards.kit import clip, escape, person, when
from bot.cards.proven import on_contract
from bot.money import say
from bot.outcomes import Outcome
from bot.overrides import Override
from bot.proven import Proven
from bot.requests import Path, Request

_SHOWN = 5
_QUOTED = 120


@dataclass(frozen=True)
class Exceptional:
    """One override with what is known of it."""

    override: Override
    request: Request | None = None
    outcome: Outcome | None = None
    broken: BreakGlass | None = None


def exception_notes(
    proven: Proven | None, known: Sequence[Exceptional], zone: str, now: datetime
) -> tuple[str, ...]:
    """`known`: the newest first."""
    return tuple(_notes(proven, known, zone, now))


def _notes(
    proven: Proven | None, known: Sequence[Exceptional], zone: str, now: datetime
) -> Iterator[str]:
    if proven is not None:
        yield f"⏩ {on_contract(proven)}."
    if known:
        yield "*Exceptions*, the newest first"
    for one in known[:_SHOWN]:
        yield f"• {_note(one, zone, now)}"
    if len(known) > _SHOWN:
        yield f"• and {len(known) - _SHOWN} before"


def _note(one: Exceptional, zone: str, now: datetime) -> str:
    override = one.override
    end = min(override.end, override.ended_at or override.end)
    verb = "until" if override.in_force(now) or override.ended_at is None else "ended"
    return (
        f"+{say(override.amount)} on the {override.cap} cap, {_how(one)}, {verb} "
        f"{when(end, zone, now=now)}{_came_of_it(one)}"
    )


def _how(one: Exceptional) -> str:
    if one.request is None:
        return f"granted by {person(one.override.granted_by)}"
    if one.request.path is Path.SMALL:
        return "by itself within the policy"
    if one.request.path is Path.BREAK_GLASS:
        return f"*break-glass* by {person(one.request.asked_by)}"
    way = " on the expedited path" if one.request.path is Path.EXPEDITED else ""
    return f"approved by {person(one.override.granted_by)}{way}"


def _came_of_it(one: Exceptional) -> str:
    if one.broken is not None:
        note = f": “{_quoted(one.broken.note)}”" if one.broken.note else ""
        return f" – {one.broken.state.words}{note}"
    if one.outcome is None:
        return ""
    if one.outcome.answer is None:
        return " – outcome: no answer yet"
    evidence = _quoted(one.outcome.evidence)
    return f" – outcome: {one.outcome.answer.words}, “{evidence}”"


def _quoted(text: str) -> str:
    return escape(clip(text, _QUOTED))
