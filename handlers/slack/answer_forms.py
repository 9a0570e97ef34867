"""The forms of those who answer a request: less, a question, a no."""

from typing import Any

from bot.askable import LENGTHS, LONGEST_DAYS
from bot.cards.answers import what
from bot.cards.kit import named, section
from bot.edits import Wrong
from bot.money import as_typed, read_usd, say
from bot.names import tidy
from bot.questions import LONGEST
from bot.refusal import Refusal
from bot.requests import Less, Request, Until
from bot.workflows import Workflow
from handlers.slack.calls import View
from handlers.slack.forms import choice_input, modal, text_input
from handlers.slack.request_forms import UNTIL, read_days


def less_form(request: Request, workflow: Workflow, private: dict[str, Any]) -> View:
    asked = (
        f"{what(request)} of *{named(workflow.name)}*. What you leave out is not granted; later "
        "steps see the smaller amount."
    )
    return modal(
        "request.less",
        "Approve less",
        (
            section(asked),
            text_input(
                "amount",
                f"How much, in USD (asked: {say(request.more)})",
                placeholder=f"{as_typed(request.more)} was asked",
                limit=40,
            ),
            choice_input("until", "Until", UNTIL, request.until.value),
            text_input(
                "days",
                "Days",
                str(request.days) if request.days else None,
                hint="Only with “A number of days”; not longer than was asked.",
                optional=True,
                limit=10,
            ),
            text_input(
                "reason",
                "Why less",
                hint="The requester is told.",
                optional=True,
                long=True,
                limit=LENGTHS["reason"],
            ),
        ),
        submit="Approve this much",
        private=private,
    )


def read_less(values: dict[str, Any]) -> Less:
    """Raises Wrong with all that cannot be read."""
    found = list(_unread(values))
    if found:
        raise Wrong(found)
    until = Until(values["until"])
    days = read_days(values) if until is Until.DAYS else None
    return Less(read_usd(tidy(values["amount"])), until, days)


def _unread(values: dict[str, Any]) -> list[Refusal]:
    found = []
    try:
        read_usd(tidy(values.get("amount") or ""), field="amount")
    except Refusal as refusal:
        found.append(refusal)
    until, days = values.get("until"), read_days(values)
    if until not in {*map(str, Until)}:
        found.append(Refusal("Choose until when.", field="until"))
    elif until == Until.DAYS.value and not 1 <= (days or 0) <= LONGEST_DAYS:
        found.append(Refusal(f"Write a number of days from 1 to {LONGEST_DAYS}.", field="days"))
    return found


def ask_form(request: Request, workflow: Workflow, private: dict[str, Any]) -> View:
    return modal(
        "request.ask",
        "Ask the requester",
        (
            section(
                f"{what(request)} of *{named(workflow.name)}*. Your question is posted in the "
                "request's thread; the reply comes back to you. The clock runs on meanwhile."
            ),
            text_input("question", "Question", long=True, limit=LONGEST),
        ),
        submit="Ask",
        private=private,
    )


def deny_form(request: Request, workflow: Workflow, private: dict[str, Any]) -> View:
    return modal(
        "request.deny",
        "Deny this request",
        (
            section(f"{what(request)} of *{named(workflow.name)}*"),
            text_input(
                "reason",
                "Why not",
                hint="The requester is told.",
                long=True,
                limit=LENGTHS["reason"],
            ),
        ),
        submit="Deny",
        private=private,
    )
