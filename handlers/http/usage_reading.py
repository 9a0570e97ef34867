"""From the bytes of a request to checked records, each refused on its own."""

import re
from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Any

import msgspec

from bot.usage import Answer, NotUsage, Outcome, SentUsage, read_usage
from handlers.http.half_pairs import mended
from handlers.http.read import Malformed, Read, TooMany, id_in

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


# What a record's fields are called elsewhere: in rules, and in `/budget whose`.
_CALLED = {"person": "user", "declared": "workflow"}


class _Costing(msgspec.Struct):
    cost: msgspec.Raw = msgspec.Raw()


_costing = msgspec.json.Decoder(_Costing)
_text = msgspec.json.Decoder(str)


def _take(read: Read, sent: SentUsage, sender: str, now: datetime) -> None:
    try:
        read.take(sent.id, read_usage(sent, sender, now))
    except NotUsage as no:
        read.refuse_for(sent.id, no)


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
        _take(read, one, sender, now)
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
            read.refuse(id_in(bytes(part)), _refusal(str(error)))
            continue
        if _is_odd(bytes(_costing.decode(part).cost)):
            read.refuse(id_in(bytes(part)), _unlike("cost"))
        else:
            _take(read, sent, sender, now)
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
    meant = _CALLED.get(name) or (near[0] if near else None)
    return f" Did you mean “{meant}”?" if meant else ""
