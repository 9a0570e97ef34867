"""From the bytes of a request to checked records, each refused on its own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import msgspec

from bot.usage import Answer, NotUsage, Outcome, SentUsage, Usage, read_usage

MOST_RECORDS = 10_000

_typed = msgspec.json.Decoder(list[SentUsage])
_apart = msgspec.json.Decoder(list[msgspec.Raw])
_one = msgspec.json.Decoder(SentUsage)
_whole = msgspec.json.Decoder(msgspec.Raw)

_WHERE = re.compile(r" - at `\$\.(\w+)")
_NAMED = re.compile(r"field `(.*)`", re.DOTALL)

_WANTED = {
    "at": "a time with its zone, like 2026-11-23T09:00:00Z",
    "cost": "an amount of USD, as text or a number",
    "cost_basis": "billed, provider_estimate or client_estimate",
    "tags": "a list of texts",
}


class _Named(msgspec.Struct):
    id: str | None = None


_named = msgspec.json.Decoder(_Named)


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

    def refuse(self, raw: bytes, error: msgspec.ValidationError) -> None:
        self.ids.append(_id_in(raw))
        self.answers.append(_refusal(str(error)))

    def answered(self, booked: Sequence[Answer]) -> list[Answer]:
        rest = iter(booked)
        return [next(rest) if answer is None else answer for answer in self.answers]


def read_records(body: bytes, sender: str, now: datetime) -> Read:
    """Raises Malformed, TooMany."""
    try:
        return _read(body, sender, now)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from error
    except RecursionError as error:
        raise Malformed("it is nested too deeply") from error


def _read(body: bytes, sender: str, now: datetime) -> Read:
    read = Read()
    try:
        sent = _typed.decode(body)
    except msgspec.ValidationError:
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
            read.take(_one.decode(part), sender, now)
        except msgspec.ValidationError as error:
            read.refuse(bytes(part), error)
    return read


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
        name = where[1]
        wanted = _WANTED.get(name, "a whole number" if name.endswith("_tokens") else "text")
        return Answer(Outcome.REFUSED, name, f"It must be {wanted}.")
    if named is None:
        return Answer(Outcome.REFUSED, None, "A record is an object with at least id and at.")
    if "missing" in message:
        return Answer(Outcome.REFUSED, named[1], "It is missing.")
    return Answer(Outcome.REFUSED, named[1], f"There is no field “{named[1]}”.{_nearest(named[1])}")


def _nearest(name: str) -> str:
    near = get_close_matches(name, SentUsage.__struct_fields__, 1)
    return f" Did you mean “{near[0]}”?" if near else ""
