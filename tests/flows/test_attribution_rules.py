from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from bot.attribution import Clue, Clues, Rule
from bot.charges import DAY, Bill, Charge, Stretch, utc_day
from bot.money import from_nanos
from bot.people import Person
from bot.periods import BEGINNING, Calendar
from bot.policy import Policy
from bot.refusal import NotAllowed, Refusal, TooLate
from bot.usage import SentUsage, read_usage
from bot.workflows import Status
from handlers.clock import tick
from handlers.desk import Desk
from handlers.flows import show_whose
from handlers.flows.reconcile_bills import reconcile_bills
from handlers.flows.record_bill import record_bill
from handlers.flows.recount_usage import recount_usage
from handlers.flows.tell_recounts import tell_recounts
from handlers.slack.calls import Closes, Opens, Shows
from storage.database import Database
from storage.ledger import Ledger
from tests.builders import ANA, FIN, MONDAY, OWEN, SAM, a_team, a_workflow, an_organisation
from tests.registry import presses, settled, submits, types

pytestmark = pytest.mark.usefixtures("clock")

CHAT = a_workflow(key="support-chat", name="Support chat", owner="U0LEE", approver="U0NOA")
LAST_MONTH = MONDAY - timedelta(days=40)


def a_call(id, usd="1", at=MONDAY, **named):
    sent = SentUsage(id=id, at=at, cost=Decimal(usd), **named)
    return read_usage(sent, "gateway", max(at, MONDAY))


async def book(database, *calls):
    async with database.ledger() as ledger:
        await ledger.usage.record(calls, MONDAY)


async def company(database, *calls):
    desk = await settled(database, a_workflow(), CHAT)
    await book(database, *calls)
    return desk


async def whose_spend(database):
    """USD by workflow, from the records."""
    async with database.reading() as ledger:
        connection = await ledger.spend._session.connection()
        found = await connection.execute(
            text(
                "SELECT workflow, sum(cost) FROM usage "
                "WHERE counts = 1 AND source NOT LIKE 'bill/%' GROUP BY workflow"
            )
        )
        return {workflow: from_nanos(int(nanos)) for workflow, nanos in found}


async def rules(database):
    async with database.reading() as ledger:
        return await ledger.attribution_rules.all()


def text_of(answer):
    if isinstance(answer, Opens | Shows):
        return "\n".join(
            str(block.get("text", {}).get("text", "")) for block in answer.view["blocks"]
        )
    return (answer.card if isinstance(answer, Closes) else answer).text


async def tried(desk, clue, pattern, workflow, user=SAM, **more):
    form = await presses(desk, user, "rule.new", "")
    return await submits(desk, user, form, clue=clue, pattern=pattern, workflow=workflow, **more)


async def made(desk, clue, pattern, workflow, **more):
    preview = await tried(desk, clue, pattern, workflow, **more)
    answer = await submits(desk, SAM, preview)
    await tick(desk)
    return answer


async def dm(database, user=SAM):
    """What the newest message to a person says now."""
    async with database.reading() as ledger:
        keys = await ledger.notices.under("rule:")
        for key in reversed(keys):
            if await ledger.notices.told(key) == user:
                return await ledger.notices.shown(key)
        return None


async def test_a_rule_is_suggested_tried_saved_and_taken_back(database):
    calls = [a_call(f"r-{n}", "10", key="sk-1", key_name="support-chat-prod") for n in range(3)]
    desk = await company(database, *calls, a_call("r-9", "5", key="sk-2"))

    whose = await types(desk, SAM, "whose")
    assert "$35.00, 4 records" in whose.text
    assert "“sk-1” (support-chat-prod): $30.00, 3 records – probably `support-chat`" in whose.text
    button = next(
        block["accessory"] for block in whose.blocks if "sk-1" in str(block.get("accessory"))
    )

    form = await presses(desk, SAM, button["action_id"], button["value"])
    preview = await submits(desk, SAM, form)
    assert "$30.00, 3 records" in text_of(preview)
    assert "Unattributed → `support-chat`" in text_of(preview)
    assert "weekly cap from 0 % to 12 % of $250.00" in text_of(preview)
    assert "Data through <!date^" in str(preview.view)
    assert await rules(database) == ()

    saved = await submits(desk, SAM, preview)
    assert "$30.00, 3 records move now" in text_of(saved)
    await tick(desk)
    assert await whose_spend(database) == {"support-chat": 30, "": 5}
    said = await dm(database)
    assert "Done: moved $30.00, 3 records." in said.text

    undo = said.blocks[-1]["elements"][0]
    await presses(desk, SAM, undo["action_id"], undo["value"])
    await tick(desk)
    assert await rules(database) == ()
    assert await whose_spend(database) == {"": 35}
    with pytest.raises(TooLate, match="taken this back already"):
        await presses(desk, SAM, undo["action_id"], undo["value"])


async def test_spend_that_only_its_tags_tell_of_is_found_by_them(database):
    desk = await company(
        database,
        a_call("r-1", "33", tags=("squad:blue", "env:prod")),
        a_call("r-2", "4", tags=("squad:blue",), workflow="blue-bot"),
        a_call("r-3", "2", tags=("workflow:search-ranking",)),
        a_call("r-4", "1", tags=("workflow:new-bot",), workflow="new-bot"),
        a_call("r-5", "9", tags=("squad:blue",), workflow="support-chat"),
    )

    whose = await types(desk, SAM, "whose")
    assert "*By declared name or tag*\n“squad:blue”: $37.00, 2 records" in whose.text
    assert "All 5 declared names and tags" in whose.text
    listed = await types(desk, SAM, "whose tags")
    assert "By declared name or tag*, 5 in all" in listed.text
    assert "“env:prod”: $33.00, 1 record" in listed.text
    assert "“blue-bot”: $4.00, 1 record" in listed.text
    tagged = "“workflow:search-ranking”: $2.00, 1 record – probably `search-ranking`"
    assert tagged in listed.text
    assert "“new-bot”: $1.00, 1 record" in listed.text
    assert "workflow:new-bot" not in listed.text

    button = next(
        block["accessory"] for block in whose.blocks if "squad:blue" in str(block.get("accessory"))
    )
    form = await presses(desk, SAM, button["action_id"], button["value"])
    preview = await submits(desk, SAM, form, workflow="search-ranking")
    assert "$37.00, 2 records" in text_of(preview)
    await submits(desk, SAM, preview)
    await tick(desk)
    assert await whose_spend(database) == {"search-ranking": 37, "": 3, "support-chat": 9}
    assert "squad:blue" not in (await types(desk, SAM, "whose tags")).text


async def test_so_are_lines_of_bills_by_what_their_tags_say(database):
    desk = await company(database, a_call("r-1", "4", tags=("squad:blue",)))
    day = Stretch(utc_day(MONDAY), utc_day(MONDAY) + DAY)
    told = {
        "l-1": (Decimal(12), ("workflow:old-bot", "squad:blue")),
        "l-2": (Decimal(3), ("squad:red",)),
        "l-3": (Decimal(50), ("workflow:support-chat", "squad:red")),
        "l-4": (Decimal(7), ()),
    }
    lines = tuple(
        Charge(id, "azure", day.start, day.end, cost, final=True, tags=tags)
        for id, (cost, tags) in told.items()
    )
    async with database.ledger() as ledger:
        await record_bill(Bill("bill/azure", day, lines), ledger, desk, MONDAY)
    await tick(desk)

    whose = await types(desk, SAM, "whose")
    assert "$26.00, 1 record and lines of bills" in whose.text
    assert "azure’s bill: $22.00 of bills" in whose.text
    listed = (await types(desk, SAM, "whose tags")).text
    assert "3 in all" in listed
    assert "“squad:blue”: $16.00, 1 record and lines of bills" in listed
    assert "“old-bot”: $12.00 of bills" in listed
    assert "“squad:red”: $3.00 of bills" in listed

    await made(desk, "declared", "squad:blue", "search-ranking")
    assert "“squad:red”: $3.00 of bills" in (await types(desk, SAM, "whose tags")).text
    assert "squad:blue" not in (await types(desk, SAM, "whose tags")).text


async def test_of_a_bills_day_in_two_months_a_tag_has_what_lies_in_each(database):
    over = utc_day(MONDAY).replace(day=1) - DAY
    desk = await settled(database, a_workflow())
    line = Charge("l", "azure", over, over + DAY, Decimal(24), True, tags=("squad:red",))
    async with database.ledger() as ledger:
        await record_bill(
            Bill("bill/azure", Stretch(over, over + DAY), (line,)), ledger, desk, MONDAY
        )
    await tick(desk)

    assert "“squad:red”: $23.00 of bills" in (await types(desk, SAM, "whose tags oct")).text
    assert "“squad:red”: $1.00 of bills" in (await types(desk, SAM, "whose tags")).text


async def test_of_very_many_tags_the_dearest_are_listed(database, monkeypatch):
    monkeypatch.setattr(show_whose, "_MOST", 3)
    calls = [a_call(f"r-{n}", str(n), tags=(f"run:{n}", "squad:blue")) for n in range(1, 6)]
    desk = await company(database, *calls)

    whose = await types(desk, SAM, "whose")

    assert "“squad:blue”: $15.00, 5 records" in whose.text
    assert "All 3 declared names and tags" in whose.text
    assert "Only the dearest are listed" in whose.text


async def test_a_rule_on_trial_says_what_stays_and_what_contradicts(database):
    desk = await company(
        database,
        a_call("r-1", "4", service="api", key="sk-1"),
        a_call("r-2", "3", service="api", project="p-1", workflow="search-ranking"),
        a_call("r-3", "2", project="p-1", workflow="support-chat"),
    )
    await made(desk, "key", "sk-1", "search-ranking")

    service = await tried(desk, "service", "a*", "support-chat")
    assert "No record of the months that still run would move" in text_of(service)
    assert "$4.00, 1 record that it matches stays with `search-ranking`, by key" in text_of(service)

    project = await tried(desk, "project", "p-?", "support-chat")
    assert "$3.00, 1 record of it calls itself `search-ranking`" in text_of(project)


async def test_closed_months_move_only_where_somebody_says_so(database):
    desk = await company(
        database, a_call("r-1", "4", at=LAST_MONTH, key="sk-1"), a_call("r-2", "3", key="sk-1")
    )

    await made(desk, "key", "sk-1", "search-ranking")
    assert await whose_spend(database) == {"": 4, "search-ranking": 3}

    assert await rules(database) == (Rule(Clue.KEY, "sk-1", "search-ranking"),)
    value = '["key", "sk-1", "search-ranking"]'
    form = await presses(desk, SAM, "rule.edit", value)
    preview = await submits(desk, SAM, form, workflow="support-chat", reach="all")
    assert "Unattributed → `support-chat`: $4.00, 1 record" in text_of(preview)
    assert "$4.00 in months that are closed" in text_of(preview)
    await submits(desk, SAM, preview)
    await tick(desk)
    assert await whose_spend(database) == {"support-chat": 7}

    undo = (await dm(database)).blocks[-1]["elements"][0]
    await presses(desk, SAM, undo["action_id"], undo["value"])
    await tick(desk)
    assert await whose_spend(database) == {"": 4, "search-ranking": 3}
    assert "Done: moved $7.00, 2 records." in (await dm(database)).text


async def test_a_rule_is_changed_moved_and_removed_and_the_first_wins(database):
    desk = await company(database, a_call("r-1", "4", service="api-eu"))
    await made(desk, "service", "api-*", "search-ranking")
    await made(desk, "service", "*-eu", "support-chat")
    listed = await types(desk, FIN, "rules")
    assert "1. service “api-∗” → `search-ranking`" in listed.text
    second = next(
        block["accessory"]["value"]
        for block in listed.blocks
        if "*-eu" in str(block.get("accessory"))
    )

    form = await presses(desk, FIN, "rule.edit", second)
    up = await presses(desk, FIN, "rule.up", second, form.view)
    assert "`search-ranking` → `support-chat`: $4.00" in text_of(up)
    removal = await presses(desk, SAM, "rule.remove", second, form.view)
    await submits(desk, FIN, up)
    await tick(desk)
    assert await whose_spend(database) == {"support-chat": 4}

    changed = await submits(desk, FIN, form, workflow="search-ranking")
    removal = await submits(desk, SAM, removal)
    assert "Not saved yet." in text_of(removal)
    assert len(await rules(database)) == 2
    await submits(desk, SAM, removal)
    with pytest.raises(TooLate, match="changed or removed by somebody else"):
        await submits(desk, FIN, changed)
    await tick(desk)
    assert [rule.pattern for rule in await rules(database)] == ["api-*"]
    assert await whose_spend(database) == {"search-ranking": 4}
    async with database.reading() as ledger:
        trail = await ledger.changes.of("attribution")
    assert [one.what for one in trail] == ["rule removed", "rule moved", "rule made", "rule made"]
    assert {one.actor for one in trail} == {SAM, FIN}


async def test_what_cannot_be_a_rule_is_said_beside_its_field(database):
    desk = await company(database)
    await made(desk, "key", "sk-1", "search-ranking")

    for entered, field in (
        ({"pattern": " "}, "pattern"),
        ({"pattern": "x" * 201}, "pattern"),
        ({"pattern": "a\0b"}, "pattern"),
        ({"clue": "colour"}, "clue"),
        ({"workflow": ""}, "workflow"),
        ({"pattern": "sk-1", "workflow": "support-chat"}, "pattern"),
    ):
        plain = {"clue": "key", "pattern": "sk-9", "workflow": "search-ranking"}
        with pytest.raises(Refusal) as refused:
            await tried(desk, **(plain | entered))
        assert refused.value.field == field
    with pytest.raises(Refusal, match="There is no workflow “nowhere”"):
        await tried(desk, "key", "sk-9", "nowhere")
    with pytest.raises(NotAllowed, match="Only finance or an admin"):
        await tried(desk, "key", "sk-9", "search-ranking", user=OWEN)
    with pytest.raises(Refusal, match="nothing spend is known by"):
        await types(desk, SAM, "whose colour")


async def test_who_spent_is_named_only_to_those_who_may_see_it(database):
    desk = await company(
        database, a_call("r-1", "4", user="kim@example.com"), a_call("r-2", "3", user=OWEN)
    )
    await made(desk, "person", "lou@example.com", "search-ranking")

    for user in (SAM, FIN, ANA, "U0NOA"):
        assert "kim@example.com" in (await types(desk, user, "whose")).text
    for words in ("whose", "whose person", "rules"):
        shown = await types(desk, OWEN, words)
        assert "example.com" not in str(shown)
        assert "Make" not in str(shown.blocks)
    assert "2 people: $7.00" in (await types(desk, OWEN, "whose")).text


async def test_keys_and_projects_called_as_persons_are_hidden_as_they_are(database):
    desk = await company(
        database,
        a_call("r-1", "4", key="sk-7", key_name="kim@example.com"),
        a_call("r-2", "3", project="Lee Park", source="lou@example.com"),
        a_call("r-3", "2", key="jo", user="jo"),
        a_call("r-4", "1", workflow="U0KIM", key="sk-plain"),
    )
    async with database.ledger() as ledger:
        for id, name in (("U0LP", "Lee Park"), ("U0KIM", "Kim")):
            person = Person(id, name, None, outsider=False, deleted=False, read_at=MONDAY)
            await ledger.people.save(person)
    await made(desk, "key", "max@example.com", "search-ranking")

    for words in ("whose", "whose key", "whose project", "whose source", "rules", "gaps"):
        shown = str(await types(desk, OWEN, words))
        for hidden in ("kim@", "Lee Park", "lou@", "“jo”", "U0KIM", "max@"):
            assert hidden not in shown, words
    assert "one person’s key: $2.00" in (await types(desk, OWEN, "whose key")).text
    assert "“sk-7”: $4.00" in (await types(desk, OWEN, "whose key")).text
    assert "“sk-7” (kim@example.com)" in (await types(desk, ANA, "whose key")).text
    assert "one person’s project: $3.00" in (await types(desk, OWEN, "whose")).text
    assert "1. one person’s key → `search-ranking`" in (await types(desk, OWEN, "rules")).text
    assert "max@example.com" in (await types(desk, FIN, "rules")).text


async def test_who_calls_itself_otherwise_than_it_is_counted_is_shown(database):
    desk = await company(database, a_call("r-1", "4", key="sk-1", workflow="support-chat"))
    await made(desk, "key", "sk-1", "search-ranking")

    whose = await types(desk, OWEN, "whose")

    assert "`support-chat` is what it says, `search-ranking` gets it by key “sk-1”" in whose.text


async def test_whose_shows_a_month_that_is_over_and_says_that_it_stays(database):
    old = [a_call(f"o-{n}", "1", at=LAST_MONTH, key=f"k-{n}") for n in range(40)]
    desk = await company(database, a_call("r-1", "5", key="sk-now"), *old)

    for words in ("oct", "october 2026", "2026-10", "last month", "Last Month"):
        shown = (await types(desk, SAM, f"whose {words}")).text
        assert "$40.00, 40 records of October 2026 belong to no workflow" in shown
        assert "is over: a rule moves it only where its form says “Last month, too" in shown
        assert "sk-now" not in shown
    for words in ("nov", "this month", "2026-11", ""):
        shown = (await types(desk, SAM, f"whose {words}")).text
        assert "$5.00, 1 record since Sun 1 Nov 2026" in shown
        assert "is over" not in shown
    assert "Nothing was recorded of June 2026" in (await types(desk, SAM, "whose june")).text
    assert (await types(desk, SAM, "whose team oct")).text.startswith(
        "*Nothing that belongs to no workflow is known by a gateway team* of October 2026."
    )

    for words in ("key oct", "oct keys", "by key in oct"):
        first = await types(desk, SAM, f"whose {words}")
        assert "*Whose is this? By key*, 40 in all of October 2026" in first.text
    more = first.blocks[-1]["elements"][0]
    second = await presses(desk, SAM, more["action_id"], more["value"])
    assert "40 in all of October 2026" in second.text
    assert "“sk-now”" not in second.text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("dec 2026", "December 2026 is ahead"),
        ("2026-13", "“2026-13” is no month. Write it like 2026-11"),
        ("octember", "“octember” is nothing spend is known by, and no month.*whose last month"),
        ("14 nov", "“14” is nothing spend is known by"),
        ("oct nov", "“nov” is a second month: `/budget whose` shows one"),
        ("oct oct", "“oct” is a second month"),
    ],
)
async def test_no_month_is_answered_with_how_to_write_one(database, words, said):
    desk = await company(database)

    with pytest.raises(Refusal, match=said):
        await types(desk, SAM, f"whose {words}")


async def test_many_are_paged(database):
    desk = await company(database, *(a_call(f"r-{n}", str(n + 1), key=f"k-{n}") for n in range(40)))

    whose = await types(desk, SAM, "whose")
    more = next(block for block in whose.blocks if block.get("block_id") == "all-key")
    first = await presses(desk, SAM, "whose.list", more["elements"][0]["value"])
    following = first.blocks[-1]["elements"][0]
    second = await presses(desk, SAM, following["action_id"], following["value"])

    assert "“k-39”" in first.text
    assert "“k-0”" in second.text


async def billed(desk):
    """A line of a bill that nobody saw coming, settled."""
    day = Stretch(utc_day(MONDAY), utc_day(MONDAY) + DAY)
    key = Clues(key="sk-1")
    line = Charge("line-1", "openai", day.start, day.end, Decimal(12), final=True, clues=key)
    async with desk.database.ledger() as ledger:
        await record_bill(Bill("bill/openai", day, (line,)), ledger, desk, MONDAY)
    await tick(desk)


async def runs(desk, *jobs):
    for job in jobs:
        async with desk.database.ledger() as ledger:
            await job(ledger, await desk.organisation(ledger), desk.now())


async def test_done_is_said_once_the_bills_are_settled_too_and_nothing_is_left_behind(database):
    desk = await company(database, a_call("r-1", "4", service="api"))
    await billed(desk)
    assert "$16.00, 1 record and lines of bills" in (await types(desk, SAM, "whose")).text

    answer = await submits(desk, SAM, await tried(desk, "key", "sk-1", "search-ranking"))
    assert "$12.00, 1 line of bills move now" in text_of(answer)
    await runs(desk, recount_usage, tell_recounts)
    assert "Done" not in (await dm(database)).text
    await runs(desk, reconcile_bills, tell_recounts)
    said = await dm(database)
    assert "Done: moved about $12.00, 1 line of bills." in said.text
    assert "$4.00, 1 record since" in (await types(desk, SAM, "whose")).text
    assert "sk-1" not in (await types(desk, SAM, "whose")).text

    undo = said.blocks[-1]["elements"][0]
    await presses(desk, SAM, undo["action_id"], undo["value"])
    await runs(desk, recount_usage, tell_recounts)
    assert "Done" not in (await dm(database)).text
    await runs(desk, reconcile_bills, tell_recounts)
    assert "Done: moved about $12.00, 1 line of bills." in (await dm(database)).text
    again = await tried(desk, "key", "sk-1", "search-ranking")
    assert "$12.00, 1 line of bills" in text_of(again)


async def test_gaps_name_what_nobody_answers_for_and_what_to_do(database):
    bare = a_workflow(key="bare", name="Bare", owner=None, review_date=None)
    late = a_workflow(key="late", name="Late", review_date=MONDAY.date() - timedelta(days=3))
    desk = await settled(database, bare, late)
    await book(database, a_call("r-1", "4"), a_call("r-2", "2", workflow="late", source="known"))

    gaps = (await types(desk, OWEN, "gaps")).text

    assert "$4.00, 1 record" in gaps
    assert "*no owner, no review date*" in gaps
    assert "`/budget reassign bare`" in gaps
    assert "its review date has passed" in gaps
    assert "“gateway”: $4.00" in gaps
    assert "“known”" not in gaps
    _, _, data = gaps.rpartition("\n")
    assert data.startswith("Data through <!date^")
    assert "(gateway), <!date^" in data
    assert (await types(desk, OWEN, "whose")).text.endswith(data)
    assert (await types(desk, OWEN, "whose source")).text.endswith(data)


async def test_without_gaps_it_says_so(database):
    desk = await settled(database, a_workflow())

    assert "*No gaps.*" in (await types(desk, OWEN, "gaps")).text
    assert "Nothing was recorded since" in (await types(desk, OWEN, "whose")).text
    assert "Nothing was recorded since" in (await types(desk, OWEN, "whose key")).text
    await book(database, a_call("r-1", "4", workflow="search-ranking"))
    assert "belongs to a workflow" in (await types(desk, OWEN, "whose")).text
    assert "belongs to a workflow" in (await types(desk, OWEN, "whose key")).text
    assert "No rule is made yet" in (await types(desk, OWEN, "rules")).text


@pytest.mark.parametrize("verb", ["rules", "gaps"])
async def test_a_word_that_narrows_nothing_is_not_passed_over(database, verb):
    desk = await settled(database, a_workflow())

    with pytest.raises(Refusal, match=f"/budget {verb}` shows all of them.*“search”"):
        await types(desk, OWEN, f"{verb} search")


async def test_spend_for_a_workflow_that_is_not_active_is_said_to_be_so(database):
    proposed = a_workflow(key="new", name="New", status=Status.PROPOSED, activated_at=None)
    desk = await settled(database, proposed, teams=(a_team(),))
    await book(database, a_call("r-1", "4", key="sk-1"))

    preview = await tried(desk, "key", "sk-1", "new")

    assert "it is only proposed" in text_of(preview)


class Meddled(Database):
    """In which somebody changes the registry just before something is written, so many times."""

    times = 0

    @asynccontextmanager
    async def ledger(self) -> AsyncIterator[Ledger]:
        if self.times:
            self.times -= 1
            async with super().ledger() as ledger:
                await ledger.organisation.touch()
        async with super().ledger() as ledger:
            yield ledger


@asynccontextmanager
async def meddled(database, times):
    busy = Meddled(database.url.render_as_string(hide_password=False))
    busy.times = times
    yield Desk(busy, (SAM,))
    await busy.close()


async def test_a_rule_is_tried_again_where_the_registry_has_changed_meanwhile(database):
    desk = await company(database, a_call("r-1", "4", key="sk-1"))
    preview = await tried(desk, "key", "sk-1", "search-ranking")

    async with meddled(database, 1) as busy:
        preview = await submits(busy, SAM, preview)
    assert "Not saved yet." in text_of(preview)
    assert await rules(database) == ()
    answer = await submits(desk, SAM, preview)
    assert "$4.00, 1 record move now" in text_of(answer)

    await tick(desk)
    undo = (await dm(database)).blocks[-1]["elements"][0]
    async with meddled(database, 9) as busy:
        with pytest.raises(TooLate, match="changing all the time"):
            await presses(busy, SAM, undo["action_id"], undo["value"])
    assert len(await rules(database)) == 1
    async with meddled(database, 2) as busy:
        await presses(busy, SAM, undo["action_id"], undo["value"])
    assert await rules(database) == ()


async def test_what_was_tried_long_ago_is_shown_anew(database, clock):
    desk = await company(database, a_call("r-1", "4", key="sk-1"))
    preview = await tried(desk, "key", "sk-1", "search-ranking")
    await book(database, a_call("r-2", "3", key="sk-1"))
    clock.tick(timedelta(minutes=11))

    preview = await submits(desk, SAM, preview)

    assert "Not saved yet." in text_of(preview)
    assert "$7.00, 2 records" in text_of(preview)
    assert "$7.00, 2 records move now" in text_of(await submits(desk, SAM, preview))


async def test_lines_that_nobody_saw_move_with_the_estimates_in_their_place(database):
    seen = a_call("r-1", "30", workflow="support-chat", provider="openai")
    desk = await company(database, seen)
    day = Stretch(utc_day(MONDAY), utc_day(MONDAY) + DAY)
    line = Charge("l", "openai", day.start, day.end, Decimal(33), True, clues=Clues(key="sk-1"))
    async with database.ledger() as ledger:
        await record_bill(Bill("bill/openai", day, (line,)), ledger, desk, MONDAY)
    await tick(desk)

    preview = await tried(desk, "key", "sk-1", "support-chat")

    assert "Unmetered → `support-chat`: $3.00, 1 line of bills" in text_of(preview)
    assert "weekly cap from 12 % to 13 % of $250.00" in text_of(preview)


async def test_a_bills_day_of_a_month_that_is_over_stays_as_it_was_settled(database):
    over = utc_day(MONDAY).replace(day=1) - DAY
    in_utc = a_workflow(calendars=(Calendar(BEGINNING, "UTC"),))
    desk = await settled(database, in_utc)
    await book(database, a_call("r-1", "4", key="sk-1"))
    async with database.ledger() as ledger:
        await ledger.organisation.save(an_organisation(policy=Policy(timezone="UTC")))
    day = Stretch(over, over + DAY)
    line = Charge("l", "openai", over, over + DAY, Decimal(33), True, clues=Clues(key="sk-1"))
    async with database.ledger() as ledger:
        await record_bill(Bill("bill/openai", day, (line,)), ledger, desk, MONDAY)
    await tick(desk)

    preview = await tried(desk, "key", "sk-1", "search-ranking")
    assert "*$4.00, 1 record of the months that still run would move" in text_of(preview)
    await submits(desk, SAM, preview)
    await tick(desk)

    async with database.reading() as ledger:
        (stands,) = await ledger.reconciliations.between(over, over + DAY)
    assert stands.unattributed == 33
