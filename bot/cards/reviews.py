"""The weekly review's thread: its parent, and a reply per workflow."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from bot.cards.kit import actions, button, clip, escape, named, person, said, section
from bot.cards.review_lines import flat, key_said, lines
from bot.cards.review_summary import summary
from bot.money import percent, say
from bot.notices import Block, Card
from bot.periods import CapKind, local_day
from bot.requests import State
from bot.review_answers import may_be_taken_back
from bot.review_decisions import Cap, Decided, Decision, Keep, Reroute, Retire, Unreviewed
from bot.review_figures import Counted, Extra, Figures
from bot.review_weeks import say_week
from bot.reviews import Changed, Item, Review
from bot.teams import Team
from bot.workflows import Status

_HOW = (
    "Each owner decides here: press a button, or reply `keep`, `cap 400 monthly`, `cap 80/week`, "
    "`reroute cheap` or `retire 30 Nov`. What nobody decides stays as it is."
)
_WHY = 200
_LISTED = 5
_HALF_A_DAY = timedelta(hours=12)


def parent(review: Review, team: Team, zone: str) -> Card:
    if not review.items:
        return lines([_title(review, team, zone), _nothing(team)])
    if review.closed_at is not None:
        return lines([f"{_progress(review, team, zone)} · closed", *summary(review)])
    return lines([_progress(review, team, zone), _spent_in_all(review)], _HOW)


def closing(review: Review, team: Team, zone: str) -> Card:
    """The last word in the thread. It mentions nobody."""
    return lines([f"{_progress(review, team, zone)} · this review is closed", *summary(review)])


def reply(review: Review, item: Item, zone: str) -> Card:
    """One workflow: the figures of the day the thread was opened, and what was decided."""
    shown = [_heading(item), *_figures(item.figures, zone)]
    if item.decided is not None:
        shown += [_decision(item.decided, item.owner), *_still(item, item.decided)]
    blocks = [section("\n".join(shown))]
    buttons = _buttons(review, item)
    return Card(flat(shown), tuple([*blocks, actions(*buttons)] if buttons else blocks))


def opened(review: Review, team: Team, zone: str, *, new: bool) -> Card:
    """To the admin who asked for it."""
    if not review.items:
        return lines([_title(review, team, zone), _nothing(team)])
    state = "closed" if review.closed_at else "open"
    before = "" if new else " already"
    return lines(
        [f"{_progress(review, team, zone)} · it is {state} in <#{review.channel}>{before}."]
    )


def _nothing(team: Team) -> str:
    return f"{named(team.name)} has no active or paused workflows: nothing to review."


def _progress(review: Review, team: Team, zone: str) -> str:
    title = _title(review, team, zone)
    return f"{title} · {review.decided} of {len(review.items)} decided"


def _title(review: Review, team: Team, zone: str) -> str:
    early = " so far" if review.opened_at < review.week.end else ""
    return f"*Weekly review of {named(team.name)}* · week {say_week(review.week, zone)}{early}"


def _spent_in_all(review: Review) -> str:
    spent = sum((item.figures.week for item in review.items), Decimal(0))
    return f"Spent in the week: {say(spent)}" if spent else "Nothing was spent in the week."


def _heading(item: Item) -> str:
    owner = person(item.owner) if item.owner else "nobody owns it"
    return f"*{named(item.figures.name)}* ({key_said(item.workflow)}) · {owner}"


def _figures(figures: Figures, zone: str) -> list[str]:
    caps = [_counted(one, figures, zone) for one in figures.counted]
    rest = [*_booked(figures), *_overrides(figures.overrides, zone)]
    return [*caps, *([" · ".join(rest)] if rest else [])]


def _counted(one: Counted, figures: Figures, zone: str) -> str:
    stretch = {
        CapKind.WEEKLY: "Week",
        CapKind.MONTHLY: f"{local_day(one.start + _HALF_A_DAY, zone):%B} so far",
        CapKind.TOTAL: "Since activation",
    }[one.kind]
    change = f", {_change(figures)}" if one.kind is CapKind.WEEKLY else ""
    return f"{stretch}: {say(one.spent)}{_of_cap(one, figures.status)}{change}"


def _of_cap(one: Counted, status: Status) -> str:
    if one.cap is None:
        return ""
    if status is not Status.ACTIVE:
        return " (paused: no cap in force)"
    return f" of {say(one.cap)} ({percent(one.spent, one.cap)} %)"


def _change(figures: Figures) -> str:
    if figures.before is None:
        return "first week"
    if figures.before <= 0:
        return "nothing the week before"
    change = (figures.week - figures.before) * 100 / figures.before
    whole = int(change.to_integral_value(rounding=ROUND_HALF_EVEN))
    if whole == 0:
        return "as in the week before"
    return f"{'+' if whole > 0 else '−'}{abs(whole):,} % on the week before"


def _booked(figures: Figures) -> Iterable[str]:
    if figures.late:
        yield f"late {'+' if figures.late > 0 else ''}{say(figures.late)} for earlier weeks"
    if figures.assumed:
        yield f"{say(figures.assumed)} of the week assumed (unknown model)"
    if figures.unmetered:
        records = "record" if figures.unmetered == 1 else "records"
        yield f"{figures.unmetered} {records} without a cost"
    if figures.top_model:
        yield f"most on {named(figures.top_model)}: {say(figures.top_cost)}"


def _overrides(found: Sequence[Extra], zone: str) -> Iterable[str]:
    for one in found[:_LISTED]:
        yield f"override +{say(one.amount)} {one.cap} until {said(one.until, zone)}"
    if len(found) > _LISTED:
        yield f"{len(found) - _LISTED} more overrides"


def _decision(decided: Decided, owner: str | None) -> str:
    by = person(decided.by)
    who = by if decided.by == owner or owner is None else f"{by} for {person(owner)}"
    match decided.decision:
        case Keep(instead_of):
            return f"✅ Kept {'after all ' if instead_of else ''}by {who}"
        case Cap(request=str()) as cap:
            return f"✅ {_asked(cap, f' by {who}')}"
        case Cap(kind, amount, was):
            how = "set to" if was is None else f"lowered from {say(was)} to"
            return f"✅ {kind.title()} cap {how} {say(amount)} by {who}"
        case Reroute(tier, was):
            return f"✅ Rerouted to the {tier} tier{f' (was {was})' if was else ''} by {who}"
        case Retire(on):
            return f"✅ To be retired by {who}: active through {on:%a %-d %b %Y}"
        case Unreviewed():
            return "⏳ Kept, unreviewed: nobody decided before the next review"


def _asked(cap: Cap, by: str = "") -> str:
    if cap.outcome is not None:
        return f"Asked for {_each(cap)}{by}; {_outcome(cap)}"
    now = say(cap.was or Decimal(0))
    return f"Asked for {_each(cap)} (now {now}){by}; waiting for {_either(cap.asked_of)}"


def _each(cap: Cap) -> str:
    return f"{say(cap.amount)} {cap.kind}"


def _outcome(cap: Cap) -> str:
    match cap.outcome:
        case State.APPROVED:
            return f"approved: {_each(cap)}"
        case State.EXPIRED:
            return "expired: nobody answered in time"
        case _:
            why = f": {escape(clip(cap.answer, _WHY))}" if cap.answer else ""
            return f"{cap.outcome}{why}"


def _still(item: Item, decided: Decided) -> Iterable[str]:
    """What earlier answers did and this one leaves as it is."""
    for one in item.changed:
        if not _is_said(one, decided.decision):
            yield f"{one.kind.title()} cap now {_or_none(one.now)} (was {_or_none(one.was)})"
    was, now = item.figures.tier, decided.tier or item.figures.tier
    if now is not was and not isinstance(decided.decision, Reroute):
        yield f"Tier now {now} (was {was})"
    yield from map(_asked, decided.asked)


def _is_said(changed: Changed, decision: Decision | Unreviewed) -> bool:
    match decision:
        case Cap(kind, amount, was, request):
            by_answer = request is not None or was == changed.was
            return (kind, amount) == (changed.kind, changed.now) and by_answer
        case _:
            return False


def _or_none(amount: Decimal | None) -> str:
    return "none" if amount is None else say(amount)


def _either(people: Sequence[str]) -> str:
    return " or ".join(map(person, people)) or "an admin"


def _buttons(review: Review, item: Item) -> list[Block]:
    undo = _undo(item)
    if review.closed_at is not None:
        return undo
    return [
        button("Keep", "review.keep", item.notice, style=None if item.decided else "primary"),
        button("Cap…", "review.cap", item.notice),
        button("Reroute…", "review.reroute", item.notice),
        button("Retire…", "review.retire", item.notice),
        *undo,
    ]


def _undo(item: Item) -> list[Block]:
    if item.decided is None or not may_be_taken_back(item, item.decided.at):
        return []
    label = "Keep after all" if isinstance(item.decided.decision, Retire) else "Undo (for a day)"
    return [button(label, "review.undo", item.notice)]
