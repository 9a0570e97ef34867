"""From the bytes of a request to checked records, each refused on its own."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import msgspec

from bot.usage import Answer, NotUsage, Outcome, SentUsage, Usage, read_usage
from handlers.http.half_pairs import mended

MOST_RECORDS = 10_000

_typed = msgspec.json.Decoder(list[SentUsage])
_apart = msgspec.json.Decoder(list[msgspec.Raw])
_one = msgspec.json.Decoder(SentUsage)
_whole = msgspec.json.Decoder(msgspec.Raw)

_WHERE = re.compile(r" - at `\$\.(\w+)")
_NAMED = re.compile(r"field `(.*)`", re.DOTALL)

PLAIN = r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?"
_plain = re.compile(PLAIN)
# A cost may be text, but Decimal takes more than amounts: 1_000, spaces, digits of any script.
# Possessive, since every record with a cost is looked at.
_ODD = re.compile(rb'"cost"\s*+:\s*+"(?!-?+[0-9]++(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+")')
# The letters of "cost", escaped.
_DISGUISED = re.compile(rb"\\u00[67]")

_WANTED = {
    "at": "a time with its zone, like 2026-11-23T09:00:00Z",
    "cost": "an amount of USD: a number, or a text like 1250.5",
    "cost_basis": "billed, provider_estimate or client_estimate",
    "tags": "a list of texts, or an object of texts",
}


class _Named(msgspec.Struct):
    id: str | None = None


class _Costing(msgspec.Struct):
    cost: msgspec.Raw = msgspec.Raw()


_named = msgspec.json.Decoder(_Named)
_costing = msgspec.json.Decoder(_Costing)
_text = msgspec.json.Decoder(str)


class Malformed(Exception):
    """The body is no JSON, or neither a record nor a list of them."""


class TooMany(Exception):
    """More records than one request may bring."""


@dataclass
class Read:
    """What was sent, in order: `answers` has None where a record waits to be booked."""

    ids: list[str | None] = field(default_factory=list)
    usages: list[Usage] = field(default_factory=list)
    answers: list[Answer | None] = field(default_factory=list)

    def take(self, sent: SentUsage, sender: str, now: datetime) -> None:
        self.ids.append(sent.id)
        try:
            self.usages.append(read_usage(sent, sender, now))
            self.answers.append(None)
        except NotUsage as no:
            self.answers.append(Answer(Outcome.REFUSED, no.field, str(no)))

    def refuse(self, raw: bytes, answer: Answer) -> None:
        self.ids.append(_id_in(raw))
        self.answers.append(answer)

    def leave_out(self, why: Callable[[Usage], Answer | None]) -> None:
        """Refuse what there is an answer to already."""
        if not any(map(why, self.usages)):
            return
        waiting, self.usages = iter(self.usages), []
        for at, answer in enumerate(self.answers):
            if answer is None:
                usage = next(waiting)
                self.answers[at] = refused = why(usage)
                if refused is None:
                    self.usages.append(usage)

    def answered(self, booked: Sequence[Answer]) -> list[Answer]:
        rest = iter(booked)
        return [next(rest) if answer is None else answer for answer in self.answers]


def read_records(body: bytes, sender: str, now: datetime) -> Read:
    """Raises Malformed, TooMany."""
    try:
        return _read_mended(body, sender, now)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from error
    except RecursionError as error:
        raise Malformed("it is nested too deeply") from error


def _read_mended(body: bytes, sender: str, now: datetime) -> Read:
    """As a NUL, half a pair refuses its record only."""
    try:
        return _read(body, sender, now)
    except msgspec.DecodeError:
        whole = mended(body, rb"\u0000")
        if whole == body:
            raise
        return _read(whole, sender, now)


def _read(body: bytes, sender: str, now: datetime) -> Read:
    read = Read()
    try:
        sent = _typed.decode(body)
    except msgspec.ValidationError:
        return _read_apart(body, sender, now)
    if _may_be_odd(sent, body):
        return _read_apart(body, sender, now)
    _check_number(sent)
    for one in sent:
        read.take(one, sender, now)
    return read


def _read_apart(body: bytes, sender: str, now: datetime) -> Read:
    """One at a time, since one of them is not what it should be."""
    read = Read()
    parts = _parts(body)
    _check_number(parts)
    for part in parts:
        try:
            sent = _one.decode(part)
        except msgspec.ValidationError as error:
            read.refuse(bytes(part), _refusal(str(error)))
            continue
        if _is_odd(bytes(_costing.decode(part).cost)):
            read.refuse(bytes(part), _unlike("cost"))
        else:
            read.take(sent, sender, now)
    return read


def _may_be_odd(sent: list[SentUsage], body: bytes) -> bool:
    """One look at the bytes of all records, for most of them."""
    if all(one.cost is None for one in sent):
        return False
    return bool(_ODD.search(body) or (b"\\" in body and _DISGUISED.search(body)))


def _is_odd(cost: bytes) -> bool:
    return cost.startswith(b'"') and not _plain.fullmatch(_text.decode(cost))


def _parts(body: bytes) -> list[msgspec.Raw]:
    first = body.lstrip()[:1]
    if first == b"[":
        return _apart.decode(body)
    alone = _whole.decode(body)
    if first != b"{":
        raise Malformed("send one record, or a list of records")
    return [alone]


def _check_number(records: Sequence[Any]) -> None:
    if len(records) > MOST_RECORDS:
        raise TooMany(f"{len(records):,} records; a request brings at most {MOST_RECORDS:,}.")


def _id_in(raw: bytes) -> str | None:
    try:
        return _named.decode(raw).id
    except msgspec.ValidationError:
        return None


def _refusal(message: str) -> Answer:
    where, named = _WHERE.search(message), _NAMED.search(message)
    if where is not None:
        return _unlike(where[1])
    if named is None:
        return Answer(Outcome.REFUSED, None, "A record is an object with at least id and at.")
    if "missing" in message:
        return Answer(Outcome.REFUSED, named[1], "It is missing.")
    return Answer(Outcome.REFUSED, named[1], f"There is no field “{named[1]}”.{_nearest(named[1])}")


def _unlike(name: str) -> Answer:
    wanted = _WANTED.get(name, "a whole number" if name.endswith("_tokens") else "text")
    return Answer(Outcome.REFUSED, name, f"It must be {wanted}.")


def _nearest(name: str) -> str:
    near = get_close_matches(name, SentUsage.__struct_fields__, 1)
    return f" Did you mean “{near[0]}”?" if near else ""
