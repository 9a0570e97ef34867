"""A company in the middle of everything, so that each act has something to act on."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bot.adjustments import Entry
from bot.alert_acts import AlertAct
from bot.attribution import Clue, Rule
from bot.break_glass import Review as Look
from bot.caps import running_period
from bot.delegations import Delegation
from bot.departures import OwnerQuestion
from bot.drafts import Cause, Draft
from bot.first_reviews import FirstReview
from bot.incidents import Incident
from bot.notices import Card
from bot.outcomes import Outcome
from bot.people import Person
from bot.periods import CapKind
from bot.policy import Organisation
from bot.requests import RequestDraft, Until
from bot.review_decisions import Reroute
from bot.review_figures import Figures
from bot.reviews import Item, Review, Said, review_notice
from bot.rule_changes import Reach, RuleChange
from bot.snoozes import Wanted
from bot.workflows import Status, Tier, Workflow
from handlers.flows.adjust_spend import adjust_spend
from handlers.flows.answer_review import answer_review
from handlers.flows.ask_first_reviews import ask_first_reviews
from handlers.flows.break_the_glass import break_the_glass
from handlers.flows.change_rule import change_rule
from handlers.flows.drop_tier import drop_tier
from handlers.flows.preview_rule import preview_rule
from handlers.flows.request_more import request_more
from handlers.flows.snooze_alerts import snooze_alerts
from handlers.steps.offer_workflow import Offer, offer_workflow
from handlers.steps.raise_alerts import raise_alerts
from handlers.steps.retire_workflow import retire
from storage.ledger import Ledger
from tests.builders import MONDAY, a_draft, a_team, a_workflow, an_organisation
from tests.spending import a_record

PEOPLE = {
    "admin": "U0SAM",
    "finance": "U0FIN",
    "approver": "U0ANA",
    "stand-in": "U0STA",
    "owner": "U0OWEN",
    "backup": "U0MIA",
    "requester": "U0REQ",
    "offered": "U0NEW",
    "colleague": "U0LEE",
    "guest": "U0GUEST",
    "deactivated": "U0GONE",
    "of another workspace": "U0OWEN",
}
RUNNING, STOPPED, PROPOSED, RETIRED = "search-ranking", "stopped", "proposed", "retired"
ALERTED, SNOOZED, DROPPED, FRESH, ENDING = "alerted", "snoozed", "dropped", "fresh", "ending"
OFFERED, BROKEN, REROUTED = "offered", "broken", "rerouted"
REQUEST, SMALL, DRAFT, SNOOZE = "r-1", "small-1", "draft-1", "snooze-1"
RULE, RULE_CHANGE = '["service", "search-*", "search-ranking"]', "1"
GLASS, DELEGATION, QUESTION, LEFT = "glass-1", "d-1", "question-1", "left"
_WEEK = running_period(a_workflow(), CapKind.WEEKLY, MONDAY - timedelta(days=7))
REVIEW = review_notice("search", _WEEK)
ADJUSTMENT = "adjustment-1"
SET_ASIDE = "a-message-that-did-not-arrive"


def item_of(workflow: str) -> str:
    return f"{REVIEW}:{workflow}"


async def furnish(ledger: Ledger) -> dict[str, str]:
    """Everything that the acts need, at Monday 09:00 UTC; the ids that were given on the way."""
    organisation = await _company(ledger)
    await _lose_a_message(ledger)
    await _review(ledger, organisation)
    await _ask(ledger, organisation)
    await _beside_the_thread(ledger, organisation)
    ids = await _alert(ledger, organisation) | await _offer(ledger, organisation)
    await _leave(ledger)
    await _adjust(ledger, organisation)
    await _attribute(ledger, organisation)
    found = f"{await ledger.organisation.version()} {MONDAY.isoformat()} 0 0 0"
    return {**ids, "found": found}


async def _company(ledger: Ledger) -> Organisation:
    stands_in = Delegation(
        DELEGATION, PEOPLE["approver"], PEOPLE["stand-in"], MONDAY, MONDAY + timedelta(9), "leave"
    )
    await ledger.organisation.save(an_organisation(delegations=(stands_in,)))
    await ledger.teams.save(a_team())
    for key in ("colleague", "offered"):
        await ledger.people.save(Person(PEOPLE[key], key, None, False, False, MONDAY))
    for workflow in _workflows():
        await ledger.workflows.add(workflow)
    return await ledger.organisation.get((PEOPLE["admin"],))


async def _lose_a_message(ledger: Ledger) -> None:
    await ledger.notices.post(SET_ASIDE, "C0SEARCH", Card("It did not arrive."), MONDAY)
    claim = await ledger.deliveries.claim("C0SEARCH", MONDAY, MONDAY + timedelta(minutes=1))
    assert claim is not None
    await ledger.deliveries.set_aside(claim, "not_in_channel", MONDAY)


def _workflows() -> tuple[Workflow, ...]:
    plain = a_workflow()
    week_ago = MONDAY - timedelta(days=7, minutes=1)
    running = (RUNNING, ALERTED, SNOOZED, DROPPED, OFFERED, BROKEN, REROUTED, RETIRED)
    return (
        *(replace(plain, key=key, name=key.capitalize()) for key in running),
        replace(plain, key=FRESH, name="Fresh", activated_at=week_ago, status_since=week_ago),
        replace(plain, key=ENDING, name="Ending", retire_on=date(2026, 11, 30)),
        replace(plain, key=LEFT, name="Left", owner=None),
        replace(plain, key=STOPPED, name="Stopped", status=Status.PAUSED),
        replace(plain, key=PROPOSED, name="Proposed", status=Status.PROPOSED, activated_at=None),
    )


async def _ask(ledger: Ledger, organisation: Organisation) -> None:
    draft: RequestDraft = replace(
        a_draft(), asked_by=PEOPLE["requester"], until=Until.PERIOD, amount=Decimal(100)
    )
    await request_more(REQUEST, draft, ledger, organisation, MONDAY)
    small = replace(draft, workflow=BROKEN, asked_by=PEOPLE["owner"], amount=Decimal(20))
    await request_more(SMALL, small, ledger, organisation, MONDAY)


async def _review(ledger: Ledger, organisation: Organisation) -> None:
    keys = (RUNNING, REROUTED, ENDING, OFFERED)
    figures = {key: Figures(key, Status.ACTIVE, (), None, caps=a_workflow().caps) for key in keys}
    items = tuple(Item(key, PEOPLE["owner"], figures[key], item_of(key)) for key in keys)
    await ledger.reviews.add(Review("search", _WEEK, "C0SEARCH", MONDAY, REVIEW, items))
    said = Said(REROUTED, Reroute(Tier.CHEAP), PEOPLE["owner"])
    await answer_review(REVIEW, said, ledger, organisation, MONDAY)


async def _alert(ledger: Ledger, organisation: Organisation) -> dict[str, str]:
    """An alert is out for three workflows; of one it is snoozed, of one the tier was dropped."""
    owner, keys = PEOPLE["owner"], (ALERTED, SNOOZED, DROPPED)
    spent = [a_record(replace(a_workflow(), key=key), "230", MONDAY) for key in keys]
    await ledger.usage.record(spent, MONDAY)
    await raise_alerts(ledger, organisation, keys, MONDAY)
    notices = {one.workflow: one.notice for one in await ledger.alerts.running(keys, MONDAY)}
    act = AlertAct(SNOOZED, notices[SNOOZED], owner)
    wanted = Wanted(SNOOZE, notices[SNOOZED], 3)
    await snooze_alerts(act, wanted, ledger, organisation, MONDAY)
    act = AlertAct(DROPPED, notices[DROPPED], owner)
    drop = await drop_tier(act, Tier.STANDARD, ledger, organisation, MONDAY)
    await ledger.drafts.add(_draft())
    return {"alert": notices[ALERTED], "snoozed": notices[SNOOZED], "drop": drop.id}


def _draft() -> Draft:
    return Draft(
        id=DRAFT,
        workflow=ALERTED,
        period=running_period(a_workflow(), CapKind.WEEKLY, MONDAY),
        amount=Decimal(50),
        until=Until.PERIOD,
        reason="It is nearly used up.",
        cause=Cause.SOFT_LIMIT,
        addressed_to=PEOPLE["owner"],
        drafted_at=MONDAY,
    )


async def _offer(ledger: Ledger, organisation: Organisation) -> dict[str, str]:
    wanted = Offer(OFFERED, PEOPLE["owner"], PEOPLE["offered"])
    offered = await offer_workflow(wanted, ledger, organisation, MONDAY)
    return {"offer": offered.offer.id}


async def _beside_the_thread(ledger: Ledger, organisation: Organisation) -> None:
    """A first review, keys to revoke, broken glass to look at, an outcome to tell."""
    await ledger.first_reviews.add(FirstReview(workflow=FRESH, due_at=MONDAY, next_at=MONDAY))
    await ask_first_reviews(ledger, organisation, MONDAY)
    retiring = await ledger.workflows.get(RETIRED)
    await retire(ledger, organisation, retiring, PEOPLE["owner"], "done", MONDAY)
    incident = Incident(GLASS, BROKEN, CapKind.WEEKLY, Decimal(50), "down", PEOPLE["owner"])
    before = MONDAY - timedelta(days=3)
    taken = await break_the_glass(incident, ledger, organisation, before)
    await ledger.break_glass.move(taken.one, replace(taken.one, state=Look.ASKED))
    await ledger.outcomes.ask(
        Outcome(REQUEST, RUNNING, PEOPLE["requester"], MONDAY, CapKind.WEEKLY, Decimal(100))
    )


async def _leave(ledger: Ledger) -> None:
    """The owner of one workflow has left; who is to own it is asked of its approver."""
    asked = (PEOPLE["approver"],)
    await ledger.departures.ask(
        OwnerQuestion(QUESTION, LEFT, "U0GONE", PEOPLE["backup"], asked, MONDAY)
    )


async def _adjust(ledger: Ledger, organisation: Organisation) -> None:
    """Finance has booked a seat."""
    entry = Entry(ADJUSTMENT, RUNNING, Decimal(5), MONDAY.date(), "A seat.", PEOPLE["finance"])
    await adjust_spend(entry, ledger, organisation, MONDAY)


async def _attribute(ledger: Ledger, organisation: Organisation) -> None:
    """Three rules of one clue; the last of them can be taken back."""
    for pattern in ("first-*", "search-*", "last-*"):
        change = RuleChange(None, Rule(Clue.SERVICE, pattern, RUNNING))
        named: dict[str, Any] = {"by": PEOPLE["admin"], "organisation": organisation, "now": MONDAY}
        preview = await preview_rule(change, Reach.OPEN, ledger=ledger, **named)
        await change_rule(preview.tried.found, ledger=ledger, **named)
