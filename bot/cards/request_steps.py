"""Where a request stands: who has said yes, whom it waits for, what was asked back, its clocks."""

from collections.abc import Sequence

from bot.cards.kit import At, clip, escape, person
from bot.chain import Chain, Group, Link
from bot.delegations import Acting
from bot.money import say
from bot.request_clocks import Clocks
from bot.requests import Approval, Question, Request, RequestDraft, Step

_SHOWN = 5
_QUESTIONS = 3
_QUOTED = 250
_GROUPS = {Step.APPROVER: "", Step.FINANCE: "finance: ", Step.ADMINS: "the admins: "}
_NAMES = {Step.APPROVER: "the approver", Step.FINANCE: "finance", Step.ADMINS: "the admins"}


def standing_lines(draft: RequestDraft, chain: Chain, at: At, zone: str) -> list[str]:
    """What happened so far, and whose turn it is."""
    if not isinstance(draft, Request):
        return _steps(chain, at, zone)
    return [
        *_amended(draft, at, zone),
        *_lessened(draft),
        *_steps(chain, at, zone),
        *_escalated(draft, chain.running, at, zone),
    ]


def _amended(request: Request, at: At, zone: str) -> list[str]:
    if request.amended_at is None:
        return []
    by = person(request.asked_by)
    return [f"✏️ Amended by {by}, {at(request.amended_at, zone)}: every step is asked again."]


def _lessened(request: Request) -> list[str]:
    if request.granted is None:
        return []
    return [f"Approved so far is {say(request.granted)} of the {say(request.amount)}."]


def _steps(chain: Chain, at: At, zone: str) -> list[str]:
    """`1 of 2: asked: @Ana.`, `2 of 2: then finance: @Fin.`"""
    if len(chain.links) == 1:
        return [f"Asked: {group_said(chain.links[0].group)}."]
    return [_step(chain, number, at, zone) for number in range(len(chain.links))]


def _step(chain: Chain, index: int, at: At, zone: str) -> str:
    link, number = chain.links[index], f"{index + 1} of {len(chain.links)}"
    if link.approval is not None:
        return f"*{number}*: {approval_said(link.approval, at, zone)}."
    if link is chain.running:
        waits = "waiting for" if index else "asked:"
        return f"*{number}*: {waits} {group_said(link.group)}."
    return f"*{number}*: then {group_said(link.group)}."


def approval_said(approval: Approval, at: At, zone: str) -> str:
    return f"approved by {for_whom(approval.by, approval.instead_of)}, {at(approval.at, zone)}"


def _escalated(request: Request, link: Link, at: At, zone: str) -> list[str]:
    if not link.escalated or link.beyond is None or request.escalated_at is None:
        return []
    since = at(request.escalated_at, zone)
    return [f"🔔 Unanswered: since {since} {group_said(link.beyond)} may answer as well."]


def questions_said(questions: Sequence[Question]) -> list[str]:
    """The newest of them, each with what came back."""
    return [_question(one) for one in questions[-_QUESTIONS:]]


def _question(one: Question) -> str:
    back = f"“{_quoted(one.answer)}”" if one.answer else "no reply yet."
    return f"❓ {person(one.by)} asks: “{_quoted(one.text)}” – {back}"


def _quoted(text: str) -> str:
    return clip(escape(clip(text, _QUOTED)), 2 * _QUOTED)


def clock_lines(chain: Chain, clocks: Clocks, at: At, zone: str) -> list[str]:
    """Every clock that runs."""
    link = chain.running
    lines = []
    if clocks.reminders:
        hours = ", ".join(map(str, clocks.reminders))
        lines.append(f"Reminders {hours} h after this step began.")
    if clocks.escalates_at and link.beyond and not link.escalated:
        also = f"{_NAMES[link.beyond.step]} may answer as well"
        lines.append(f"From {at(clocks.escalates_at, zone)} {also}.")
    return [*lines, f"Unanswered, it expires {at(clocks.expires_at, zone)}."]


def group_said(group: Group) -> str:
    """`finance: @Fin, @Mia for @Kim and 3 more`"""
    return f"{_GROUPS[group.step]}{people_said(group.acting)}"


def people_said(acting: Sequence[Acting]) -> str:
    more = f" and {len(acting) - _SHOWN} more" if len(acting) > _SHOWN else ""
    return ", ".join(for_whom(one.person, one.instead_of) for one in acting[:_SHOWN]) + more


def for_whom(by: str | None, instead_of: str | None) -> str:
    """`@Mia for @Ana`"""
    return person(by) if instead_of is None else f"{person(by)} for {person(instead_of)}"


def step_said(chain: Chain) -> str:
    """`step 2 of 2`; '' where there is only one."""
    return f"step {chain.number} of {len(chain.links)}" if len(chain.links) > 1 else ""
