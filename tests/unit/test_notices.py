"""Where a notice goes, and what admins are told when it cannot."""

from dataclasses import replace
from datetime import timedelta

import pytest
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.cards import notices as cards
from bot.notices import (
    Act,
    Card,
    Claim,
    Notice,
    Place,
    Sending,
    Target,
    is_overdue,
    thread_of,
    waits_for_target,
)
from handlers.slack.delivery.answers import NoAnswer, RateLimited, Refused, understood
from playground.blockkit import problems
from tests.builders import MONDAY

PARENT = Place("C0SEARCH", "1.000100")


def a_claim(target=None, **named):
    notice = Notice("reply", "C0SEARCH", Card("Hello"), target="parent")
    return Claim(
        seq=1,
        lease="l-1",
        notice=replace(notice, **named),
        target=target,
        created_at=MONDAY,
        attempts=1,
        in_doubt=False,
        held_since=None,
        told_admin=False,
    )


@pytest.mark.parametrize(
    ("target", "waits", "thread"),
    [
        pytest.param(None, False, None, id="no parent"),
        pytest.param(Target("C0SEARCH", Sending.WAITING), True, None, id="parent not sent yet"),
        pytest.param(Target("C0SEARCH", Sending.LEASED), True, None, id="parent being sent"),
        pytest.param(Target("C0SEARCH", Sending.SENT, PARENT), False, PARENT, id="parent sent"),
        pytest.param(Target("C0SEARCH", Sending.SET_ASIDE), False, None, id="parent set aside"),
        pytest.param(Target("C0OPS", Sending.WAITING), False, None, id="parent elsewhere"),
        pytest.param(
            Target("C0OPS", Sending.SENT, Place("C0OPS", "1.000100")), False, None, id="sent there"
        ),
    ],
)
def test_a_reply_waits_for_a_parent_that_can_still_come(target, waits, thread):
    claim = a_claim(target)

    assert waits_for_target(claim) is waits
    assert thread_of(claim) == thread


def test_a_reply_in_a_dm_stands_in_the_channel_of_the_dm():
    place = Place("D0OWEN", "1.000100")
    claim = a_claim(Target("U0OWEN", Sending.SENT, place), channel="U0OWEN")

    assert thread_of(claim) == place


def test_a_rewrite_waits_for_its_message():
    claim = a_claim(Target("C0SEARCH", Sending.WAITING), act=Act.UPDATE)

    assert waits_for_target(claim)


def test_an_admin_is_told_after_an_hour_and_once():
    since = MONDAY - timedelta(hours=1)

    assert is_overdue(replace(a_claim(), held_since=since), MONDAY)
    assert not is_overdue(replace(a_claim(), held_since=since), MONDAY - timedelta(seconds=1))
    assert not is_overdue(replace(a_claim(), held_since=since, told_admin=True), MONDAY)
    assert not is_overdue(a_claim(), MONDAY)


@pytest.mark.parametrize(
    "card",
    [cards.held, lambda channel, reason: cards.set_aside(channel, reason, "alert:1", "search")],
    ids=["held", "set aside"],
)
@pytest.mark.parametrize("reason", ["is_archived", "", "<!channel>", "x" * 5_000])
def test_what_admins_are_told_mentions_nobody_and_fits(card, reason):
    told = card("C0SEARCH", reason)

    assert problems({"blocks": list(told.blocks)}, "message") == []
    assert "<!channel>" not in told.text
    assert "<#C0SEARCH>" in told.text


def answered(status, data, **headers):
    return AsyncSlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data=data, headers=headers,
        status_code=status,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "data", "kind", "reason"),
    [
        (200, {"ok": False, "error": "is_archived"}, Refused, "is_archived"),
        (200, {"ok": False, "error": "internal_error"}, NoAnswer, "internal_error"),
        (200, {"ok": False, "error": "ratelimited"}, RateLimited, "rate limited"),
        (200, {"ok": False}, NoAnswer, "Slack answered 200"),
        (200, {}, NoAnswer, "Slack answered 200"),
        (403, {}, NoAnswer, "Slack answered 403"),
        (404, {"ok": False, "error": "not_found"}, NoAnswer, "Slack answered 404"),
        (500, {"ok": False, "error": "is_archived"}, NoAnswer, "Slack answered 500"),
        (503, "", NoAnswer, "Slack answered 503"),
        (429, {"ok": False, "error": "ratelimited"}, RateLimited, "rate limited"),
    ],
)
def test_only_a_clear_no_is_a_no(status, data, kind, reason):
    trouble = understood(answered(status, data))

    assert type(trouble) is kind
    assert trouble.reason == reason


@pytest.mark.parametrize(
    ("header", "seconds"), [("30", 30), ("1.5", 1.5), ("-3", 0), ("soon", 5), ("999999", 3600)]
)
def test_slack_says_when_to_come_again(header, seconds):
    trouble = understood(answered(429, {}, **{"Retry-After": header}))

    assert isinstance(trouble, RateLimited)
    assert trouble.seconds == seconds
