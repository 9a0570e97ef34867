"""Money taken at once: said loudly, and looked at on the next working day."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from bot.break_glass import BreakGlass, Reach, Review
from bot.cards.changed import reasoned
from bot.cards.kit import At, actions, button, clip, escape, named, person, said, section, when
from bot.cards.request_steps import for_whom
from bot.cards.terms import day_said
from bot.delegations import Acting
from bot.incidents import Taken, reach_of
from bot.money import say
from bot.notices import Block, Card
from bot.periods import CapKind, local_day, zone_now
from bot.requests import Request
from bot.workflows import Workflow
from bot.working_days import end_of_next

_TEXT = 3_000
_SHOWN = 5


def for_channel(taken: Taken, approvers: Sequence[str]) -> Card:
    """It mentions the owner and whoever approves."""
    concerned = dict.fromkeys((taken.workflow.owner, *approvers))
    mentioned = ", ".join(person(one) for one in concerned if one)
    return _card(lambda at: f"{_what(taken, at)}{mentioned} – {_then(taken, at)}")


def for_person(taken: Taken) -> Card:
    return _card(lambda at: f"{_what(taken, at)}{_then(taken, at)}")


def for_taker(taken: Taken) -> Card:
    def words(at: At) -> str:
        return (
            f"Done: {_amount(taken, at)}. The channel, the approver and finance are told. "
            f"{_then(taken, at)}"
        )

    return _card(words)


def _what(taken: Taken, at: At) -> str:
    by = person(taken.one.by)
    told = f" {' '.join(taken.told)}" if taken.told else ""
    return (
        f"🚨 *Break-glass*: {by} took {_amount(taken, at)}, without asking.{told}\n"
        f"Incident: “{_incident(taken.request)}”.\n"
    )


def _incident(request: Request) -> str:
    return escape(request.reason.rstrip(". "))


def _amount(taken: Taken, at: At) -> str:
    request, effect = taken.request, taken.effect
    until = f", until {at(effect.end, taken.zone)}" if effect.end else ""
    reach = Reach(effect.periods, request.cap.noun)
    each = f" ({reach.in_all(request.amount)})" if effect.periods > 1 else ""
    return (
        f"+{say(request.amount)} on the {request.cap} cap of *{named(taken.workflow.name)}*{each}, "
        f"to {say(effect.after)}{until}"
    )


def _then(taken: Taken, at: At) -> str:
    return (
        f"The approver and finance are asked {at(taken.asked_at, taken.zone)} whether it was "
        f"right. A second one is refused until {at(taken.again_at, taken.zone)}."
    )


def again(first: BreakGlass, request: Request | None, again_at: datetime, zone: str) -> str:
    """Why a second one is refused, naming the first."""
    amount = f", +{say(request.amount)} on the {request.cap} cap" if request else ""
    why = f" (“{escape(clip(request.reason, 120))}”)" if request else ""
    return (
        f"{person(first.by)} broke the glass already this month, "
        f"{said(first.at, zone)}{amount}{why}. "
        f"The next time is possible from {said(again_at, zone)}; until then ask with "
        f"/budget request {first.workflow}."
    )


def before(workflow: Workflow, most: Decimal, now: datetime) -> str:
    """What taking it means, on top of the form."""
    zone = zone_now(workflow.calendars, now)
    until = end_of_next(now, zone)
    head = (
        f"For an incident only: *{named(workflow.name)}* gets the money at once, until "
        f"{said(until, zone)}. The channel, the approver and finance hear of it now and say on "
        f"the next working day whether it was right. At most {say(most)}, once a month."
    )
    kinds = [kind for kind, _ in workflow.caps.present()]
    several = (_reaching(kind, reach_of(workflow, kind, now), most) for kind in kinds)
    return "\n".join(filter(None, (head, *several)))


def _reaching(kind: CapKind, reach: Reach, most: Decimal) -> str:
    if reach.periods == 1:
        return ""
    largest = reach.each_of(most)
    return (
        f"• On the {kind} cap the amount comes in each of {reach.periods} {reach.noun}s until "
        f"then: at most {reach.in_all(largest)}."
    )


def question(
    one: BreakGlass, request: Request, may: Sequence[Acting], clocks: Sequence[datetime], zone: str
) -> Card:
    """In the thread; `clocks`: when they are reminded, and when it is left as it is."""
    reminded, closes = clocks

    def words(at: At) -> str:
        return (
            f"{_people(may)}: was it right that {person(one.by)} took "
            f"+{say(request.amount)} on the {request.cap} cap for “{_incident(request)}”? "
            f"Reminded {at(reminded, zone)}; unanswered, it stands as not reviewed from "
            f"{at(closes, zone)}."
        )

    return _card(words, actions(*_buttons(one)))


def asked_privately(
    one: BreakGlass, request: Request, workflow: Workflow, closes: datetime, zone: str
) -> Card:
    head = "Still unanswered: was" if one.state is Review.REMINDED else "Was"

    def words(at: At) -> str:
        return (
            f"{head} it right that {person(one.by)} took +{say(request.amount)} on the "
            f"{request.cap} cap of *{named(workflow.name)}* at once, for "
            f"“{_incident(request)}”? Its thread is in <#{request.channel}>. Unanswered, it "
            f"stands as not reviewed from {at(closes, zone)}."
        )

    return _card(words, actions(*_buttons(one)))


def _buttons(one: BreakGlass) -> tuple[Block, Block]:
    return (
        button("It was right", "break_glass.right", one.request, style="primary"),
        button("It was not…", "break_glass.wrong", one.request),
    )


def _people(may: Sequence[Acting]) -> str:
    shown = ", ".join(for_whom(each.person, each.instead_of) for each in may[:_SHOWN])
    more = f" and {len(may) - _SHOWN} more" if len(may) > _SHOWN else ""
    return f"{shown}{more}" if shown else "Nobody else may say: set finance in the contract file"


def settled(posted: Card | None, one: BreakGlass, instead_of: str | None, zone: str) -> Card:
    """The question without its buttons, with what was said."""
    original = posted or Card("Was it right to break the glass?")
    kept = tuple(block for block in original.blocks if block["type"] != "actions")
    body = original.text

    def words(at: At) -> str:
        return verdict(one, instead_of, at, zone)

    text = clip(f"{words(said)}\n{body}", _TEXT)
    return Card(text, (*kept, section(words(when))))


def verdict(one: BreakGlass, instead_of: str | None, at: At, zone: str) -> str:
    if one.answered_at is None:
        return "⌛ Nobody said whether it was right: it stands as *not reviewed*."
    who = for_whom(one.answered_by, instead_of)
    mark = "✅" if one.state is Review.RIGHT else "❌"
    words = one.state.words
    return f"{mark} {who}: {words}, {at(one.answered_at, zone)}{reasoned(one.note)}."


def for_those_concerned(
    one: BreakGlass, workflow: Workflow, instead_of: str | None, zone: str
) -> Card:
    return _card(
        lambda at: (
            f"The break-glass of {person(one.by)} for *{named(workflow.name)}*, "
            f"{at(one.at, zone)}: {verdict(one, instead_of, at, zone)}"
        )
    )


def day(one: BreakGlass, zone: str) -> str:
    return day_said(local_day(one.at, zone))


def waiting(one: BreakGlass, name: str, channel: str) -> str:
    """Among what waits for a person."""
    return f"Was the break-glass of {person(one.by)} for *{named(name)}* right? In <#{channel}>"


def before_note(one: BreakGlass, request: Request) -> str:
    return (
        f"{person(one.by)} took +{say(request.amount)} on the {request.cap} cap for "
        f"“{_incident(request)}”. What you write is said in the thread."
    )


def _card(words: Callable[[At], str], *more: Block) -> Card:
    return Card(clip(words(said), _TEXT), (section(words(when)), *more))
