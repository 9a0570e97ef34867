"""Reading `reassign @mia` as people type it in a review's thread."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape

from bot.names import tidy

_LINES = 30
_LONGEST = 600
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_VERB = re.compile(
    r"^(?:please\s+|ok,?\s+)?(?:(?P<first>.{1,320}?)\s*[:,–—]?\s+)?re-?assign\b(.*)$", re.IGNORECASE
)
_REASON = re.compile(r"(?:^|\s)(?:because|since|as|–|—|:)\s+(.*)$", re.IGNORECASE)
_FILLERS = {"to", "it", "this", "please", "for", "on", "thanks"}


@dataclass(frozen=True)
class Wanted:
    """`workflow` is the key that was named, None where none was."""

    to: str
    workflow: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Unread:
    """Meant, and not understood: why, in plain words."""

    why: str


def mentioned(text: str) -> tuple[str, ...]:
    """Whom a message that speaks of reassigning names, a few at most."""
    return tuple(dict.fromkeys(_MENTION.findall(text)))[:5] if sounds_meant(text) else ()


def sounds_meant(text: str) -> bool:
    return re.search(r"\bre-?assign\b", text, re.IGNORECASE) is not None


def read_reassigns(text: str, called: Mapping[str, str]) -> tuple[Wanted | Unread, ...]:
    """Each line by itself; `called` is what people call the thread's workflows."""
    lines = [line for line in text.splitlines() if line.strip()][:_LINES]
    return tuple(found for line in lines for found in _read(line, called))


def _read(line: str, called: Mapping[str, str]) -> Iterator[Wanted | Unread]:
    whom = _MENTION.findall(line)
    plain = _plain(_MENTION.sub(" ", line))
    written = _VERB.match(plain)
    if written is None or len(line) > _LONGEST or line.rstrip().endswith("?"):
        return
    before, rest = written["first"] or "", written[2]
    if before and _key(before, called) is None:
        # A sentence that has the word in it.
        return
    if len(dict.fromkeys(whom)) != 1:
        yield Unread("Name one person to take it over, like `reassign @mia`.")
        return
    yield _wanted(whom[0], before, rest, called)


def _wanted(to: str, before: str, rest: str, called: Mapping[str, str]) -> Wanted | Unread:
    reason = _REASON.search(rest)
    note = tidy(reason[1]) if reason else ""
    named = rest[: reason.start()] if reason else rest
    words = " ".join(word for word in named.split() if word.lower().strip(",.;!") not in _FILLERS)
    about = words.strip(" ,.;:!") or before
    if not about:
        return Wanted(to, None, note)
    key = _key(about, called)
    return (
        Unread("I know no such workflow in this review.") if key is None else Wanted(to, key, note)
    )


def _key(text: str, called: Mapping[str, str]) -> str | None:
    return called.get(" ".join(text.lower().strip(" ,.;:!").split()))


def _plain(line: str) -> str:
    """Without marks of formatting and bullets."""
    text = tidy(unicodedata.normalize("NFKC", unescape(line)))
    return re.sub(r"^(?:[-•–—>]+|\d+[.)])\s+", "", re.sub(r"[*`~“”\"]", "", text)).strip()
