from datetime import UTC, datetime, timedelta

from bot.delegations import Acting, Delegation, acting

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)


def a_delegation(by: str, to: str, **moments: datetime) -> Delegation:
    stretch = {"start": NOW, "end": NOW + timedelta(days=3)} | moments
    return Delegation("d-1", by, to, reason="holiday", **stretch)


def test_who_stands_in_is_added_and_nobody_is_replaced():
    found = acting(("U0ANA",), [a_delegation("U0ANA", "U0MIA")], NOW)

    assert found == (Acting("U0ANA"), Acting("U0MIA", "U0ANA"))


def test_it_ends_by_itself_at_its_very_end():
    over = a_delegation("U0ANA", "U0MIA", end=NOW, start=NOW - timedelta(days=1))

    assert acting(("U0ANA",), [over], NOW) == (Acting("U0ANA"),)


def test_who_stands_in_passes_it_on_to_nobody():
    chain = [a_delegation("U0ANA", "U0MIA"), a_delegation("U0MIA", "U0RAJ")]

    assert [one.person for one in acting(("U0ANA",), chain, NOW)] == ["U0ANA", "U0MIA"]


def test_somebody_in_the_group_acts_for_themselves():
    found = acting(("U0ANA", "U0MIA"), [a_delegation("U0ANA", "U0MIA")], NOW)

    assert found == (Acting("U0ANA"), Acting("U0MIA"))
