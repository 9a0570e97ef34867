"""Asking and answering as people do it: commands, forms and buttons, on a real database."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.money import NotMoney
from bot.people import Person
from bot.refusal import NotAllowed, Refusal, Unknown
from bot.requests import NotAskable, State
from bot.workflows import Caps, Status
from handlers.slack.calls import Closes, Errors, Opens, Pressed, Shows
from handlers.slack.router import ACTIONS
from handlers.steps.weigh_request import AskedAlready
from tests.builders import ANA, MIA, OWEN, a_workflow
from tests.outbox import said
from tests.registry import entered, presses, settled, submits, types
from tests.spending import spend

pytestmark = pytest.mark.usefixtures("clock")

START_OF_MONTH = datetime(2026, 11, 2, 9, tzinfo=UTC)
WANTED = {
    "cap": "weekly",
    "amount": "100",
    "reason": "Launch week.",
    "outcome": "p95 latency",
    "target": "under 2 s",
}


@pytest.fixture
async def desk(database):
    return await settled(database, a_workflow(), a_workflow(key="search-docs", owner=MIA))


# More than meets the eye, so there is a page to look at before it is sent.
TWO_WEEKS = WANTED | {"until": "days", "days": "7"}


async def asks(desk, user=OWEN, key="search-ranking", **named):
    """The form, filled in and sent; the new request's id."""
    form = await types(desk, user, f"request {key}")
    assert isinstance(await submits(desk, user, form, **WANTED | named), Closes)
    async with desk.database.reading() as ledger:
        return (await ledger.requests.waiting(key))[-1].id


async def state(desk, request):
    async with desk.database.reading() as ledger:
        return (await ledger.requests.get(request)).state


def offered(answer, name):
    (field,) = [one for one in answer.view["blocks"] if one["block_id"] == name]
    return [option["value"] for option in field["element"]["options"]]


async def test_asked_approved_and_told_in_place(desk):
    request = await asks(desk)

    assert await presses(desk, ANA, "request.approve", request) is None

    assert await state(desk, request) is State.APPROVED
    (edited,) = await said(desk.database, act="update", to="C0SEARCH")
    assert "by $100.00, to $350.00, until Mon 30 Nov 00:00 CET" in edited.text


async def test_a_named_workflow_is_chosen_with_the_caps_it_has(desk):
    form = await types(desk, MIA, "request search-ranking")

    assert entered(form.view)["workflow"] == "search-ranking"
    assert offered(form, "cap") == ["weekly", "monthly"]
    assert entered(form.view)["until"] == "period"


async def test_the_cap_with_the_least_money_left_is_chosen(desk):
    named = await types(desk, MIA, "request 100 search-ranking")
    await spend(desk.database, a_workflow(), "700", START_OF_MONTH)
    less_left = await types(desk, OWEN, "request")
    other = await presses(desk, MIA, "workflow", "search-docs", less_left.view, cap="daily")

    assert entered(named.view)["cap"] == "weekly"
    assert entered(less_left.view)["cap"] == "monthly"
    assert entered(other.view)["cap"] == "weekly"


async def test_the_only_one_a_person_answers_for_is_chosen(desk):
    form = await types(desk, OWEN, "request")

    assert entered(form.view)["workflow"] == "search-ranking"


@pytest.mark.parametrize("user", [MIA, "U0KIM"], ids=["of two", "of none"])
async def test_otherwise_the_person_chooses(desk, user):
    form = await types(desk, user, "request")

    assert entered(form.view)["workflow"] is None
    assert set(offered(form, "workflow")) == {"search-docs", "search-ranking"}


async def test_choosing_another_workflow_offers_its_caps_and_keeps_what_was_written(database):
    project = a_workflow(key="project", caps=Caps(total=Decimal(5000)))
    desk = await settled(database, a_workflow(), project)
    form = await types(desk, OWEN, "request search-ranking")

    again = await presses(desk, OWEN, "workflow", "project", form.view, reason="Because.")

    assert isinstance(again, Shows)
    assert offered(again, "cap") == ["total"]
    assert entered(again.view)["reason"] == "Because."
    assert entered(again.view)["workflow"] == "project"


async def test_the_button_on_an_alert_opens_the_form_with_workflow_and_cap(desk):
    form = await presses(desk, MIA, "request.open", "search-ranking|monthly")

    assert isinstance(form, Opens)
    filled = entered(form.view)
    assert (filled["workflow"], filled["cap"]) == ("search-ranking", "monthly")


async def test_a_button_may_bring_the_amount_too(desk):
    form = await presses(desk, MIA, "request.open", "search-ranking|monthly|120.50")

    assert entered(form.view)["amount"] == "120.50"


@pytest.mark.parametrize("value", ["", "nothing|weekly", "<!channel>|"])
async def test_a_forged_button_opens_nothing(desk, value):
    with pytest.raises(Unknown):
        await presses(desk, MIA, "request.open", value)


async def test_a_button_with_a_cap_that_is_gone_leaves_the_choice_open(desk):
    form = await presses(desk, MIA, "request.open", "search-ranking|yearly")

    assert entered(form.view)["cap"] is None


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (Status.PROPOSED, "activates it"),
        (Status.PAUSED, "/budget resume search-ranking"),
        (Status.RETIRED, "register a new"),
    ],
)
async def test_a_workflow_that_can_get_no_more_opens_no_form(database, status, says):
    desk = await settled(database, a_workflow(status=status))

    with pytest.raises(NotAskable, match=says):
        await types(desk, OWEN, "request search-ranking")


async def test_without_an_active_workflow_there_is_nothing_to_ask_for(database):
    desk = await settled(database, a_workflow(status=Status.PAUSED))

    with pytest.raises(Refusal, match="No workflow is active"):
        await types(desk, OWEN, "request")


async def test_a_mistyped_key_is_answered_with_the_nearest(desk):
    with pytest.raises(Unknown, match="Did you mean `search-ranking`"):
        await types(desk, OWEN, "request serch-rankin")


async def test_errors_stand_beside_their_fields(desk):
    form = await types(desk, OWEN, "request search-ranking")

    answer = await submits(desk, OWEN, form, cap=None, amount="lots", reason=None)

    assert isinstance(answer, Errors)
    assert set(answer.beside) == {"cap", "amount", "reason", "outcome", "target"}


@pytest.mark.parametrize(
    ("named", "field"),
    [
        pytest.param({"amount": "0"}, "amount", id="zero"),
        pytest.param({"amount": "999,999,999"}, "amount", id="too large with the cap"),
        pytest.param({"until": "permanent", "amount": "651"}, "amount", id="above the month"),
        pytest.param({"until": "days", "days": "91"}, "days", id="too many days"),
        pytest.param({"cap": "daily"}, "cap", id="a cap it does not have"),
    ],
)
async def test_a_rule_it_breaks_names_its_field(desk, named, field):
    form = await types(desk, OWEN, "request search-ranking")

    with pytest.raises(NotAskable) as refused:
        await submits(desk, OWEN, form, **WANTED | named)

    assert refused.value.field == field


async def test_an_open_request_is_named_before_a_second_is_sent(desk):
    await asks(desk)
    form = await types(desk, MIA, "request search-ranking")

    with pytest.raises(AskedAlready) as refused:
        await submits(desk, MIA, form, **WANTED)

    assert refused.value.field == "cap"


async def test_a_form_sent_twice_asks_once(desk):
    form = await types(desk, OWEN, "request search-ranking")

    await submits(desk, OWEN, form, **WANTED)
    await submits(desk, OWEN, form, **WANTED)

    assert len(await said(desk.database, to="C0SEARCH")) == 1


@pytest.mark.parametrize(
    ("named", "says"),
    [
        pytest.param({"until": "days", "days": "7"}, "in each of 2 weeks", id="two periods"),
        pytest.param({"until": "permanent"}, "$350.00", id="for good"),
        pytest.param({"amount": "900"}, "stops before", id="another cap is reached first"),
    ],
)
async def test_what_does_not_meet_the_eye_is_shown_before_it_is_sent(desk, named, says):
    form = await types(desk, OWEN, "request search-ranking")

    preview = await submits(desk, OWEN, form, **WANTED | named)

    assert says in str(preview.view["blocks"])
    assert await said(desk.database, to="C0SEARCH") == []


async def test_a_preview_sent_twice_asks_once(desk):
    form = await types(desk, OWEN, "request search-ranking")
    preview = await submits(desk, OWEN, form, **TWO_WEEKS)

    await submits(desk, OWEN, preview)
    await submits(desk, OWEN, preview)

    assert len(await said(desk.database, to="C0SEARCH")) == 1


async def test_the_preview_goes_on_top_of_the_form_so_there_is_a_way_back(desk):
    form = await types(desk, OWEN, "request search-ranking")

    preview = await submits(desk, OWEN, form, **TWO_WEEKS)

    assert isinstance(preview, Opens)
    assert (preview.view["close"]["text"], preview.view["submit"]["text"]) == (
        "Back",
        "Send request",
    )


async def test_what_somebody_asked_between_preview_and_sending_is_refused_then(desk):
    form = await types(desk, MIA, "request search-ranking")
    preview = await submits(desk, MIA, form, **TWO_WEEKS)
    await asks(desk)

    with pytest.raises(AskedAlready):
        await submits(desk, MIA, preview)


async def test_a_no_asks_for_its_reason_first(desk):
    request = await asks(desk)
    form = await presses(desk, ANA, "request.deny", request)

    assert await submits(desk, ANA, form, reason="No budget left.") is None

    assert await state(desk, request) is State.DENIED
    assert "No budget left." in (await said(desk.database, to=OWEN))[-1].text


async def test_an_empty_reason_is_an_error_beside_it(desk):
    form = await presses(desk, ANA, "request.deny", await asks(desk))

    with pytest.raises(Refusal) as refused:
        await submits(desk, ANA, form, reason=None)

    assert refused.value.field == "reason"


async def test_whoever_may_not_answer_gets_no_form(desk):
    request = await asks(desk)

    with pytest.raises(NotAllowed):
        await presses(desk, MIA, "request.deny", request)


async def test_a_no_that_comes_second_is_told_privately_who_was_first(desk):
    request = await asks(desk)
    form = await presses(desk, ANA, "request.deny", request)
    await presses(desk, ANA, "request.approve", request)

    answer = await submits(desk, ANA, form, reason="No.")

    assert isinstance(answer, Closes)
    assert answer.channel == "C0SEARCH"
    assert answer.card.text.startswith("Already approved by <@U0ANA>")


async def test_a_press_from_a_form_or_another_channel_does_nothing(desk):
    request = await asks(desk)

    for channel in (None, "C0OTHER", "D0ANA"):
        press = Pressed(ANA, "request.approve", request, "t", channel=channel)
        with pytest.raises(NotAllowed, match="<#C0SEARCH>"):
            await ACTIONS["request.approve"](press, desk)

    assert await state(desk, request) is State.WAITING


async def test_the_requester_withdraws(desk):
    request = await asks(desk)

    assert await presses(desk, OWEN, "request.withdraw", request) is None

    assert await state(desk, request) is State.WITHDRAWN


@pytest.mark.parametrize("channel", ["C0GROWTH", "C0SEARCH"])
async def test_whoever_asks_is_told_where_they_typed_whom_it_went_to(desk, channel):
    form = await types(desk, OWEN, "request search-ranking", channel=channel)
    chosen = await presses(desk, OWEN, "workflow", "search-ranking", form.view)

    done = await submits(desk, OWEN, chosen, **WANTED)

    assert isinstance(done, Closes)
    assert done.channel == channel
    assert done.card.text.startswith("Sent: +$100.00 on the weekly cap")
    assert "asked in <#C0SEARCH>; <@U0ANA> may answer until" in done.card.text


async def test_a_preview_is_answered_where_it_was_typed_too(desk):
    form = await types(desk, OWEN, "request search-ranking", channel="C0GROWTH")
    preview = await submits(desk, OWEN, form, **TWO_WEEKS)

    done = await submits(desk, OWEN, preview)
    again = await submits(desk, OWEN, preview)

    assert (done.channel, again.channel) == ("C0GROWTH", "C0GROWTH")
    assert "asked in <#C0SEARCH>" in again.card.text


async def test_everything_wrong_with_a_request_is_said_in_one_round(desk):
    await asks(desk)
    form = await types(desk, MIA, "request search-ranking")
    wrong = {"amount": "0", "until": "days", "days": "367", "reason": None}

    answer = await submits(desk, MIA, form, **WANTED | wrong)

    assert set(answer.beside) == {"cap", "amount", "days", "reason"}


async def test_an_open_request_is_dated_by_the_clock_of_whoever_asks(desk):
    await asks(desk)
    person = Person(MIA, "Mia", "Asia/Kolkata", outsider=False, deleted=False, read_at=desk.now())
    async with desk.database.ledger() as ledger:
        await ledger.people.save(person)
    form = await types(desk, MIA, "request search-ranking")

    with pytest.raises(AskedAlready, match="14:30 IST"):
        await submits(desk, MIA, form, **WANTED)


@pytest.mark.parametrize(
    ("words", "key", "amount"),
    [
        ("100 search-ranking", "search-ranking", "100"),
        ("search-docs $1,200.50", "search-docs", "$1,200.50"),
        ("100 USD for Search-Docs", "search-docs", "100 USD"),
        ("search-ranking", "search-ranking", None),
    ],
)
async def test_amount_and_workflow_are_filled_in_whichever_comes_first(desk, words, key, amount):
    form = entered((await types(desk, OWEN, f"request {words}")).view)

    assert (form["workflow"], form["amount"]) == (key, amount)


async def test_an_amount_alone_is_filled_in_and_a_wrong_workflow_still_refused(desk):
    assert entered((await types(desk, OWEN, "request 100")).view)["amount"] == "100"
    with pytest.raises(Unknown, match="no workflow “serach-ranking”"):
        await types(desk, OWEN, "request 100 serach-ranking")


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("abc search-ranking", "abc"),
        ("search-ranking abc", "abc"),
        ("-5 search-ranking", "-5"),
        ("Search-Docs lots more", "lots more"),
    ],
)
async def test_beside_a_workflow_what_is_no_amount_is_said_to_be_none(desk, words, amount):
    with pytest.raises(NotMoney, match=f"“{amount}” is no amount in US dollars"):
        await types(desk, OWEN, f"request {words}")


@pytest.mark.parametrize("days", ["0", "367"])
async def test_days_that_are_none_are_answered_with_what_the_class_may_have(desk, days):
    form = await types(desk, OWEN, "request search-ranking")

    with pytest.raises(NotAskable, match="Write a number of days from 1 to 90") as refused:
        await submits(desk, OWEN, form, **WANTED | {"until": "days", "days": days})

    assert refused.value.field == "days"


async def test_approve_less_starts_empty_and_takes_no_more_than_less(desk):
    request = await asks(desk)
    form = await presses(desk, ANA, "request.less", request)
    assert entered(form.view)["amount"] is None

    with pytest.raises(Refusal, match="not less than") as refused:
        await submits(desk, ANA, form, amount="100")

    assert refused.value.field == "amount"
    assert await state(desk, request) is State.WAITING


async def test_words_that_a_form_does_not_use_are_said_to_be_unused(desk):
    assert "“foo” was not used" in str((await types(desk, OWEN, "settings foo")).view)
    assert "not used" not in str((await types(desk, OWEN, "settings")).view)
    assert "“nobody” was not used" in str((await types(desk, OWEN, "delegate nobody")).view)


async def test_who_is_named_with_delegate_is_filled_in(desk):
    view = (await types(desk, OWEN, f"delegate <@{MIA}|mia>")).view

    assert entered(view)["to"] == MIA
    assert "not used" not in str(view)
