"""`/budget gaps`: what nobody answers for, each with what to do about it."""

from collections.abc import Iterator

from bot.attribution import Clue
from bot.cards.freshness import with_freshness
from bot.cards.kit import clip, divider, named, section
from bot.cards.rule_words import counted, kept, somebodys
from bot.cards.terms import begun_said, titled
from bot.gaps import Gaps, Incomplete, Lack, UnmatchedBill
from bot.money import say
from bot.notices import Card
from bot.rule_trials import Sum

# All of it stands on one page.
_ROOM = 2_400
_TO_DO = {
    Lack.OWNER: "`/budget reassign {key}` asks somebody to own it",
    Lack.CAP: "`/budget edit {key}` gives it a cap",
    Lack.REVIEW: "`/budget edit {key}` sets the day",
    Lack.END: "`/budget edit {key}` sets the day",
    Lack.OVERDUE: "answer it in the weekly review, or `/budget edit {key}` sets another day",
}


def shown(gaps: Gaps) -> Card:
    return with_freshness(_shown(gaps), gaps.feeds, gaps.zone)


def _shown(gaps: Gaps) -> Card:
    head = "*Gaps*: what nobody answers for, and what to do"
    if gaps.is_empty:
        text = (
            "*No gaps.* All spend of this month belongs to a workflow, and every workflow has an "
            "owner, a cap and a day of review."
        )
        return Card(text, (section(text),))
    parts = [
        *_nobodys(gaps),
        *_listed("Lines of bills that no rule matches", [_bill(one) for one in gaps.bills]),
        *_listed("Workflows that lack something", [_incomplete(one) for one in gaps.incomplete]),
        *_listed("Sources that no workflow uses", list(_sources(gaps))),
    ]
    blocks = [section(head)]
    for part in parts:
        blocks += [divider(), section(part)]
    return Card(clip("\n".join((head, *parts)), 3_900), tuple(blocks))


def _nobodys(gaps: Gaps) -> Iterator[str]:
    if gaps.nobodys.number:
        yield (
            f"*Spend without a workflow*\n{kept(gaps.nobodys)} since "
            f"{begun_said(gaps.since, gaps.zone)} – `/budget whose` says what it is known by, and "
            "makes rules"
        )


def _bill(one: UnmatchedBill) -> str:
    whole = counted(Sum(one.cost, lines=one.lines))
    return (
        f"{named(one.account)}: {whole} this month, in *Unmetered* where their day was seen as "
        "well – `/budget reconcile`, *Days*, *What no rule matches* makes rules"
    )


def _incomplete(one: Incomplete) -> str:
    key = one.workflow.key
    lacks = ", ".join(one.lacks)
    to_do = "; ".join(dict.fromkeys(_TO_DO[lack].format(key=key) for lack in one.lacks))
    spent = f", {say(one.spent)} this month" if one.spent else ""
    return f"{titled(one.workflow)} ({one.workflow.status}{spent}): *{lacks}* – {to_do}"


def _sources(gaps: Gaps) -> Iterator[str]:
    for one in gaps.sources:
        revoke = "; revoke its key where nobody needs it" if one.by_key else ""
        hidden = gaps.sight.hides(Clue.SOURCE, one.name)
        name = somebodys(Clue.SOURCE) if hidden else f"“{named(one.name)}”"
        yield (
            f"{name}: {counted(one.whole)} this month – `/budget whose source` makes "
            f"a rule for it{revoke}"
        )


def _listed(title: str, entries: list[str]) -> Iterator[str]:
    """As many as fit one section; how many more there are is said."""
    if not entries:
        return
    lines, room = [f"*{title}* ({len(entries)})"], _ROOM
    for entry in entries:
        room -= len(entry)
        if room < 0:
            break
        lines.append(f"• {entry}")
    left = len(entries) - (len(lines) - 1)
    if left:
        lines.append(f"and {left} more, which spend less: fill these first.")
    yield "\n".join(lines)
