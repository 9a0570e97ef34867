"""The weekly review as people do it in Slack: a command, buttons, forms and typed replies."""

from datetime import date

from bot.cards import reviews as cards
from bot.cards.review_rules import rules
from bot.money import read_usd
from bot.names import quoted
from bot.notices import Card
from bot.periods import CapKind, local_day, zone_now
from bot.refusal import NotAllowed, Refusal
from bot.replies import sounds_meant
from bot.review_decisions import Cap, Decision, Keep, Retire
from bot.reviews import AlreadyDecided, Item, ReviewClosed, Said, check_retire_on, place_of
from bot.workflows import Workflow
from handlers.desk import Desk
from handlers.flows.answer_review import answer_review, check_answer, leave_question
from handlers.flows.hear_reply import hear_reply
from handlers.flows.open_review import Place, open_review
from handlers.slack.calls import (
    Action,
    Answer,
    Closes,
    Command,
    Form,
    Heard,
    Listener,
    Opens,
    Pressed,
    Shows,
    Submitted,
    Typed,
)
from handlers.slack.review_forms import (
    cap_form,
    read_cap,
    read_last_day,
    read_tier,
    reroute_form,
    retire_form,
    sure_form,
)
from handlers.steps.take_reply import Words


async def opens(call: Typed, desk: Desk) -> Answer:
    """`/budget review now [TEAM]`, `/budget review why`"""
    verb, _, team = call.words.partition(" ")
    if verb.lower() == "why":
        return rules()
    if verb.lower() != "now":
        raise Refusal(
            "`/budget review now [TEAM]` opens the weekly review early, or finds it; `/budget "
            "review why` says what its recommendations rest on."
        )
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        place = Place(call.user, call.channel)
        found = await open_review(team, place, ledger, organisation, desk.now())
    zone = found.team.zone(organisation)
    return cards.opened(found.review, found.team, zone, new=found.new)


async def keeps(call: Pressed, desk: Desk) -> Answer:
    await _decide(call.value, Keep(), call.user, desk)
    return None


async def takes_back(call: Pressed, desk: Desk) -> Answer:
    notice, workflow = place_of(call.value)
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        said = Said(workflow, Keep(), call.user, undo=True)
        await answer_review(notice, said, ledger, organisation, desk.now())
    return None


async def asks_cap(call: Pressed, desk: Desk) -> Answer:
    workflow, item = await _checked(call, desk)
    return Opens(cap_form(workflow, _private(call), item.figures.recommendation))


async def asks_tier(call: Pressed, desk: Desk) -> Answer:
    workflow, item = await _checked(call, desk)
    return Opens(reroute_form(workflow, _private(call), item.figures.recommendation))


async def asks_last_day(call: Pressed, desk: Desk) -> Answer:
    workflow, _ = await _checked(call, desk)
    today = local_day(desk.now(), zone_now(workflow.calendars, desk.now()))
    return Opens(retire_form(workflow, today, _private(call)))


async def caps(call: Submitted, desk: Desk) -> Answer:
    return await _submitted(call, read_cap(call.values), desk)


async def reroutes(call: Submitted, desk: Desk) -> Answer:
    return await _submitted(call, read_tier(call.values), desk)


async def previews_retirement(call: Submitted, desk: Desk) -> Answer:
    retire = read_last_day(call.values)
    _, key = place_of(call.private["item"])
    async with desk.database.reading() as ledger:
        workflow = await ledger.workflows.get(key)
    check_retire_on(retire.on, workflow, desk.now())
    return Shows(sure_form(workflow, retire, call.private))


async def retires(call: Submitted, desk: Desk) -> Answer:
    return await _submitted(call, read_last_day(call.private), desk)


async def caps_weekly(call: Pressed, desk: Desk) -> Answer:
    return await _answers_period(call, CapKind.WEEKLY, desk)


async def caps_monthly(call: Pressed, desk: Desk) -> Answer:
    return await _answers_period(call, CapKind.MONTHLY, desk)


async def _answers_period(call: Pressed, kind: CapKind, desk: Desk) -> Answer:
    item, _, amount = call.value.partition("|")
    return await _settle(call, item, Cap(kind, read_usd(amount)), desk)


async def confirms(call: Pressed, desk: Desk) -> Answer:
    item, _, day = call.value.partition("|")
    return await _settle(call, item, Retire(_day(day)), desk)


async def leaves(call: Pressed, desk: Desk) -> Answer:
    """A retirement that was typed and not confirmed."""
    item, _, _ = call.value.partition("|")
    notice, workflow = place_of(item)
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        said = Said(workflow, Keep(), call.user)
        await leave_question(notice, said, _place(call), ledger, organisation, desk.now())
    return None


async def hears(call: Heard, desk: Desk) -> None:
    """A reply in a thread; most messages are none of the bot's business."""
    if call.thread_ts is None or not sounds_meant(call.text):
        return
    async with desk.database.reading() as ledger:
        notice = await ledger.notices.key_of(call.channel, call.thread_ts)
        if notice is None or await ledger.reviews.find(notice) is None:
            return
    words = Words(call.user, call.channel, call.ts, call.text)
    async with desk.database.ledger() as ledger:
        if await ledger.jobs.first_time(call.event, desk.now()):
            organisation = await desk.organisation(ledger)
            await hear_reply(notice, words, ledger, organisation, desk.now())


async def _checked(call: Pressed, desk: Desk) -> tuple[Workflow, Item]:
    """Raises Refusal when this person may not answer: before a form is filled for nothing."""
    notice, key = place_of(call.value)
    async with desk.database.reading() as ledger:
        organisation = await desk.organisation(ledger)
        said = Said(key, Keep(), call.user)
        return await check_answer(notice, said, ledger, organisation, desk.now())


async def _decide(
    item: str, decision: Decision, by: str, desk: Desk, question: tuple[str, str] | None = None
) -> None:
    notice, workflow = place_of(item)
    async with desk.database.ledger() as ledger:
        organisation = await desk.organisation(ledger)
        said = Said(workflow, decision, by)
        await answer_review(notice, said, ledger, organisation, desk.now(), question=question)


async def _settle(call: Pressed, item: str, decision: Cap | Retire, desk: Desk) -> Answer:
    """What a question in the thread was about is decided, and the question says so."""
    await _decide(item, decision, call.user, desk, _place(call))
    return None


def _place(call: Pressed) -> tuple[str, str]:
    return call.channel or "", call.ts or ""


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(f"{quoted(text)} is no day. Type it again in the thread.") from None


async def _submitted(call: Submitted, decision: Decision, desk: Desk) -> Answer:
    private = call.private
    try:
        await _decide(private["item"], decision, call.user, desk)
    except (NotAllowed, AlreadyDecided, ReviewClosed) as refusal:
        # Nothing that is written in the form would help.
        return Closes(Card(str(refusal)), private.get("channel"))
    except Refusal as refusal:
        # Whatever the registry calls the cap, the form calls it the amount.
        field = "amount" if str(refusal.field).endswith("_cap") else refusal.field
        raise Refusal(str(refusal), field=field) from refusal
    return None


def _private(call: Pressed) -> dict[str, str | None]:
    return {"item": call.value, "channel": call.channel}


COMMANDS: dict[str, Command] = {"review": opens}
ACTIONS: dict[str, Action] = {
    "review.keep": keeps,
    "review.cap": asks_cap,
    "review.reroute": asks_tier,
    "review.retire": asks_last_day,
    "review.undo": takes_back,
    "review.cap_weekly": caps_weekly,
    "review.cap_monthly": caps_monthly,
    "review.retire_sure": confirms,
    "review.leave": leaves,
}
VIEWS: dict[str, Form] = {
    "review.cap": caps,
    "review.reroute": reroutes,
    "review.retire": previews_retirement,
    "review.retire_sure": retires,
}
LISTENERS: list[Listener] = [hears]
