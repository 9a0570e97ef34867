"""What is believed of one record is remembered for those that are alike, and for no other."""

from decimal import Decimal

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from bot.attribution import Attribution, Clue, Clues, Rule
from bot.prices import PriceList
from bot.sources import Kind, Reported, SourceSetting
from bot.usage import SentUsage, read_usage
from storage.beliefs import believed
from tests.builders import MONDAY, a_workflow, an_organisation

KEYS = ("search-ranking", "support-chat")
TEXTS = st.sampled_from(["", "a", "b", *KEYS])
SETTINGS = (SourceSetting("desk", account="anthropic"),)
# A gateway in front of the vendor silences what the callers' own telemetry says.
REPORTED = frozenset(
    {
        Reported("desk", "openai", Kind.GATEWAY),
        Reported("laptop", "anthropic", Kind.TELEMETRY),
        Reported("laptop", "openai", Kind.TELEMETRY),
    }
)
RULES = st.lists(
    st.builds(
        Rule,
        st.sampled_from([clue for clue in Clue if clue is not Clue.TEAM]),
        st.sampled_from(["a", "b", "?", "support-*", "desk"]),
        st.sampled_from(KEYS),
    ),
    unique_by=lambda rule: rule.id,
    max_size=5,
)
PLAIN = read_usage(SentUsage(id="r-1", at=MONDAY, cost=Decimal(1)), "desk", MONDAY)
SAID = {
    "clues": st.builds(Clues, key=TEXTS, key_workflow=TEXTS, project=TEXTS, service=TEXTS),
    "workflow": TEXTS,
    "source": st.sampled_from(["desk", "laptop"]),
    "user": TEXTS,
    "account": st.sampled_from(["openai", "anthropic"]),
    "tags": st.lists(TEXTS, max_size=2).map(tuple),
    "assigned": st.booleans(),
}
# Each says one thing that most of the others do not.
USAGES = st.lists(
    st.one_of(*(st.tuples(st.just(name), values) for name, values in SAID.items())).map(
        lambda said: saying(**{said[0]: said[1]})
    ),
    max_size=12,
)


def saying(**said):
    return msgspec.structs.replace(PLAIN, **said)


def beliefs(rules, usages, *, settings=SETTINGS):
    found = believed(1, Attribution(rules), PriceList(), settings, REPORTED)
    workflows = {key: a_workflow(key=key, name=key) for key in KEYS}
    found.rulers.learn(found.names(usages), workflows, an_organisation())
    return found


def told(belief):
    return belief.ruler.key, belief.declared, belief.rule, belief.clues, belief.group


@given(rules=RULES, usages=USAGES)
@example(
    rules=[Rule(Clue.PERSON, "a", KEYS[0]), Rule(Clue.DECLARED, "b", KEYS[1])],
    usages=[PLAIN, saying(user="a"), saying(tags=("b",)), saying(user="a", tags=("b",))],
)
def test_what_is_remembered_is_what_would_be_looked_up(rules, usages):
    remembering = beliefs(rules, usages)

    for usage in usages:
        assert told(remembering.of(usage)) == told(beliefs(rules, [usage]).of(usage))


def test_a_tag_of_one_call_alone_makes_no_record_unlike_the_others():
    plain = read_usage(SentUsage(id="r-1", at=MONDAY, tags=("call-1", "live")), "desk", MONDAY)
    other = msgspec.structs.replace(plain, tags=("live", "call-2"), user="U0OWEN")
    found = beliefs([Rule(Clue.DECLARED, "live", "support-chat")], [plain, other])

    assert found.of(plain) is found.of(other)
    assert found.of(plain).ruler.key == "support-chat"
