"""`/budget reconcile`: a month, an account, a day; what no rule matches; what was corrected."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from bot.attribution import Clue, Clues, Rule, exactly
from bot.charges import DAY, Bill, Charge, Stretch
from bot.refusal import NotAllowed, Refusal, Unknown
from bot.usage import SentUsage, read_usage
from handlers.desk import Desk
from handlers.flows.reconcile_bills import reconcile_bills
from handlers.flows.record_bill import record_bill
from handlers.flows.record_usage import record_usage
from handlers.flows.show_gaps import show_gaps
from handlers.flows.show_status import show_status
from handlers.slack.calls import Pressed, Typed
from handlers.slack.reconciling import ACTIONS, typed
from playground.blockkit import problems
from tests.builders import FIN, OWEN, SAM, a_team, a_workflow, an_organisation
from tests.ruling import add_rule

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
NOW = MONDAY + timedelta(days=4, hours=9)
SEARCH, OTHER = Clues(key="key-search"), Clues(key="key-<!channel>", key_name="*ops*")


class _AtNow(Desk):
    def now(self):
        return NOW


@pytest.fixture
async def desk(database):
    async with database.ledger() as ledger:
        await ledger.organisation.save(an_organisation())
        await ledger.teams.save(a_team())
        await ledger.workflows.add(a_workflow(key="search"))
        await add_rule(ledger, Rule(Clue.KEY, "key-search", "search"), SAM, NOW)
    return _AtNow(database, (SAM,))


def a_charge(id: str, cost: str, day: int = 0, **named) -> Charge:
    start = MONDAY + day * DAY
    return Charge(id, "openai", start, start + DAY, Decimal(cost), **{"final": True, **named})


async def bill(desk, *charges, days: int = 4, now: datetime = NOW):
    async with desk.database.ledger() as ledger:
        stretch = Stretch(MONDAY, MONDAY + days * DAY)
        await record_bill(Bill("bill/openai", stretch, charges, now), ledger, desk, now)
    async with desk.database.ledger() as ledger:
        await reconcile_bills(ledger, await desk.organisation(ledger), now)


async def book(desk, cost: str):
    sent = SentUsage("1", MONDAY + timedelta(hours=9), "", provider="openai", cost=Decimal(cost))
    async with desk.database.ledger() as ledger:
        await record_usage([read_usage(sent, "gateway", NOW)], ledger, desk, NOW)


async def asked(desk, words: str = "", by: str = FIN) -> Any:
    return shown(await typed(Typed(by, "C0", words, ""), desk))


async def gaps(desk, by: str) -> Any:
    async with desk.database.reading() as ledger:
        return shown(await show_gaps(by, ledger, await desk.organisation(ledger), NOW))


async def pressed(desk, action: str, value: str) -> Any:
    return shown(await ACTIONS[action](Pressed(FIN, action, value, ""), desk))


def shown(card: Any) -> Any:
    assert not problems({"text": card.text, "blocks": list(card.blocks)})
    return card.text


async def test_a_month_says_what_is_billed_and_that_it_adds_up(desk):
    await book(desk, "8")
    await bill(desk, a_charge("1", "30", clues=SEARCH), a_charge("2", "10"))

    said = await asked(desk)

    assert "openai*: billed $40.00, told through 20 Nov 09:00 UTC" in said
    assert "workflows $30.00 + unattributed $8.00 + unmetered $2.00 = $40.00: as billed ✓" in said
    assert "saw $8.00, 80.0 % below the bill" in said
    assert "1 day settled, 0 provisional, 0 waiting" in said


@pytest.mark.parametrize("words", ["", "openai", "openai 2026-11-16"])
async def test_it_says_how_far_bills_and_realtime_sources_have_told(desk, words):
    await book(desk, "8")
    await bill(desk, a_charge("1", "30", clues=SEARCH))

    _, _, data = (await asked(desk, words)).rpartition("\n")

    assert data.startswith("Data through <!date^")
    assert data.endswith("(gateway). OpenAI billed through 20 Nov.")


async def test_what_was_seen_and_not_billed_is_a_discount(desk):
    await book(desk, "8")
    await bill(desk, a_charge("2", "6"))
    assert "discount −$2.00 = $6.00: as billed ✓" in await asked(desk)


async def test_a_day_that_may_change_is_provisional(desk):
    await book(desk, "8")
    await bill(desk, a_charge("1", "6", final=False))

    said = await asked(desk, "openai")

    assert "Realtime records stand for 1 day: $8.00, billed so far $6.00" in said
    assert "Mon 16 Nov · billed $6.00 · provisional: $8.00 seen stands ✓" in said


async def test_a_day_that_counts_and_may_change_is_provisional_and_not_settled(desk):
    await bill(desk, a_charge("1", "6", final=False), a_charge("2", "5", 1))

    said = await asked(desk)

    assert "billed $11.00" in said
    assert "1 day settled, 1 provisional, 0 waiting" in said


async def test_an_account_shows_its_days_and_what_no_rule_matches(desk):
    await bill(
        desk,
        a_charge("1", "30", clues=SEARCH),
        a_charge("2", "10", clues=OTHER, item="gpt-4o input"),
        a_charge("3", "12", 1, clues=OTHER, item="gpt-4o input"),
        a_charge("4", "-1", 1),
    )

    days = await asked(desk, "OpenAI nov".lower())
    lines = await pressed(desk, "reconcile.lines", "2026-11 0 openai")

    assert "Mon 16 Nov · billed $40.00" in days
    assert "Tue 17 Nov · billed $11.00" in days
    assert "No rule matches $21.00 of the bill of openai in November 2026" in lines
    assert "$22.00 · key “key-&lt;!channel&gt;”, “∗ops∗” · gpt-4o input" in lines
    assert lines.index("$22.00") < lines.index("−$1.00 · nothing else is told")


async def test_what_no_rule_matches_makes_a_rule_of_what_it_is_told_by(desk):
    await book(desk, "8")
    await bill(
        desk,
        a_charge("1", "30", clues=Clues(key="key-*", key_name="ops", project="p")),
        a_charge("2", "20", clues=Clues(project="proj-q")),
        a_charge("3", "10", item="nothing else"),
    )

    page = Pressed(FIN, "reconcile.lines", "2026-11 0 openai", "")
    card: Any = await ACTIONS["reconcile.lines"](page, desk)

    shown(card)
    offered = [one["accessory"] for one in card.blocks if "accessory" in one]
    assert [(one["action_id"], json.loads(one["value"])) for one in offered] == [
        ("rule.new", ["key", exactly("key-*"), ""]),
        ("rule.new", ["project", "proj-q", ""]),
    ]


async def test_gaps_tell_whoever_may_see_bills_of_lines_that_no_rule_matches(desk):
    line = a_charge("1", "30", clues=Clues(project="proj-q"))
    await bill(desk, line, a_charge("2", "5", clues=SEARCH))
    assert "that no rule matches" not in await gaps(desk, FIN)

    await book(desk, "8")
    await bill(desk, line, a_charge("2", "5", clues=SEARCH))

    assert "*Lines of bills that no rule matches* (1)\n• openai: $30.00, 1 line of bills this" in (
        await gaps(desk, FIN)
    )
    assert "that no rule matches" not in await gaps(desk, OWEN)


async def test_a_line_whose_tag_names_its_workflow_is_not_said_to_have_no_rule(desk):
    await bill(
        desk,
        a_charge("1", "72.5", tags=("workflow:search", "env:live")),
        a_charge("2", "3", tags=("workflow:nothing-like-it",)),
    )

    lines = await pressed(desk, "reconcile.lines", "2026-11 0 openai")

    assert "No rule matches $3.00" in lines
    assert "72.5" not in lines


async def test_what_a_line_calls_its_workflow_is_said_once(desk):
    tags = ("workflow:support", "stage:live", "cost-center:7")
    await bill(desk, a_charge("1", "22", tags=tags, item="gpt-4o input"))

    lines = await pressed(desk, "reconcile.lines", "2026-11 0 openai")

    assert "• $22.00 · declared name or tag “support”, “stage:live” · gpt-4o input" in lines


async def test_a_day_says_what_was_corrected(desk):
    await bill(desk, a_charge("1", "50", item="tokens"), a_charge("2", "7", item="images"))
    await bill(desk, a_charge("1", "45", item="tokens"), now=NOW + timedelta(hours=1))

    said = await asked(desk, "openai 2026-11-16")

    assert "tokens: $45.00 now, was $50.00 until Fri 20 Nov 11:00 CET" in said
    assert "images: gone, was $7.00 until" in said
    assert "• $45.00 · no rule matches · tokens" in said
    assert await asked(desk, "14 nov openai")


async def test_a_long_month_is_paged(desk):
    charges = [a_charge(str(n), "1", clues=Clues(key=f"{n:03}" * 20)) for n in range(120)]
    await bill(desk, *charges)
    day = await asked(desk, "openai 16 nov")
    later = await pressed(desk, "reconcile.day", "2026-11-16 100 openai")
    assert "Mon 16 Nov" in day
    assert day != later


async def test_wrong_words_are_answered(desk):
    await bill(desk, a_charge("1", "30"))
    with pytest.raises(Unknown, match=r"“anthropic”.*There are `openai`"):
        await asked(desk, "anthropic")
    with pytest.raises(Refusal, match=r"2026-13.*Write it like 2026-11"):
        await asked(desk, "2026-13")
    with pytest.raises(Refusal, match="Say whose bill"):
        await asked(desk, "2026-11-16")
    with pytest.raises(Refusal, match="older message"):
        await pressed(desk, "reconcile.days", "\0 x")
    with pytest.raises(Unknown):
        await asked(desk, "<!channel> " + "x" * 300)
    none = await asked(desk, "october")
    assert (
        "No bill tells of October 2026. `/budget reconcile 2026-09` shows the month before" in none
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("openai 31 nov", "“31 nov” is no day. Write it like 14 nov or 2026-11-14"),
        ("2026-11-31 openai", "“2026-11-31” is no day"),
        ("openai banana", "“banana” is no month and no day. Write it like 2026-11 or 14 nov"),
        ("banana split openai", "“banana split” is no month and no day"),
        ("banana split", "No bill is known of an account “banana split”. There are `openai`"),
        ("openai 14", "“14” is no date. Write the day with its month: 14 nov"),
        ("openai nov 14 15", "“15” is too much beside 14 Nov: one day is shown"),
        ("openai 25 dec", "25 Dec 2026 is ahead. Of an earlier year: 25 dec 2025"),
        ("29 feb openai", "29 Feb 2028 is ahead"),
    ],
)
async def test_words_that_are_no_day_that_was_are_answered(desk, words, said):
    await bill(desk, a_charge("1", "30"))
    with pytest.raises(Refusal, match=said):
        await asked(desk, words)


async def test_days_and_months_that_were_are_shown(desk):
    await bill(desk, a_charge("1", "30"))
    assert "25 Dec 2025" in await asked(desk, "openai 25 dec 2025")
    assert "16 Aug 2026" in await asked(desk, "openai 16 aug")
    assert "*October 2026*" in await asked(desk, "openai last month")
    assert "Bills of November 2026" in await asked(desk, "this month")


async def test_only_finance_and_admins_see_bills(desk):
    assert await asked(desk, by=SAM)
    with pytest.raises(NotAllowed):
        await asked(desk, by=OWEN)
    with pytest.raises(NotAllowed):
        await ACTIONS["reconcile.lines"](Pressed(OWEN, "x", "2026-11 0 openai", ""), desk)


async def test_status_tells_finance_and_admins_of_what_was_not_seen(desk):
    await book(desk, "8")
    await bill(desk, a_charge("2", "10"))

    async def status(user: str) -> Any:
        async with desk.database.reading() as ledger:
            organisation = await desk.organisation(ledger)
            return shown(
                await show_status(user, start=0, ledger=ledger, organisation=organisation, now=NOW)
            )

    for user in (FIN, SAM):
        assert "*Unmetered this month:* $2.00 more was billed than was seen" in await status(user)
    assert "Unmetered" not in await status(OWEN)


async def test_seats_of_a_month_come_day_by_day(desk):
    seats = Charge("seats", "openai", MONDAY, MONDAY + 10 * DAY, Decimal(100), final=True)
    await bill(desk, seats)
    assert "billed $50.00" in await asked(desk)
    assert "5 days settled, 0 provisional, 0 waiting, 5 still ahead" in await asked(desk)


async def test_days_that_the_bill_does_not_tell_of_do_not_wait(desk):
    lasting = Charge("seats", "openai", MONDAY, MONDAY + 3 * DAY, Decimal(9), final=True)
    await bill(desk, lasting, a_charge("2", "6", 3))
    async with desk.database.ledger() as ledger:
        days = [("openai", MONDAY + day * DAY) for day in range(-1, 5)]
        await ledger.reconciliations.mark([*days, ("anthropic", MONDAY)], NOW)

    assert ", 4 waiting" in await asked(desk)

    async with desk.database.ledger() as ledger:
        for day in range(4):
            await ledger.reconciliations.forget("openai", MONDAY + day * DAY)
        assert await ledger.reconciliations.waiting_between(MONDAY - DAY, NOW) == {"openai": 4}


async def test_a_day_that_no_bill_tells_of_any_more_is_forgotten(desk):
    await bill(desk, a_charge("1", "50"))
    await bill(desk)
    async with desk.database.reading() as ledger:
        assert await ledger.reconciliations.between(MONDAY - DAY, NOW) == ()
    assert "No bill tells of November 2026" in await asked(desk)


async def sql(desk, statement, **given):
    async with desk.database.ledger() as ledger:
        connection = await ledger.spend._session.connection()
        await connection.execute(text(statement), given)


async def test_what_is_shown_to_add_up_is_what_figures_hold_and_not_what_was_noted(desk):
    await book(desk, "8")
    await bill(desk, a_charge("1", "30", clues=SEARCH), a_charge("2", "10"), a_charge("3", "5", 1))
    assert "as billed ✓" in await asked(desk)

    await sql(
        desk, "UPDATE usage SET cost = cost + 2 WHERE rule = 'assigned' AND workflow = 'search'"
    )

    month, day = await asked(desk), await asked(desk, "openai 2026-11-16")
    assert "= $45.00, but $45.00 is billed ✗ – it does not add up: $0.000000002 on 16 Nov" in month
    assert "✗ does not add up: $0.000000002 off" in day
    assert "Tue 17 Nov · billed $5.00" in await asked(desk, "openai nov")
    assert "✓" in (await asked(desk, "openai nov")).partition("Tue 17 Nov")[2]


async def test_hours_that_lost_something_and_lines_that_nobody_booked_are_shown(desk):
    await book(desk, "8")
    await bill(desk, a_charge("1", "30", clues=SEARCH), a_charge("2", "10"))

    await sql(desk, "UPDATE usage_hours SET cost = 0 WHERE account = 'openai'")
    assert "✗ – it does not add up: −$8.00 on 16 Nov" in await asked(desk)

    await sql(desk, "DELETE FROM reconciled_days")
    await sql(desk, "DELETE FROM charges WHERE id = '2'")
    assert "but $30.00 is billed ✗ – it does not add up: $2.00 on 16 Nov" in await asked(
        desk, "openai"
    )


async def test_what_has_changed_since_is_said_to_be_settled_again(desk):
    await bill(desk, a_charge("1", "30", clues=SEARCH), a_charge("2", "10"))
    await book(desk, "8")

    month = await asked(desk)
    assert "$48.00, $40.00 is billed – to be settled again: $8.00 on 16 Nov" in month
    assert "($8.00 off until it is settled again)" in await asked(desk, "openai nov")
    assert "✗" not in month

    async with desk.database.ledger() as ledger:
        await reconcile_bills(ledger, await desk.organisation(ledger), NOW)
    assert "= $40.00: as billed ✓" in await asked(desk)
