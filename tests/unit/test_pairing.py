"""Who gives to whom: whatever is gained and lost, nothing comes or goes on the way."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.pairing import Amounts, netted, paired

KEYS = st.sampled_from(("", "~unmetered", "search", "triage", "agents"))
NANOS = st.integers(-(10**12), 10**12)
AMOUNTS = st.builds(Amounts, NANOS, NANOS, NANOS, NANOS, st.integers(0, 99), st.integers(0, 99))
WAYS = st.dictionaries(st.tuples(KEYS, KEYS).filter(lambda way: way[0] != way[1]), AMOUNTS)


@st.composite
def gains(draw):
    """By key, and nothing in all."""
    gained = draw(st.dictionaries(KEYS, NANOS))
    gained["rest"] = -sum(gained.values())
    return gained


@given(gains())
def test_what_each_gives_and_takes_adds_up_to_what_it_gains(gained):
    pairs = paired(gained)

    came = Counter[str]()
    for of, to, nanos in pairs:
        came[of] -= nanos
        came[to] += nanos
    assert {key: came[key] for key in gained} == gained
    assert all(nanos > 0 for *_, nanos in pairs)
    assert len(pairs) < len(gained)


def test_whoever_loses_most_gives_to_whoever_gains_most():
    gained = {"search": -7, "": -2, "triage": 6, "agents": 3}

    assert paired(gained) == [
        ("search", "triage", 6),
        ("search", "agents", 1),
        ("", "agents", 2),
    ]


def balances(ways):
    """By key: what it has more of each kind of nano-dollars."""
    found = Counter[tuple[str, str]]()
    for (of, to), amounts in ways.items():
        for name in ("nanos", "week", "day", "closed"):
            found[of, name] -= getattr(amounts, name)
            found[to, name] += getattr(amounts, name)
    return {key: nanos for key, nanos in found.items() if nanos}


def carried(ways):
    found = Counter[tuple[frozenset[str], str]]()
    for way, amounts in ways.items():
        found[frozenset(way), "records"] += amounts.records
        found[frozenset(way), "lines"] += amounts.lines
    return found


@given(WAYS)
def test_less_what_comes_back_each_has_as_much(ways):
    found = netted(ways)

    assert balances(found) == balances(ways)
    assert carried(found) == carried(ways)


@given(WAYS)
def test_between_two_it_goes_one_way(ways):
    found = netted(ways)

    assert all((to, of) not in found for of, to in found)
    assert all(amounts.nanos >= 0 for amounts in found.values())
