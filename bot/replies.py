"""Reading what people type in a review's thread: a small closed vocabulary, and patience.

A line is an answer, an answer that lacks its period, one that is not understood, or chatter.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from html import unescape

from bot.days import names_no_day, read_day
from bot.money import read_usd
from bot.names import tidy
from bot.periods import CapKind
from bot.refusal import Refusal
from bot.review_decisions import Cap, Choice, Decision, Keep, Reroute, Retire
from bot.workflows import Tier

_LINES = 30
_LONGEST = 300


@dataclass(frozen=True)
class Reply:
    """`workflow` is the key that was named, None where none was."""

    decision: Decision
    workflow: str | None = None


@dataclass(frozen=True)
class WhichPeriod:
    """`cap 400`: a week or a month?"""

    amount: Decimal
    workflow: str | None = None


@dataclass(frozen=True)
class Unclear:
    """Meant as an answer and not understood. `why` is plain text that may quote the person."""

    why: str


@dataclass(frozen=True)
class Assent:
    """`yes`: to something, and it is not said to what."""


@dataclass(frozen=True)
class Chatter:
    """Not for the bot."""


Read = Reply | WhichPeriod | Unclear | Assent | Chatter
Understood = Decision | Decimal | None


def read_replies(text: str, called: Mapping[str, str], today: date) -> tuple[Read, ...]:
    """Each line by itself; `called` is what people call the thread's workflows: see `calls`."""
    lines = [line for line in text.splitlines() if line.strip()]
    return tuple(read_reply(line, called, today) for line in lines[:_LINES])


def calls(names: Mapping[str, str]) -> dict[str, str]:
    """The key by every way to call a workflow: key and name in small letters. A name that two
    workflows share calls neither.
    """
    plain = {key: _plain(name) for key, name in names.items()}
    shared = list(plain.values())
    by_name = {name: key for key, name in plain.items() if name and shared.count(name) == 1}
    return by_name | {key: key for key in names}


def sounds_meant(text: str) -> bool:
    """Some word is like a verb, or some line a yes: only then is it worth asking whose thread it
    is.
    """
    if any(_plain(line) in _ASSENTS for line in text.splitlines()[:_LINES]):
        return True
    return any(_verb(word) for word in re.findall(r"[a-z-]{2,12}", _plain(text.replace("\n", " "))))


def read_reply(line: str, called: Mapping[str, str], today: date) -> Read:
    text = _plain(line)
    if not text or len(line) > _LONGEST:
        return Chatter()
    if text in _ASSENTS:
        return Assent()
    if _keeps_with_more(text, called):
        return Unclear(_WITH_MORE)
    if text.endswith("?"):
        return Chatter()
    found = next(_readings(text, called, today), None)
    return found or _guess(text, called, today)


_ASSENTS = {"yes", "yes please", "yep", "yeah", "agreed", "i agree", "do it", "go ahead"}
_WITH_MORE = "Is that a “keep”? Then reply only that, and say the rest in a message of its own."


def _keeps_with_more(text: str, called: Mapping[str, str]) -> bool:
    """`keep, but why so much?`: what follows may be a note, or take it back."""
    return any(
        re.match(r"keep(?: (?:it|this))?(?:\s*[,;–—]| but\b| because\b)", rest) is not None
        and not any(_readings(rest, called, date.min))
        for rest in (text, *(rest for _, rest in _naming(text, called)))
    )


def _plain(line: str) -> str:
    """Small letters; without mentions, marks of formatting, bullets, emoji, closing dots."""
    text = unicodedata.normalize("NFKC", unescape(line)).lower()
    text = re.sub(r"<[@#!][^>]*>|(?<!\S):[a-z0-9_+'-]+:(?!\S)", " ", text)
    text = "".join(" " if unicodedata.category(c) == "So" else c for c in text)
    text = tidy(re.sub(r"[*`~“”\"]", "", text))
    text = re.sub(r"^(?:[-•–—>]+|\d+[.)])\s+", "", text)
    return text.strip(" .,;:!…_")


def _readings(text: str, called: Mapping[str, str], today: date) -> Iterator[Reply | WhichPeriod]:
    """Without a workflow, then with each one that the line names, the longest name first."""
    for key, rest in ((None, text), *_naming(text, called)):
        said = _said(rest, today)
        if isinstance(said, Decimal):
            yield WhichPeriod(said, key)
        elif said is not None:
            yield Reply(said, key)


def _naming(text: str, called: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in sorted(called, key=len, reverse=True):
        whole = rf"(?<![\w.-])(?:(?:for|on)\s+)?{re.escape(name)}(?![\w-])\s*(?:[:,–—-](?!\d))?"
        rest, found = re.subn(whole, " ", text, count=1)
        if found:
            yield called[name], " ".join(rest.split()).strip(" .,;:!")


def _said(text: str, today: date) -> Understood:
    polite = re.sub(r"^(?:please|ok|okay|yes)[,\s]+", "", text)
    verb, _, rest = polite.partition(" ")
    choice = _VERBS.get(verb.strip(":,"))
    if choice is None:
        return None
    return _READERS[choice](_without_tail(rest.strip()), today)


def _without_tail(rest: str) -> str:
    return re.sub(r"(?:[\s,]+|^)(?:(?:please|thanks|thank you|for now)[\s,!]*)+$", "", rest)


def _keep(rest: str, _today: date) -> Understood:
    return Keep() if set(rest.split()) <= _FILLERS else None


_FILLERS = {"it", "this", "one", "as", "is", "going", "running", "the", "same"}

_AMOUNT = (
    r"(?P<amount>(?:us\$|\$|usd)?\s*-?(?:\d|\.\d)[\d,.' ]*(?:\s?(?:usd|\$|(?:us )?dollars?))?)"
)
_EACH = (
    r"(?:(?:/|per|a|each|every|in)\s*)?"
    r"(?P<period>daily|day|weekly|week|wk|monthly|month|mo|total)"
)
_TO = r"(?:(?:it|this|at|to|of)\s+)*"
_CAPS = tuple(
    map(re.compile, (rf"{_TO}{_AMOUNT}(?:\s*{_EACH})?", rf"{_TO}{_EACH}\s+{_TO}{_AMOUNT}"))
)
_PERIODS = {"d": CapKind.DAILY, "w": CapKind.WEEKLY, "m": CapKind.MONTHLY, "t": CapKind.TOTAL}


def _cap(rest: str, _today: date) -> Understood:
    """Raises nothing: an amount that is none is not understood."""
    found = next((match for one in _CAPS if (match := one.fullmatch(rest))), None)
    if found is None:
        return None
    try:
        amount = read_usd(found["amount"])
    except Refusal:
        return None
    period = found["period"]
    return amount if period is None else Cap(_PERIODS[period[0]], amount)


def _reroute(rest: str, _today: date) -> Understood:
    tiers = "|".join(Tier)
    found = re.fullmatch(rf"(?:(?:it|this|to|the)\s+)*({tiers})(?:\s+(?:tier|model))?", rest)
    return Reroute(Tier(found[1])) if found else None


_DAY_WORDS = re.compile(r"^(?:(?:it|this|on|by|after|at|until)\s+)+")


def _retire(rest: str, today: date) -> Understood:
    day = read_day(_DAY_WORDS.sub("", rest), today)
    return Retire(day) if day else None


_VERBS = {
    "keep": Choice.KEEP,
    "cap": Choice.CAP,
    "reroute": Choice.REROUTE,
    "re-route": Choice.REROUTE,
    "retire": Choice.RETIRE,
}
_READERS: dict[Choice, Callable[[str, date], Understood]] = {
    Choice.KEEP: _keep,
    Choice.CAP: _cap,
    Choice.REROUTE: _reroute,
    Choice.RETIRE: _retire,
}

_WHY = {
    Choice.KEEP: "I know no such workflow in this review.",
    Choice.CAP: "A cap is an amount in US dollars and a period.",
    Choice.REROUTE: "The tiers are cheap, standard and premium.",
    Choice.RETIRE: "Say until which day it stays, like “retire 30 Nov”.",
}
# After these a verb is a word of a sentence: “cap is fine”.
_TALK = {"is", "was", "looks", "seems", "should", "would", "could", "can", "might", "and", "or"}
_A_FEW = 3
_SHORT = 8
_LIKE, _VERY_LIKE = 0.6, 0.75


def _guess(text: str, called: Mapping[str, str], today: date) -> Read:
    """Whether it was meant as an answer."""
    for rest in (text, *(rest for _, rest in _naming(text, called)), text.partition(": ")[2]):
        first, _, more = rest.partition(" ")
        choice = _verb(first)
        if choice is not None and _is_meant((first, choice), more, called, today):
            return Unclear(_why(first, choice, more))
    return Chatter()


def _verb(word: str) -> Choice | None:
    """The verb that a word is, or is like; a wrong first letter is another word."""
    bare = word.strip(":,.")
    likely = max(_VERBS, key=lambda verb: _likeness(bare, verb))
    same = likely[0] == bare[:1] and _likeness(bare, likely) >= _LIKE
    return _VERBS[likely] if same else None


def _likeness(word: str, other: str) -> float:
    return SequenceMatcher(None, word, other, autojunk=False).ratio()


def _is_meant(said: tuple[str, Choice], more: str, called: Mapping[str, str], today: date) -> bool:
    first, choice = said
    words = more.split()
    if first.strip(":,.") not in _VERBS:
        alone = not words and _likeness(first, choice) >= _VERY_LIKE
        fits = bool(words) and any(_readings(f"{choice} {more}", called, today))
        return alone or fits
    if choice is Choice.KEEP:
        return len(words) == 1 or any(_is_like_a_key(word, called) for word in words)
    few = len(words) < _A_FEW and not _TALK & set(words[:1])
    return few or (any(map(str.isdigit, more)) and len(words) < _SHORT)


def _is_like_a_key(word: str, called: Mapping[str, str]) -> bool:
    return any(_likeness(word, name) >= _VERY_LIKE for name in called)


def _why(first: str, choice: Choice, more: str) -> str:
    if first.strip(":,.") not in _VERBS:
        return f"Did you mean “{choice} {more}”?".replace(" ”", "”")
    if choice is Choice.CAP and re.search(r"[€£¥]|\b(?:eur|gbp|chf|euros?|pounds?)\b", more):
        return "Caps are in US dollars."
    if choice is Choice.CAP and re.match(rf"{_TO}(?:us\$|\$|usd)?\s*[-−]\s*[\d.$]", more):
        return "A cap must be more than zero."
    day = _DAY_WORDS.sub("", more)
    if choice is Choice.RETIRE and names_no_day(day):
        return f"“{day}” is no day of the calendar."
    return _WHY[choice]
