"""What is said when a request has ended, one way or another."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.cards.kit import clip, escape, named, person, said, section, when
from bot.cards.requests import At
from bot.money import say
from bot.notices import Card
from bot.requests import Effect, Request, State

_TEXT = 3_500


@dataclass(frozen=True)
class Ending:
    """A request that has ended. `effect` and `told` (a sentence per changed cap) of an approval."""

    request: Request
    name: str
    zone: str
    effect: Effect | None = None
    told: tuple[str, ...] = ()


def settled(posted: Card | None, ending: Ending) -> Card:
    """The card as it was posted, its buttons gone, with how it ended."""
    original = posted or Card(_what(ending))
    kept = tuple(block for block in original.blocks if block["type"] != "actions")
    text = clip(f"{_how(ending, said)}\n{original.text}", _TEXT)
    return Card(text, (*kept, section(_how(ending, when))))


def for_requester(ending: Ending) -> Card:
    def words(at: At) -> str:
        return f"Your request for {_what(ending)}: {_how(ending, at)}{_next(ending)}"

    return Card(clip(words(said), _TEXT), (section(words(when)),))


def ended_already(request: Request, zone: str) -> str:
    """To whoever acts too late."""
    if request.state is State.WAITING or request.answered_at is None:
        return f"Too late: it expired {said(request.expires_at, zone)}. Nothing was changed."
    at = when(request.answered_at, zone)
    by = f" by {person(request.answered_by)}" if request.state in _BY_PEOPLE else ""
    return f"Already {request.state}{by}, {at}. Nothing was changed."


def amount_of(request: Request, effect: Effect, at: At, zone: str) -> str:
    """`by $100.00, to $350.00, until Mon 30 Nov 00:00 CET`"""
    if effect.end is None:
        # Overrides may stand on top of the base, so the cap in force is another figure.
        return f"by {say(request.more)}, to a base of {say(effect.after)}, for good"
    return f"by {say(request.more)}, to {say(effect.after)}, until {at(effect.end, zone)}"


def what(request: Request) -> str:
    """For the audit trail: `$100.00 more on the weekly cap`."""
    return f"{say(request.more)} more on the {request.cap} cap"


def for_audit(ending: Ending) -> str:
    """`approved $100.00 more on the weekly cap, by …`; the reason has its own place."""
    request = ending.request
    if ending.effect is None:
        return f"{request.state}: {what(request)}"
    return f"approved: {amount_of(request, ending.effect, said, ending.zone)} ({request.cap} cap)"


def _what(ending: Ending) -> str:
    return f"{what(ending.request)} of *{named(ending.name)}*"


def _how(ending: Ending, at: At) -> str:
    return _HOW[ending.request.state](ending, at)


def _by_at(verb: str, ending: Ending, at: At) -> str:
    request = ending.request
    moment = at(request.answered_at or request.expires_at, ending.zone)
    return f"{verb} by {person(request.answered_by)}, {moment}"


def _approved(ending: Ending, at: At) -> str:
    amount = (
        amount_of(ending.request, ending.effect, at, ending.zone)
        if ending.effect is not None
        else ""
    )
    return " ".join((f"✅ {_by_at('Approved', ending, at)}: {amount}.", *ending.told))


def _denied(ending: Ending, at: At) -> str:
    return f"❌ {_by_at('Denied', ending, at)}: {escape(ending.request.answer)}"


def _withdrawn(ending: Ending, at: At) -> str:
    return f"↩️ {_by_at('Withdrawn', ending, at)}."


def _expired(ending: Ending, at: At) -> str:
    return f"⌛ Expired {at(ending.request.expires_at, ending.zone)}: nobody answered in time."


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
