"""Asking, as several people answer one after the other, ask back, grant less, or let it lie."""

import asyncio
from datetime import timedelta

import pytest

from bot.delegations import Delegation
from storage.database import Database
from tests.builders import ANA, FIN, MIA, MONDAY, OWEN, SAM, an_organisation
from tests.e2e.conftest import NO_REVIEW, moved_in
from tests.e2e.people import Json, Workspace, labels

pytestmark = pytest.mark.usefixtures("clock")

SEARCH = "C0SEARCH"
TERMS = {
    "cap": "weekly",
    "amount": "100",
    "until": "period",
    "reason": "launch week",
    "outcome": "p95 under 2 s",
    "target": "2 s",
}


async def ask(workspace: Workspace, user: str = MIA, **changed: str) -> Json:
    """The request's card."""
    person = workspace.user(user)
    await person.types("/budget request search-ranking")
    told = await person.submits(**TERMS | changed)
    while told["view"]:
        told = await person.submits()
    return await card_of(workspace)


async def card_of(workspace: Workspace) -> Json:
    return (await workspace.messages(SEARCH))[-1]


async def overrides(database: Database) -> list[str]:
    async with database.reading() as ledger:
        return [str(one.amount.normalize()) for one in await ledger.overrides.of("search-ranking")]


def value_of(card: Json, action: str = "request.approve") -> str:
    found: str = next(
        element["value"]
        for block in card["blocks"]
        for element in block.get("elements", [])
        if element.get("action_id") == action
    )
    return found


async def organised(database: Database, **named: object) -> None:
    async with database.ledger() as ledger:
        await ledger.organisation.save(an_organisation(policy=NO_REVIEW, **named))


async def test_above_the_limit_the_approver_answers_first_and_then_finance(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    card = await ask(workspace, amount="600")
    assert "*1 of 2*: asked: <@U0ANA>.\n*2 of 2*: then finance: <@U0FIN>." in card["text"]

    early = await workspace.user(FIN).clicks("Approve", SEARCH)
    await workspace.user(ANA).clicks("Approve", SEARCH)

    assert "comes to you after the step before" in early
    card = await card_of(workspace)
    assert "*1 of 2*: approved by <@U0ANA>, Mon 23 Nov 10:00 CET." in card["text"]
    assert "*2 of 2*: waiting for finance: <@U0FIN>." in card["text"]
    assert "Nothing is granted yet" in await workspace.last_text(MIA)
    assert "waits for you (step 2 of 2). <@U0ANA> approved it." in await workspace.last_text(FIN)
    assert await overrides(database) == []

    clock.tick(timedelta(days=1))
    again = await workspace.user(ANA).clicks("Approve", SEARCH)
    await workspace.user(FIN).clicks("Approve", SEARCH)

    assert "You have approved it already" in again
    card = await card_of(workspace)
    assert "Approved by <@U0FIN>, Tue 24 Nov 10:00 CET: by $600.00, to $850.00" in card["text"]
    assert "Before that, <@U0ANA> approved, Mon 23 Nov 10:00 CET." in card["text"]
    assert "waiting for" not in card["text"]
    assert labels(card) == []
    assert "to $850.00" in await workspace.last_text(MIA)
    async with database.reading() as ledger:
        [override] = await ledger.overrides.of("search-ranking")
    assert override.start == MONDAY + timedelta(days=1)


async def test_one_person_in_both_steps_is_asked_once(workspace: Workspace, database: Database):
    await moved_in(database)
    await organised(database, finance=(ANA, FIN))
    await ask(workspace, amount="600")

    await workspace.user(ANA).clicks("Approve", SEARCH)

    assert await overrides(database) == ["6E+2"]


async def test_finance_says_no_after_the_approver_said_yes(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await ask(workspace, amount="600")
    await workspace.user(ANA).clicks("Approve", SEARCH)
    fin = workspace.user(FIN)

    await fin.clicks("Deny…", SEARCH)
    await fin.submits(reason="Not this month.")

    card = await card_of(workspace)
    assert "Denied by <@U0FIN>" in card["text"]
    assert "Before that, <@U0ANA> approved" in card["text"]
    assert await overrides(database) == []
    assert "Not this month." in await workspace.last_text(MIA)


async def test_whoever_stands_in_answers_and_the_card_says_for_whom(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    week = Delegation("d-1", ANA, SAM, MONDAY, MONDAY + timedelta(days=5), "away")
    barred = Delegation("d-2", ANA, OWEN, MONDAY, MONDAY + timedelta(days=5), "away")
    await organised(database, delegations=(week, barred))
    card = await ask(workspace)
    assert "Asked: <@U0ANA>, <@U0SAM> for <@U0ANA>." in card["text"]

    word = await workspace.user(OWEN).clicks("Approve", SEARCH)
    await workspace.user(SAM).clicks("Approve", SEARCH)

    assert "An owner does not approve" in word
    assert "Approved by <@U0SAM> for <@U0ANA>" in (await card_of(workspace))["text"]
    assert await overrides(database) == ["1E+2"]


async def test_less_is_granted_and_the_requester_reads_how_much(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await ask(workspace)
    ana = workspace.user(ANA)
    await ana.clicks("Approve less…", SEARCH)

    more = await ana.forges(amount="100.01", until="period")
    longer = await ana.forges(amount="60", until="permanent")
    nothing = await ana.forges(amount="0", until="period")
    words = await ana.forges(amount="some", until="days", days="x")
    done = await ana.submits(amount="60", until="period", reason="Half the launch.")

    assert "$100.00" in more["errors"]["amount"]
    assert "longer than was asked" in longer["errors"]["until"]
    assert set(nothing["errors"]) == {"amount"}
    assert set(words["errors"]) == {"amount", "days"}
    assert done["outcome"] == "cleared"
    says = "by $60.00 of the $100.00 asked, to $310.00"
    assert says in (await card_of(workspace))["text"]
    assert says in await workspace.last_text(MIA)
    assert "Half the launch." in await workspace.last_text(MIA)
    assert await overrides(database) == ["6E+1"]


async def test_later_steps_see_the_smaller_amount(workspace: Workspace, database: Database):
    await moved_in(database)
    before = await ask(workspace, amount="900")
    ana = workspace.user(ANA)
    await ana.clicks("Approve less…", SEARCH)
    await ana.submits(amount="700", until="period")

    stale = await workspace.user(FIN).clicks_on(
        SEARCH, before["ts"], action_id="request.approve", value=value_of(before), forge=True
    )

    assert "It was changed while you looked at it: it is for $700.00 now." in stale
    assert "Approved so far is $700.00 of the $900.00." in (await card_of(workspace))["text"]
    assert "That is $700.00 of the $900.00 you asked for" in await workspace.last_text(MIA)
    await workspace.user(FIN).clicks("Approve", SEARCH)
    assert await overrides(database) == ["7E+2"]


async def test_less_than_the_limit_needs_no_finance(workspace: Workspace, database: Database):
    await moved_in(database)
    await ask(workspace, amount="900")
    ana = workspace.user(ANA)

    await ana.clicks("Approve less…", SEARCH)
    await ana.submits(amount="500", until="period")

    assert await overrides(database) == ["5E+2"]


async def test_a_question_is_asked_in_the_thread_and_the_reply_comes_back(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    card = await ask(workspace)
    ana, mia = workspace.user(ANA), workspace.user(MIA)
    await ana.clicks("Ask…", SEARCH)
    empty = await ana.forges(question="\u200b")
    await ana.submits(question="Why <!channel> not next week?")

    assert "want to know" in empty["errors"]["question"]
    thread = (await workspace.texts(SEARCH, card["ts"]))[-1]
    assert "<@U0MIA>, <@U0ANA> asks: “Why &lt;!channel&gt; not next week?”" in thread
    assert "The clock runs on" in thread
    assert "asks about" in await workspace.last_text(MIA)

    await workspace.user(OWEN).says("Because.", SEARCH, card["ts"])
    assert "no reply yet" in (await card_of(workspace))["text"]

    await mia.says("The launch is on *Friday*.", SEARCH, card["ts"])
    told = await workspace.last_text(ANA)
    assert "<@U0MIA> replies about" in told
    assert "The launch is on ∗Friday∗." in told
    assert "<#C0SEARCH>" in told
    now = await card_of(workspace)
    assert "“The launch is on ∗Friday∗.”" in now["text"]
    assert "Approve" in labels(now)
    await ana.clicks("Approve", SEARCH)
    assert "The launch is on" in (await card_of(workspace))["text"]


@pytest.mark.parametrize("label", ["Ask…", "Approve less…", "Deny…"])
async def test_only_those_who_may_answer_get_the_forms(
    workspace: Workspace, database: Database, label: str
):
    await moved_in(database)
    await ask(workspace)

    word = await workspace.user(MIA).clicks(label, SEARCH)

    assert "own request" in word


async def test_amended_it_begins_again_and_says_so(workspace: Workspace, database: Database, clock):
    await moved_in(database)
    before = await ask(workspace, amount="600")
    await workspace.user(ANA).clicks("Approve", SEARCH)
    mia = workspace.user(MIA)
    clock.tick(timedelta(hours=2))
    await mia.clicks("Amend…", SEARCH)

    same = await mia.submits()
    done = await mia.submits(amount="650")

    assert "Nothing differs" in same["errors"]["amount"]
    assert done["outcome"] == "cleared"
    card = await card_of(workspace)
    assert "asks for $650.00 more" in card["text"]
    assert "✏️ Amended by <@U0MIA>, Mon 23 Nov 12:00 CET: every step is asked again." in card["text"]
    assert "*1 of 2*: asked: <@U0ANA>." in card["text"]
    assert "expires Thu 26 Nov 12:00 CET" in card["text"]
    assert "changed what is asked" in (await workspace.texts(SEARCH, card["ts"]))[-1]
    assert "your yes no longer counts" in await workspace.last_text(ANA)
    late = await workspace.user(ANA).clicks_on(
        SEARCH, card["ts"], action_id="request.approve", value=value_of(before), forge=True
    )
    assert "it is for $650.00 now" in late
    assert await overrides(database) == []


async def test_an_amendment_is_shown_first_where_it_does_not_meet_the_eye(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await ask(workspace)
    mia = workspace.user(MIA)
    await mia.clicks("Amend…", SEARCH)

    preview = await mia.submits(until="permanent")
    assert "for good" in str(preview["view"])
    await mia.submits()

    assert (
        "for good, from approval: base cap $250.00 → $350.00"
        in ((await card_of(workspace))["text"])
    )


@pytest.mark.parametrize("who", [ANA, OWEN, SAM])
async def test_nobody_else_amends_or_withdraws(workspace: Workspace, database: Database, who: str):
    await moved_in(database)
    await ask(workspace)

    words = [await workspace.user(who).clicks(one, SEARCH) for one in ("Amend…", "Withdraw")]

    assert all("Only <@U0MIA> may" in word for word in words)


async def test_it_reminds_then_asks_the_next_group_too_and_then_expires(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    card = await ask(workspace)
    assert "Reminders 8, 24, 48 h after this step began." in card["text"]
    assert "From Tue 24 Nov 22:00 CET finance may answer as well." in card["text"]
    assert "it expires Thu 26 Nov 10:00 CET" in card["text"]

    clock.tick(timedelta(hours=8))
    first = await workspace.texts(ANA)
    clock.tick(timedelta(hours=16))
    second = await workspace.texts(ANA)
    assert [
        sum("still waits for your answer" in one for one in texts) for texts in (first, second)
    ] == [1, 2]

    clock.tick(timedelta(hours=12))
    assert "finance: <@U0FIN> may answer as well" in (await card_of(workspace))["text"]
    clock.tick(timedelta(hours=11))
    assert "you may answer it as well" in (await workspace.texts(FIN))[0]
    assert any("is unanswered so far" in one for one in await workspace.texts(MIA))

    clock.tick(timedelta(hours=25))
    ended = await card_of(workspace)
    assert "Expired Thu 26 Nov 10:00 CET" in ended["text"]
    assert labels(ended) == []
    assert sum("Expired" in one for one in await workspace.texts(MIA)) == 1


async def test_once_it_is_escalated_the_next_group_answers(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    await ask(workspace, amount="600")
    early = await workspace.user(FIN).clicks("Approve", SEARCH)
    clock.tick(timedelta(hours=36))
    await workspace.settle()

    await workspace.user(FIN).clicks("Approve", SEARCH)

    assert "after the step before" in early
    assert await overrides(database) == ["6E+2"]


async def test_every_open_request_is_in_the_list_with_its_age_and_buttons(
    workspace: Workspace, database: Database, clock
):
    await moved_in(database)
    nothing = await workspace.user(ANA).types("/budget requests")
    wrong = await workspace.user(ANA).types("/budget requests all")
    await ask(workspace)
    clock.tick(timedelta(hours=3))

    ana = await workspace.user(ANA).types("/budget requests")
    mia = await workspace.user(MIA).types("/budget requests")
    sam = await workspace.user(SAM).types("/budget requests")
    owen = await workspace.user(OWEN).types("/budget requests")

    assert "No request is open" in nothing
    assert "takes nothing after it" in wrong
    assert "*Waiting for your answer*" in ana
    assert "asked by <@U0MIA> 3 h ago in <#C0SEARCH>. Waiting for <@U0ANA>. 2 d 21 h left" in ana
    assert "*You asked for*" in mia
    assert "*Waiting for others*" in sam
    assert "No request is open" in owen


async def press(workspace: Workspace, who: str, action: str, value: str, channel: str) -> str:
    """A button of the private list, which only its reader's client keeps."""
    card = await card_of(workspace)
    return await workspace.user(who).clicks_on(
        SEARCH, card["ts"], action_id=action, value=value, forge=True, from_channel=channel
    )


async def test_from_the_list_it_is_approved_wherever_it_is_read(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    value = value_of(await ask(workspace))

    stranger = await press(workspace, OWEN, "requests.approve", value, "C0GROWTH")
    word = await press(workspace, ANA, "requests.approve", value, "C0GROWTH")
    again = await press(workspace, ANA, "requests.approve", value, "C0GROWTH")

    assert "An owner does not approve" in stranger
    assert "Done: $100.00 more on the weekly cap of `search-ranking` is approved" in word
    assert "Already approved by <@U0ANA>" in again
    assert await overrides(database) == ["1E+2"]


async def test_from_the_list_its_author_withdraws_it(workspace: Workspace, database: Database):
    await moved_in(database)
    value = value_of(await ask(workspace))

    word = await press(workspace, MIA, "requests.withdraw", value, "C0GROWTH")

    assert "is withdrawn" in word
    assert "Withdrawn by <@U0MIA>" in (await card_of(workspace))["text"]


async def test_two_of_finance_pressing_at_once_have_one_winner(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await organised(database, finance=(FIN, SAM))
    await ask(workspace, amount="600")
    await workspace.user(ANA).clicks("Approve", SEARCH)

    words = await asyncio.gather(
        *(workspace.user(one).clicks("Approve", SEARCH) for one in (FIN, SAM))
    )

    assert sorted(map(bool, words)) == [False, True]
    assert "Already approved by" in "".join(words)
    assert await overrides(database) == ["6E+2"]


@pytest.mark.parametrize(
    ("action", "values", "says"),
    [
        pytest.param(
            "requests.less",
            {"amount": "60", "until": "period"},
            "($60.00 of it) is approved",
            id="less",
        ),
        pytest.param("requests.deny", {"reason": "No."}, "is denied", id="a no"),
        pytest.param(
            "requests.ask", {"question": "Why?"}, "Asked: your question is", id="a question"
        ),
    ],
)
async def test_from_the_list_forms_open_and_say_what_was_done(
    workspace: Workspace, database: Database, action: str, values: dict[str, str], says: str
):
    await moved_in(database)
    value = value_of(await ask(workspace))
    before = len(await workspace.texts(ANA))

    stranger = await press(workspace, OWEN, action, value, "C0GROWTH")
    await press(workspace, ANA, action, value, "C0GROWTH")
    told = await workspace.user(ANA).submits(**values)

    assert "An owner does not approve" in stranger
    assert told["outcome"] == "cleared"
    words = str(told.get("ephemerals")) + str((await workspace.texts(ANA))[before:])
    assert says in words


async def test_from_the_list_its_author_amends_it(workspace: Workspace, database: Database):
    await moved_in(database)
    value = value_of(await ask(workspace))

    await press(workspace, MIA, "requests.amend", value, "C0GROWTH")
    await workspace.user(MIA).submits(amount="120")

    assert "asks for $120.00 more" in (await card_of(workspace))["text"]


async def test_a_form_that_was_open_too_long_says_what_happened_meanwhile(
    workspace: Workspace, database: Database
):
    await moved_in(database)
    await ask(workspace)
    ana = workspace.user(ANA)
    await ana.clicks("Approve less…", SEARCH)
    await workspace.user(MIA).clicks("Withdraw", SEARCH)

    told = await ana.submits(amount="60", until="period")

    assert told["outcome"] == "cleared"
    assert "Already withdrawn by <@U0MIA>" in str(told["ephemerals"])
    assert await overrides(database) == []
