"""What one person, or the request's thread, is told while a request is on its way."""

from collections.abc import Callable

from bot.cards.kit import At, actions, button, clip, escape, named, person, said, section, when
from bot.cards.request_steps import (
    clock_lines,
    for_whom,
    group_said,
    step_said,
)
from bot.cards.requests import Asking
from bot.chain import Link
from bot.money import say
from bot.notices import Block, Card
from bot.requests import Approval, Question, Request

_TEXT = 3_000
_WHY = 300
_QUOTED = 800


def _card(words: Callable[[At], str], *more: Block) -> Card:
    return Card(clip(words(said), _TEXT), (section(words(when)), *more))


def _quoted(text: str, limit: int) -> str:
    return clip(escape(clip(text, limit)), 2 * limit)


def _list() -> Block:
    return actions(button("See open requests", "requests.show", "0"))


def _about(asking: Asking, request: Request) -> str:
    """`@Owen's request for $100.00 more on the weekly cap of *Search ranking*`"""
    name = named(asking.standing.workflow.name)
    what = f"{say(request.more)} more on the {request.cap} cap of *{name}*"
    return f"{person(request.asked_by)}'s request for {what}"


def _where(request: Request) -> str:
    return f"Its card with the buttons is in <#{request.channel}>."


def _runs(asking: Asking, at: At) -> str:
    return " ".join(clock_lines(asking.chain, asking.clocks, at, asking.zone))


def your_turn(asking: Asking, request: Request) -> Card:
    """To those whose step it has come to."""
    return _waits(asking, request, "waits for you")


def nobody(asking: Asking, request: Request) -> Card:
    """To the admins and the requester: it waits for nobody."""

    def words(at: At) -> str:
        return (
            f"⚠️ {_about(asking, request)} waits for nobody. {asking.stuck} Until then it waits; "
            f"it expires {at(request.expires_at, asking.zone)}. Its card is in "
            f"<#{request.channel}>."
        )

    return _card(words)


def reminder(asking: Asking, request: Request) -> Card:
    return _waits(asking, request, "still waits for your answer")


def _waits(asking: Asking, request: Request, how: str) -> Card:
    step = step_said(asking.chain)
    before = "".join(f" {_yes(one)}." for one in request.approvals)
    why = _quoted(request.reason, _WHY)

    def words(at: At) -> str:
        return (
            f"⏳ {_about(asking, request)} {how}{f' ({step})' if step else ''}.{before} "
            f"Why: {why} {_where(request)} {_runs(asking, at)}"
        )

    return _card(words, _list())


def _yes(approval: Approval) -> str:
    return f"{for_whom(approval.by, approval.instead_of)} approved it"


def you_may_too(asking: Asking, request: Request) -> Card:
    """To the group beyond, once a step has waited too long."""
    step = asking.chain.running.group

    def words(at: At) -> str:
        return (
            f"🔔 {_about(asking, request)} is unanswered by {group_said(step)}: you may answer it "
            f"as well. Why: {_quoted(request.reason, _WHY)} {_where(request)} "
            f"{_runs(asking, at)}"
        )

    return _card(words, _list())


def others_may_too(asking: Asking, request: Request, link: Link) -> Card:
    """To the requester."""
    also = group_said(link.beyond or link.group)

    def words(at: At) -> str:
        return (
            f"🔔 {_about(asking, request)} is unanswered so far: {also} may answer as well now. "
            f"{_runs(asking, at)}"
        )

    return _card(words)


def passed_on(asking: Asking, request: Request, approval: Approval, reason: str) -> Card:
    """To the requester: one yes of several."""
    less = ""
    if request.granted is not None:
        less = f" That is {say(request.granted)} of the {say(request.amount)} you asked for."
    why = f" “{_quoted(reason, _WHY)}”" if reason else ""

    def words(at: At) -> str:
        return (
            f"👍 {_about(asking, request)}: {_yes(approval)}.{why}{less} Nothing is granted yet: "
            f"it waits for {group_said(asking.chain.running.group)} ({step_said(asking.chain)}). "
            f"{_runs(asking, at)}"
        )

    return _card(words)


def asked_back(asking: Asking, request: Request, question: Question) -> Card:
    """In the request's thread."""
    asks = f"{person(request.asked_by)}, {person(question.by)} asks"
    return _question(asking, request, question, asks, "this thread")


def asked_you(asking: Asking, request: Request, question: Question) -> Card:
    """To the requester, who may not look at the channel."""
    asks = f"{person(question.by)} asks about {_about(asking, request)}"
    place = f"its thread in <#{request.channel}>; the answer goes back to them"
    return _question(asking, request, question, asks, place)


def _question(asking: Asking, request: Request, question: Question, asks: str, place: str) -> Card:
    def words(at: At) -> str:
        return (
            f"❓ {asks}: “{_quoted(question.text, _QUOTED)}” Reply in {place}. The clock runs on: "
            f"unanswered, the request expires {at(request.expires_at, asking.zone)}."
        )

    return _card(words)


def replied(asking: Asking, request: Request, question: Question, reply: str) -> Card:
    """To whoever asked back."""

    def words(at: At) -> str:
        return (
            f"💬 {person(request.asked_by)} replies about {_about(asking, request)}: "
            f"“{_quoted(reply, _QUOTED)}” You had asked: "
            f"“{_quoted(question.text, _WHY)}” {_where(request)} {_runs(asking, at)}"
        )

    return _card(words, _list())


def amended(asking: Asking, request: Request) -> Card:
    """In the request's thread: it begins again."""

    def words(at: At) -> str:
        return (
            f"✏️ {person(request.asked_by)} changed what is asked: now {say(request.amount)} more "
            f"on the {request.cap} cap. Every step is asked again, and the clocks begin again: "
            f"{group_said(asking.chain.running.group)} answers first. {_runs(asking, at)}"
        )

    return _card(words)


def your_yes_is_gone(asking: Asking, request: Request) -> Card:
    """To whoever had approved what it was before."""

    def words(at: At) -> str:
        return (
            f"✏️ {_about(asking, request)} was changed after you approved it, so your yes no "
            f"longer counts. {group_said(asking.chain.running.group)} answers first. "
            f"{_where(request)} {_runs(asking, at)}"
        )

    return _card(words)
