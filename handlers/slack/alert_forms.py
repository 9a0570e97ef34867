"""The forms that open from an alert: what stands in them."""

from typing import Any

from bot.cards.kit import section
from bot.cards.terms import titled
from bot.explanations import LONGEST
from bot.snoozes import DAYS
from bot.workflows import Workflow
from handlers.slack.calls import View
from handlers.slack.forms import choice_input, modal, text_input


def explain_form(workflow: Workflow, private: dict[str, Any]) -> View:
    return modal(
        "alert.explain",
        "Explain an alert",
        (
            section(
                f"What is behind the spend of {titled(workflow)}? It is said in the alert's "
                "thread and shown in the next weekly review."
            ),
            text_input(
                "text",
                "Explanation",
                placeholder="We re-embedded the catalogue; it is over on Thursday.",
                hint="What happened, was it worth it, does it go on?",
                long=True,
                limit=LONGEST,
            ),
        ),
        submit="Explain",
        private=private,
    )


def snooze_form(workflow: Workflow, threshold: int, private: dict[str, Any]) -> View:
    choices = [(str(days), "1 day" if days == 1 else f"{days} days") for days in DAYS]
    return modal(
        "alert.snooze",
        "Snooze alerts",
        (
            section(
                f"Until then nothing at or below *{threshold} %* of any cap of {titled(workflow)} "
                "is said, and nobody else is asked. A higher threshold breaks through. What was "
                "kept back and still holds is said when the snooze ends."
            ),
            choice_input("days", "For how long", choices, choices[0][0], radio=True),
        ),
        submit="Snooze",
        private=private,
    )
