"""Did it happen? What a request promised, asked of its requester when the money has ended."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.names import tidy
from bot.periods import CapKind
from bot.refusal import NotAllowed, Refusal, TooLate
from bot.workflows import Workflow

REMINDED_AFTER = timedelta(days=3)
CORRECTED_WITHIN = timedelta(days=1)

LENGTHS = {"evidence": 700, "link": 300}


class Happened(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"

    @property
    def words(self) -> str:
        return {"yes": "it happened", "partly": "it happened in part", "no": "it did not happen"}[
            self
        ]


@dataclass(frozen=True)
class Outcome:
    """Asked of `asked_of` (a Slack id) when an override ended; `answer` None until somebody says.

    `promised` and `target` are the request's words, `amount` the USD it gave on its `cap`.
    """

    request: str
    workflow: str
    asked_of: str
    asked_at: datetime
    cap: CapKind
    amount: Decimal
    promised: str = ""
    target: str = ""
    reminds_at: datetime | None = None
    answer: Happened | None = None
    evidence: str = ""
    link: str = ""
    by: str | None = None
    at: datetime | None = None
    version: int = 1

    @property
    def notice(self) -> str:
        """The outbox key of the question in the request's thread."""
        return f"outcome:{self.request}"


@dataclass(frozen=True)
class Said:
    """What somebody says to it."""

    request: str
    by: str
    answer: Happened
    evidence: str = ""
    link: str = ""


def answered(outcome: Outcome, said: Said, workflow: Workflow, now: datetime) -> Outcome:
    """The outcome with the answer. Raises Refusal: who may, who was first, what is missing."""
    check_may_say(said.by, outcome, workflow, now)
    return replace(
        outcome,
        answer=said.answer,
        evidence=_evidence(said),
        link=_link(said.link),
        by=said.by,
        at=now,
        reminds_at=None,
    )


def check_may_say(by: str, outcome: Outcome, workflow: Workflow, now: datetime) -> None:
    """The requester, the owner or the backup; once said, only the same person, for a day."""
    may = [one for one in (outcome.asked_of, workflow.owner, workflow.backup) if one]
    if by not in may:
        who = " or ".join(f"<@{one}>" for one in dict.fromkeys(may))
        raise NotAllowed(f"Whether it happened says {who}.")
    if outcome.answer is None or outcome.at is None:
        return
    if by != outcome.by:
        raise TooLate(
            f"Already answered by <@{outcome.by}>: {outcome.answer.words}. "
            "Only they may correct it, for a day."
        )
    if now >= outcome.at + CORRECTED_WITHIN:
        raise TooLate("The day to correct this answer is over. It stands.")


def _evidence(said: Said) -> str:
    words = tidy(said.evidence)
    if not words:
        asked = "Say what shows it." if said.answer is Happened.YES else "Say what happened."
        raise Refusal(asked, field="evidence")
    if len(words) > LENGTHS["evidence"]:
        raise Refusal(f"At most {LENGTHS['evidence']} characters.", field="evidence")
    return words


def _link(text: str) -> str:
    link = text.strip()
    if not link:
        return ""
    bad = any(c.isspace() or c in '<>|"' or not c.isprintable() for c in link)
    if bad or not link.startswith(("https://", "http://")):
        raise Refusal("Write a link like https://example.com/page, or none.", field="link")
    if len(link) > LENGTHS["link"]:
        raise Refusal(f"At most {LENGTHS['link']} characters.", field="link")
    return link
