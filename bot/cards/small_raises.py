"""A raise that went through by itself, and one that was taken back."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.cards.answers import amount_of, stays_when_ended
from bot.cards.kit import At, actions, button, clip, escape, named, person, said, section, when
from bot.cards.request_steps import for_whom
from bot.cards.requests import PARTED, Asking, passing
from bot.money import say
from bot.notices import Block, Card
from bot.overrides import Override
from bot.requests import Request
from bot.small_raises import TAKEN_BACK_WITHIN, SmallRaise
from bot.workflows import Workflow

_TEXT = 3_000

Words = Callable[[At], str]


def for_channel(asking: Asking, request: Request, small: SmallRaise, told: Sequence[str]) -> Card:
    def words(at: At) -> str:
        why = f"Why: {_quoted(request.reason)}{_outcome(request)}"
        return f"⚡ {_raised(asking, request, small, at)}\n{why}"

    def stands(at: At) -> str:
        return " ".join((*told, _take_back(asking, request, at)))

    return _open(words, stands, _button(request))


def for_approver(asking: Asking, request: Request, small: SmallRaise) -> Card:
    def words(at: At) -> str:
        return f"⚡ {_raised(asking, request, small, at)}\nWhy: {_quoted(request.reason)}"

    def stands(at: At) -> str:
        return f"It needs no answer; you may take it back until {at(_until(request), asking.zone)}."

    return _open(words, stands, _button(request))


def for_owner(asking: Asking, request: Request, small: SmallRaise, told: Sequence[str]) -> Card:
    """What somebody else asked for."""

    def words(at: At) -> str:
        return (
            f"⚡ {_raised(asking, request, small, at)} You own it. {' '.join(told)}\n"
            f"Why: {_quoted(request.reason)}"
        )

    return _card(words)


def for_requester(asking: Asking, request: Request, small: SmallRaise) -> Card:
    def words(at: At) -> str:
        return (
            f"⚡ Granted by itself: {_amount(asking, request, at)} ({small}). The approver is told "
            f"and may take it back until {at(_until(request), asking.zone)}."
        )

    return _card(words)


def where_typed(request: Request, workflow: Workflow) -> Card:
    text = (
        f"Granted by itself, within the policy: +{say(request.amount)} on the {request.cap} cap of "
        f"*{named(workflow.name)}*; <#{request.channel}> is told."
    )
    return Card(text, (section(text),))


def _raised(asking: Asking, request: Request, small: SmallRaise, at: At) -> str:
    by = person(request.asked_by)
    return f"{by} got more without asking anybody: {_amount(asking, request, at)} ({small})."


def _amount(asking: Asking, request: Request, at: At) -> str:
    name = named(asking.standing.workflow.name)
    amount = amount_of(request, asking.effect, at, asking.zone)
    return f"the {request.cap} cap of *{name}* is raised {amount}"


def _take_back(asking: Asking, request: Request, at: At) -> str:
    people = ", ".join(person(one) for one in asking.chain.running.people[:5])
    return f"{people} may take it back until {at(_until(request), asking.zone)}."


def _until(request: Request) -> datetime:
    return (request.answered_at or request.asked_at) + TAKEN_BACK_WITHIN


def _outcome(request: Request) -> str:
    if not request.outcome:
        return ""
    target = f", target {_quoted(request.target)}" if request.target else ""
    return f"\nOutcome: {_quoted(request.outcome)}{target}"


def _quoted(text: str) -> str:
    return escape(clip(text, 700))


def _button(request: Request) -> Block:
    return actions(button("Take back", "raise.take_back", request.id))


def settled(posted: Card | None, request: Request, words: Words) -> Card:
    """The card, or the word to an approver, with how it stands now in place of its button."""
    original = posted or Card(f"{say(request.more)} more on the {request.cap} cap.")
    # What people wrote may hold an empty line, too.
    body = original.text.rpartition(PARTED)[0] or original.text
    return Card(
        clip(f"{words(said)}\n{body}", _TEXT),
        (*filter(stays_when_ended, original.blocks), section(words(when))),
    )


def taken_back(
    by: tuple[str, str | None], moment: datetime, told: Sequence[str], zone: str
) -> Words:
    """`by`: who, and whom they stand in for."""

    def words(at: At) -> str:
        return f"↩️ Taken back by {for_whom(*by)}, {at(moment, zone)}. {' '.join(told)}".strip()

    return words


def stays(override: Override, zone: str, now: datetime) -> Words:
    """Nobody took it back in time."""
    ended = override.ended_at or override.end

    def words(at: At) -> str:
        if ended <= now:
            return f"⌛ It ended {at(ended, zone)}: nothing is left to take back."
        end = at(override.end, zone, now=now)
        return f"⌛ The day to take it back is over: it ends by itself {end}."

    return words


def taken_back_privately(request: Request, workflow: Workflow, by: tuple[str, str | None]) -> Card:
    """To whoever asked, and the owner."""
    text = (
        f"↩️ {for_whom(*by)} took back the {say(request.more)} more on the {request.cap} cap of "
        f"*{named(workflow.name)}* that had gone through by itself. `/budget request "
        f"{workflow.key}` asks them."
    )
    return Card(text, (section(text),))


def _card(words: Words) -> Card:
    return Card(clip(words(said), _TEXT), (section(words(when)),))


def _open(words: Words, stands: Words, buttons: Block) -> Card:
    """What `stands` says goes with the buttons."""
    body = clip(words(said), _TEXT - len(stands(said)))
    blocks = (section(words(when)), passing("where_it_stands", section(stands(when))), buttons)
    return Card(f"{body}{PARTED}{stands(said)}", blocks)
