"""Did it happen? Asked when an override has ended, answered, and shown on the contract."""

from bot.cards.kit import At, actions, button, clip, escape, named, person, said, section, when
from bot.money import say
from bot.notices import Block, Card
from bot.outcomes import Happened, Outcome
from bot.workflows import Workflow

_TEXT = 3_000
_QUOTED = 300


_MARKS = {Happened.YES: "✅", Happened.PARTLY: "🟡", Happened.NO: "❌"}


def question(outcome: Outcome, workflow: Workflow) -> Card:
    """In the request's thread, and to whoever asked."""
    return _asked(outcome, workflow, f"{person(outcome.asked_of)}, did it happen?")


def reminder(outcome: Outcome, workflow: Workflow) -> Card:
    return _asked(outcome, workflow, "Still open: did it happen?")


def _asked(outcome: Outcome, workflow: Workflow, head: str) -> Card:
    amount = f"+{say(outcome.amount)} on the {outcome.cap} cap of *{named(workflow.name)}*"
    text = (
        f"{head} {amount} has ended. {_promise(outcome)} "
        "The answer stands on the contract and in the next review. "
        f"{person(outcome.asked_of)}, the owner or the backup may answer."
    )
    if outcome.reminds_at is not None:
        text += " Asked once more after three days."
    clipped = clip(text, _TEXT)
    return Card(clipped, (section(clipped), actions(*_buttons(outcome))))


def _promise(outcome: Outcome) -> str:
    if not outcome.promised:
        return "No outcome had been named: what came of it?"
    target = f", target “{_quoted(outcome.target)}”" if outcome.target else ""
    return f"Promised was: “{_quoted(outcome.promised)}”{target}."


def _buttons(outcome: Outcome) -> tuple[Block, ...]:
    return (
        button("Yes, with evidence…", "outcome.yes", outcome.request),
        button("Partly…", "outcome.partly", outcome.request),
        button("No…", "outcome.no", outcome.request),
    )


def settled(outcome: Outcome, workflow: Workflow, zone: str) -> Card:
    """Instead of the question; whoever answered may correct it for a day."""
    amount = f"+{say(outcome.amount)} on the {outcome.cap} cap of *{named(workflow.name)}*"

    def words(at: At) -> str:
        return f"{amount}: {answer_said(outcome, at, zone)} {_promise(outcome)}"

    correct = actions(button("Correct…", "outcome.correct", outcome.request))
    hint = f" {person(outcome.by)} may correct it for a day."
    return Card(
        clip(words(said) + hint, _TEXT), (section(clip(words(when) + hint, _TEXT)), correct)
    )


def answer_said(outcome: Outcome, at: At, zone: str) -> str:
    """`✅ it happened, says @Owen, Tue 24 Nov 10:00: “p95 1.8 s” (link)`"""
    if outcome.answer is None or outcome.at is None:
        return f"asked {person(outcome.asked_of)}, no answer yet."
    link = f" <{escape_link(outcome.link)}|Link>" if outcome.link else ""
    return (
        f"{_MARKS[outcome.answer]} {outcome.answer.words}, says {person(outcome.by)}, "
        f"{at(outcome.at, zone)}: “{_quoted(outcome.evidence)}”{link}."
    )


def escape_link(link: str) -> str:
    """A checked address; Slack wants its ampersands escaped."""
    return link.replace("&", "&amp;")


def waiting(outcome: Outcome, name: str) -> str:
    """Among what waits for a person."""
    amount = f"+{say(outcome.amount)} on the {outcome.cap} cap of *{named(name)}*"
    return f"Did it happen? {amount} has ended: answer in your messages from budget-bot"


def before_answer(outcome: Outcome, workflow: Workflow) -> str:
    amount = f"+{say(outcome.amount)} on the {outcome.cap} cap of *{named(workflow.name)}*"
    return f"{amount}. {_promise(outcome)}"


def thanked(outcome: Outcome) -> Card:
    words = outcome.answer.words if outcome.answer else "no answer"
    text = f"Thank you, it is kept: {words}. You may correct it for a day."
    return Card(text, (section(text),))


def _quoted(text: str) -> str:
    return escape(clip(text, _QUOTED))
