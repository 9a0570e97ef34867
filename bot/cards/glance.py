"""`/budget status`: one person's workflows, and what waits for them."""

from collections.abc import Iterator, Sequence

from bot.cards import alert_acts, break_glass, outcomes, reassignments, revocations
from bot.cards.caps import each_used
from bot.cards.freshness import freshness
from bot.cards.kit import actions, button, clip, context, divider, escape, person, section
from bot.cards.pages import page
from bot.cards.terms import caps_said, titled
from bot.freshness import together
from bot.glances import Glance, Uncharged
from bot.money import ZERO, say
from bot.notices import Block, Card
from bot.periods import CapKind
from bot.positions import Position
from bot.requests import Request
from bot.spend import Spent
from bot.workflows import Status, Workflow

_WAITING = 8


def glance(seen: Glance, user: str, *, start: int) -> Card:
    waiting = list(waiting_lines(seen)) if start == 0 else []
    entries = [_entry(one, user) for one in seen.positions]
    shown, following = page(entries, start)
    head = _head(len(entries), start, len(shown))
    parts = (head, *shown, *waiting)
    more = actions(button("Show more", "workflow.mine", str(following)))
    blocks: list[Block] = [section(head), *map(section, shown)]
    data = fed(seen.positions[start : start + len(shown)])
    parts = (*parts, data) if data else parts
    blocks += [context(data)] if data else []
    blocks += [more] if following is not None else []
    blocks += [divider(), *map(section, waiting)] if waiting else []
    return Card(clip("\n".join(parts), 3_900), tuple(blocks))


def fed(positions: Sequence[Position]) -> str:
    """How far the sources of these have told, each once."""
    feeds = together(feed for one in positions for feed in one.feeds)
    return freshness(feeds, positions[0].zone) if feeds else ""


def _head(count: int, start: int, shown: int) -> str:
    if not count:
        return (
            "You own no workflow yet. `/budget register` makes one, `/budget list` shows "
            "everybody's, `/budget request` asks for more."
        )
    which = "" if shown == count else f", {start + 1} to {start + shown}"
    return f"*Your workflows* ({count}{which})"


def _entry(position: Position, user: str) -> str:
    workflow = position.workflow
    head = f"{titled(workflow)} · *{workflow.status}* · {role_of(workflow, user)}"
    return "\n".join((head, *standing(position)))


def role_of(workflow: Workflow, user: str) -> str:
    return "you own it" if workflow.owner == user else "you are its backup"


def standing(position: Position) -> Iterator[str]:
    """A line for each cap; what is spent, where none is in force."""
    workflow = position.workflow
    if workflow.status is Status.ACTIVE:
        yield from each_used(position)
        return
    spent = position.spent.get(CapKind.MONTHLY, Spent()).cost
    yield f"{say(spent)} spent this month; {caps_said(workflow.caps)} once it is active."


def waiting_lines(seen: Glance) -> Iterator[str]:
    """A paragraph for each kind of thing that waits."""
    if seen.to_answer:
        yield _listed("*Waiting for your answer*", seen.to_answer)
    for channel, workflows in seen.reviews:
        keys = ", ".join(f"`{key}`" for key in workflows[:_WAITING])
        yield f"*Weekly review* in <#{channel}>: {keys} to decide"
    yield from _to_do(seen)
    if seen.asked:
        yield _listed("*You asked, and nobody has answered yet*", seen.asked)
    yield from _of_uncharged(seen.uncharged) if seen.uncharged else ()


def _to_do(seen: Glance) -> Iterator[str]:
    lines = [alert_acts.waiting(one, channel) for one, channel in seen.alerts]
    lines += [reassignments.waiting(one) for one in seen.offers]
    lines += [revocations.waiting(one, name) for one, name in seen.keys]
    lines += [break_glass.waiting(one, name, channel) for one, name, channel in seen.broken]
    lines += [outcomes.waiting(one, name) for one, name in seen.outcomes]
    if lines:
        rest = len(lines) - _WAITING
        more = [f"and {rest} more"] if rest > 0 else []
        yield "\n".join(("*To do*", *lines[:_WAITING], *more))


def _listed(head: str, requests: Sequence[Request]) -> str:
    lines = [_request(one) for one in requests[:_WAITING]]
    rest = len(requests) - _WAITING
    return "\n".join((head, *lines, *([f"and {rest} more"] if rest > 0 else [])))


def _request(request: Request) -> str:
    return (
        f"• {person(request.asked_by)}: {say(request.amount)} more on the {request.cap} cap of "
        f"`{request.workflow}`, in <#{request.channel}>"
    )


def _of_uncharged(rest: Uncharged) -> Iterator[str]:
    """One paragraph, with how far the sources of both have told."""
    lines = [_unattributed(rest)] if rest.names else []
    lines += [_unmetered(rest.unmetered)] if rest.unmetered.cost else []
    if lines:
        yield "\n".join(filter(None, (*lines, freshness(rest.feeds, rest.zone))))


def _unattributed(rest: Uncharged) -> str:
    names = ", ".join(
        f"“{escape(clip(name, 40)) or 'no name'}” {say(usd)}" for name, usd in rest.names
    )
    unsure = f" ({say(rest.spent.assumed)} of it assumed)" if rest.spent.assumed else ""
    return (
        f"*Unattributed this month:* {say(rest.spent.cost)}{unsure} without a workflow. "
        f"Its records name: {names}. `/budget whose` asks whose it is."
    )


def _unmetered(spent: Spent) -> str:
    """What was billed and not seen, or seen and not billed."""
    if spent.cost < ZERO:
        what = f"*Discount this month:* {say(-spent.cost)} less was billed than was seen"
    else:
        what = f"*Unmetered this month:* {say(spent.cost)} more was billed than was seen"
    return f"{what}, charged to nobody. `/budget reconcile` shows of what."
