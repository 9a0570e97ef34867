from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.amending import amended
from bot.approval import check_current, lessened
from bot.policy import Policy
from bot.questions import read_question, with_question, with_reply
from bot.refusal import Refusal
from bot.request_clocks import begun, clocks_of, first_clocks, reminded
from bot.requests import Approval, Less, Question, Step, Until
from tests.builders import ANA, FIN, MONDAY, a_draft, a_request, a_standing

POLICY = Policy()
HOUR = timedelta(hours=1)


def asked(**named):
    return begun(a_request(**named), POLICY, MONDAY)


def test_the_clocks_of_a_step_count_from_its_beginning():
    request = asked()

    assert request.reminds_at == MONDAY + 8 * HOUR
    assert request.escalates_at == MONDAY + 36 * HOUR
    assert clocks_of(request, POLICY) == first_clocks(POLICY, MONDAY)


def test_a_step_that_moves_on_restarts_reminders_and_escalation_but_not_the_expiry():
    escalated = replace(asked(), escalated_at=MONDAY + 36 * HOUR)

    moved = begun(escalated, POLICY, MONDAY + 40 * HOUR)

    assert moved.reminds_at == MONDAY + 48 * HOUR
    assert moved.escalated_at is None
    assert moved.escalates_at is None  # it would come after the expiry
    assert moved.expires_at == MONDAY + 72 * HOUR


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(8, 24, id="the first"),
        pytest.param(30, 48, id="two were missed, and are not caught up"),
        pytest.param(48, None, id="the last"),
    ],
)
def test_reminders_come_at_growing_distances(after, expected):
    following = reminded(asked(), POLICY, MONDAY + after * HOUR).reminds_at

    assert following == (None if expected is None else MONDAY + expected * HOUR)


def test_nothing_is_promised_for_after_the_expiry():
    short = Policy(request_expires_hours=20)

    clocks = first_clocks(short, MONDAY)

    assert (clocks.reminders, clocks.escalates_at) == ((8,), None)


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)),  # noqa: DTZ001
    ticks=st.lists(st.integers(0, 30), max_size=12),
)
def test_each_reminder_is_due_once_and_before_the_expiry(start, ticks):
    now = start.replace(tzinfo=UTC)
    request = begun(a_request(asked_at=now, expires_at=now + 72 * HOUR), POLICY, now)
    due = []
    for hours in ticks:
        now += hours * HOUR
        if request.reminds_at and request.reminds_at <= now:
            due.append(request.reminds_at)
            request = reminded(request, POLICY, now)

    assert len(due) == len(set(due)) <= 3
    assert all(moment < request.expires_at for moment in due)


def test_amended_everything_begins_again():
    later = MONDAY + 10 * HOUR
    before = replace(
        asked(amount=Decimal(600)),
        approvals=(Approval(Step.APPROVER, ANA, None, MONDAY),),
        granted=Decimal(550),
        escalated_at=MONDAY,
    )

    after = amended(before, a_draft(amount=Decimal(700)), POLICY, later)

    assert (after.amount, after.granted, after.approvals) == (Decimal(700), None, ())
    assert (after.edition, after.amended_at) == (before.edition + 1, later)
    assert (after.expires_at, after.escalated_at) == (later + 72 * HOUR, None)
    assert after.owner == before.owner


def test_an_amendment_that_changes_nothing_is_refused():
    with pytest.raises(Refusal, match="Nothing differs"):
        amended(asked(), a_draft(), POLICY, MONDAY)


def less(amount, until=Until.PERIOD, days=None, **request):
    return lessened(a_request(**request), Less(Decimal(amount), until, days), a_standing(), MONDAY)


def test_less_is_what_every_later_step_sees():
    smaller = less("60")

    assert (smaller.more, smaller.amount, smaller.edition) == (Decimal(60), Decimal(100), 2)


def test_a_shorter_time_is_less_too():
    smaller = less("100", Until.DAYS, 2)

    assert (smaller.until, smaller.days, smaller.more) == (Until.DAYS, 2, Decimal(100))


@pytest.mark.parametrize(
    ("amount", "until"), [("100", Until.PERIOD), ("100", Until.WEEK), ("100.01", Until.PERIOD)]
)
def test_all_of_it_for_as_long_is_no_less(amount, until):
    with pytest.raises(Refusal, match=r"That is not less than \$100.00; use Approve.") as refused:
        less(amount, until)

    assert refused.value.field == "amount"


@pytest.mark.parametrize(
    ("amount", "until", "days", "field"),
    [
        ("0", Until.PERIOD, None, "amount"),
        ("-1", Until.PERIOD, None, "amount"),
        ("0.001", Until.PERIOD, None, "amount"),
        ("100.01", Until.PERIOD, None, "amount"),
        ("60", Until.MONTH, None, "until"),
        ("60", Until.DAYS, 7, "until"),
        ("60", Until.PERMANENT, None, "until"),
    ],
)
def test_more_or_longer_than_was_asked_is_refused_beside_its_field(amount, until, days, field):
    with pytest.raises(Refusal) as refused:
        less(amount, until, days)

    assert refused.value.field == field


def test_of_what_was_lessened_before_no_step_gives_more():
    with pytest.raises(Refusal, match=r"not less than \$60.00"):
        less("61", granted=Decimal(60))


def test_what_is_for_good_may_be_granted_for_a_time():
    for_good = a_request(until=Until.PERMANENT)

    smaller = lessened(for_good, Less(Decimal(100), Until.WEEK), a_standing(), MONDAY)

    assert not smaller.permanent


def test_an_answer_to_what_is_no_longer_asked_is_refused():
    check_current(a_request(edition=2), None)
    check_current(a_request(edition=2), 2)
    with pytest.raises(Refusal, match=r"it is for \$100.00 now"):
        check_current(a_request(edition=2), 1)


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "x" * 701])
def test_a_question_has_to_be_readable(text):
    with pytest.raises(Refusal) as refused:
        read_question(text)

    assert refused.value.field == "question"


def a_question(by=ANA, **named):
    return replace(Question("Why now?", by, MONDAY), **named)


def replied(request, text):
    found = with_reply(request, text, MONDAY)
    assert found is not None
    return [one.answer for one in found.questions]


def test_a_reply_belongs_to_the_first_question_without_one():
    request = a_request(questions=(a_question(answer="So."), a_question(FIN), a_question()))

    assert replied(request, " Because \n of it. ") == ["So.", "Because of it.", ""]


def test_what_is_added_later_belongs_to_the_last_one():
    request = a_request(questions=(a_question(answer="So."),))

    assert replied(request, "And so.") == ["So. And so."]


@pytest.mark.parametrize("text", ["", "\u200b"])
def test_an_empty_reply_is_none(text):
    assert with_reply(a_request(questions=(a_question(),)), text, MONDAY) is None
    assert with_reply(a_request(), "Hello.", MONDAY) is None


def test_twenty_questions_are_enough():
    request = a_request(questions=(a_question(),) * 20)

    with pytest.raises(Refusal, match="answer the request now"):
        with_question(request, a_question())
