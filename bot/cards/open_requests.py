"""`/budget requests`: every request that waits, with its age and what is left of its time."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.cards.answers import what
from bot.cards.kit import (
    At,
    actions,
    button,
    clip,
    context,
    escape,
    named,
    person,
    said,
    section,
    when,
)
from bot.cards.request_steps import group_said, step_said
from bot.chain import Chain
from bot.money import say
from bot.notices import Block, Card
from bot.open_requests import OpenRequest, OpenRequests
from bot.requests import Request, State

_PAGE = 6
_ENTRY = 560
_WHY = 120
_HEADS = {
    "to_answer": "*Waiting for your answer*",
    "asked": "*You asked for*",
    "others": "*Waiting for others*",
}


def listed(found: OpenRequests, now: datetime, *, start: int = 0) -> Card:
    entries = [(part, one) for part in _HEADS for one in getattr(found, part)]
    if not entries:
        text = (
            "No request is open: none waits for your answer, and nothing you asked for is "
            "unanswered. `/budget request` asks for more."
        )
        return Card(text, (section(text),))
    start = start if start < len(entries) else 0
    shown = entries[start : start + _PAGE]
    following = start + _PAGE if len(entries) > start + _PAGE else None
    text = "\n".join((_head(len(entries), start, len(shown)), *_lines(shown, now)))
    more = [actions(button("Show more", "requests.show", str(following)))] if following else []
    head = section(_head(len(entries), start, len(shown)))
    return Card(clip(text, 3_900), (head, *_blocks(shown, now), *more))


def _head(count: int, start: int, shown: int) -> str:
    which = "" if shown == count else f", {start + 1} to {start + shown}"
    return f"*Open requests* ({count}{which})"


def _lines(shown: Sequence[tuple[str, OpenRequest]], now: datetime) -> Iterator[str]:
    before = None
    for part, one in shown:
        if part != before:
            yield _HEADS[part]
        yield f"• {_entry(one, now, said)}"
        before = part


def _blocks(shown: Sequence[tuple[str, OpenRequest]], now: datetime) -> Iterator[Block]:
    before = None
    for part, one in shown:
        if part != before:
            yield context(_HEADS[part])
        yield section(_entry(one, now, when))
        if part in _BUTTONS:
            yield _acts(part, one.request)
        before = part


def _entry(one: OpenRequest, now: datetime, at: At) -> str:
    request = one.request
    why = escape(clip(request.reason, _WHY))
    return clip(
        f"{what(request)} of *{named(one.name)}*{_less(request)}, "
        f"asked by {person(request.asked_by)} {lasted(now - request.asked_at)} ago in "
        f"<#{request.channel}>. {_waits(one.chain)}"
        f"{_open_question(request)} {lasted(request.expires_at - now)} left: it expires "
        f"{at(request.expires_at, one.zone)}. Why: {why}",
        _ENTRY,
    )


def _less(request: Request) -> str:
    return "" if request.granted is None else f" ({say(request.granted)} of it approved so far)"


def _waits(chain: Chain | None) -> str:
    if chain is None:
        return "Nobody may approve it any more: an admin names an approver, or finance."
    link, step = chain.running, step_said(chain)
    also = f", or {group_said(link.beyond)}" if link.escalated and link.beyond else ""
    return f"Waiting for {group_said(link.group)}{also}{f' ({step})' if step else ''}."


def _open_question(request: Request) -> str:
    unanswered = [one for one in request.questions if not one.answer]
    return f" {person(unanswered[-1].by)} asked back and has no reply." if unanswered else ""


def lasted(stretch: timedelta) -> str:
    """`12 min`, `3 h`, `2 d 4 h`."""
    minutes = max(int(stretch.total_seconds()) // 60, 0)
    days, hours = minutes // 1_440, minutes % 1_440 // 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{hours} h" if hours else f"{minutes} min"


_BUTTONS = {
    "to_answer": (
        ("Approve", "requests.approve", "primary"),
        ("Approve less…", "requests.less", None),
        ("Ask…", "requests.ask", None),
        ("Deny…", "requests.deny", "danger"),
    ),
    "asked": (("Amend…", "requests.amend", None), ("Withdraw", "requests.withdraw", None)),
}


def _acts(part: str, request: Request) -> Block:
    value = f"{request.id}|{request.edition}"
    return actions(
        *(button(label, action, value, style=style) for label, action, style in _BUTTONS[part])
    )


_DONE = {
    State.APPROVED: "approved, and the requester is told",
    State.DENIED: "denied, and the requester is told",
    State.WITHDRAWN: "withdrawn",
    State.WAITING: "approved by you; it goes on to the next step, and the requester is told",
}


def done(request: Request) -> Card:
    """To whoever acted in this list, where no card changes before their eyes."""
    part = "" if request.granted is None else f" ({say(request.granted)} of it)"
    return Card(
        f"Done: {what(request)} of `{request.workflow}`{part} is {_DONE[request.state]}. "
        f"Its card is in <#{request.channel}>."
    )


def asked(request: Request) -> Card:
    return Card(
        f"Asked: your question is in the request's thread in <#{request.channel}>, and "
        f"{person(request.asked_by)} is told. The reply comes back to you."
    )
