"""What is said when a request has ended, one way or another."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.cards.kit import At, clip, escape, named, person, said, section, when
from bot.cards.request_steps import for_whom, questions_said
from bot.cards.requests import PARTED, PASSING
from bot.money import say
from bot.notices import Block, Card
from bot.request_effects import Effect
from bot.requests import Request, State

_TEXT = 3_500


@dataclass(frozen=True)
class Ending:
    """A request that has ended. `effect` and `told` (a sentence per changed cap) of an approval;
    `instead_of`: whom the person who answered stood in for.
    """

    request: Request
    name: str
    zone: str
    effect: Effect | None = None
    told: tuple[str, ...] = ()
    instead_of: str | None = None


def settled(posted: Card | None, ending: Ending) -> Card:
    """The card as it was posted, its buttons gone, with how it ended."""
    original = posted or Card(_what(ending))
    body, _, _ = original.text.partition(PARTED)
    words = "\n".join((_how(ending, when), *_trail(ending, when)))
    text = "\n".join((_how(ending, said), *_trail(ending, said), body))
    return Card(clip(text, _TEXT), (*filter(stays_when_ended, original.blocks), section(words)))


def stays_when_ended(block: Block) -> bool:
    return block["type"] != "actions" and block.get("block_id") not in PASSING


def _trail(ending: Ending, at: At) -> list[str]:
    """The steps before the last, and what was asked back."""
    return [*_earlier(ending, at), *questions_said(ending.request.questions)]


def _earlier(ending: Ending, at: At) -> list[str]:
    request = ending.request
    last = request.state is State.APPROVED
    return [
        f"Before that, {for_whom(one.by, one.instead_of)} approved, {at(one.at, ending.zone)}."
        for one in (request.approvals[:-1] if last else request.approvals)
    ]


def for_requester(ending: Ending) -> Card:
    def words(at: At) -> str:
        return f"Your request for {_what(ending)}: {_how(ending, at)}{_next(ending)}"

    return Card(clip(words(said), _TEXT), (section(words(when)),))


def for_owner(ending: Ending) -> Card:
    """What somebody else asked for, and got."""

    def words(at: At) -> str:
        asked = f"{person(ending.request.asked_by)} asked for {_what(ending)}, which you own"
        return "\n".join((f"{asked}: {_how(ending, at)}", *_earlier(ending, at)))

    return Card(clip(words(said), _TEXT), (section(words(when)),))


def ended_already(request: Request, zone: str, now: datetime) -> str:
    """To whoever acts too late."""
    if request.state is State.WAITING and now < request.expires_at:
        return "It changed just now: look at its card again. Nothing was changed."
    if request.state is State.WAITING or request.answered_at is None:
        expired = said(request.expires_at, zone, now=now)
        return f"Too late: it expired {expired}. Nothing was changed."
    at = when(request.answered_at, zone, now=now)
    by = f" by {person(request.answered_by)}" if request.state in _BY_PEOPLE else ""
    return f"Already {request.state}{by}, {at}. Nothing was changed."


def amount_of(request: Request, effect: Effect, at: At, zone: str) -> str:
    """`by $100.00, to $350.00, until Mon 30 Nov 00:00 CET`"""
    part = "" if request.granted is None else f" of the {say(request.amount)} asked"
    by = f"by {say(request.more)}{part}"
    if effect.end is None:
        # Overrides may stand on top of the base, so the cap in force is another figure.
        return f"{by}, to a base of {say(effect.after)}, for good"
    end = at(effect.end, zone, now=request.answered_at or request.asked_at)
    return f"{by}, to {say(effect.after)}, until {end}"


def what(request: Request) -> str:
    """For the audit trail: `$100.00 more on the weekly cap`."""
    return f"{say(request.amount)} more on the {request.cap} cap"


def for_audit(ending: Ending) -> str:
    """What whoever ended it did, after their name; the reason has its own place."""
    request = ending.request
    if ending.effect is None:
        return _DONE[request.state].format(what(request))
    return f"approved: {amount_of(request, ending.effect, said, ending.zone)} ({request.cap} cap)"


_DONE = {
    State.DENIED: "denied {}",
    State.WITHDRAWN: "withdrew the request for {}",
    State.EXPIRED: "let the request for {} expire",
    State.CLOSED: "closed the request for {}",
}


def _what(ending: Ending) -> str:
    return f"{what(ending.request)} of *{named(ending.name)}*"


def _how(ending: Ending, at: At) -> str:
    return _HOW[ending.request.state](ending, at)


def _by_at(verb: str, ending: Ending, at: At) -> str:
    request = ending.request
    moment = at(request.answered_at or request.expires_at, ending.zone)
    return f"{verb} by {for_whom(request.answered_by, ending.instead_of)}, {moment}"


def _approved(ending: Ending, at: At) -> str:
    amount = (
        amount_of(ending.request, ending.effect, at, ending.zone)
        if ending.effect is not None
        else ""
    )
    why = f" “{escape(ending.request.answer)}”" if ending.request.answer else ""
    return " ".join((f"✅ {_by_at('Approved', ending, at)}: {amount}.{why}", *ending.told))


def _denied(ending: Ending, at: At) -> str:
    return f"❌ {_by_at('Denied', ending, at)}: {escape(ending.request.answer)}"


def _withdrawn(ending: Ending, at: At) -> str:
    return f"↩️ {_by_at('Withdrawn', ending, at)}."


def _expired(ending: Ending, at: At) -> str:
    why = escape(ending.request.answer) or "nobody answered in time."
    return f"⌛ Expired {at(ending.request.expires_at, ending.zone)}: {why}"


def _closed(ending: Ending, _at: At) -> str:
    return f"🔒 Closed: {escape(ending.request.answer)}"


_BY_PEOPLE = {State.APPROVED, State.DENIED, State.WITHDRAWN}
_HOW: dict[State, Callable[[Ending, At], str]] = {
    State.APPROVED: _approved,
    State.DENIED: _denied,
    State.WITHDRAWN: _withdrawn,
    State.EXPIRED: _expired,
    State.CLOSED: _closed,
}


def _next(ending: Ending) -> str:
    if ending.request.state is not State.EXPIRED:
        return ""
    return f" Ask again with `/budget request {ending.request.workflow}`."
