"""From the bytes that LiteLLM's logger posts to checked records, each refused on its own.

It posts a list, one event, or events line by line, all under the same content type.
"""

import re
from collections.abc import Sequence
from datetime import datetime

import msgspec

from bot.gateway_calls import identity, read_call
from bot.litellm import Event
from bot.usage import Answer, NotUsage, Outcome
from handlers.http.half_pairs import mended
from handlers.http.read import Malformed, Read, TooMany, id_in

MOST_EVENTS = 10_000

_together = msgspec.json.Decoder(list[Event])
_apart = msgspec.json.Decoder(list[msgspec.Raw])
_one = msgspec.json.Decoder(Event)
_whole = msgspec.json.Decoder(msgspec.Raw)

_BEGINNING = re.compile(rb"\s*+(.)", re.DOTALL)
_WHERE = re.compile(r" - at `\$\.(\w+)")

# What Python writes where JSON has no number; whatever stands before it, texts whole, is gone past.
_NO_NUMBER = re.compile(
    rb'((?:[^"NI-]++|-(?!I)|N(?!aN)|I(?!nfinity)|"(?:[^"\\]++|\\.)*+")*+)(NaN|-?Infinity|.|\Z)',
    re.DOTALL,
)


def read_events(body: bytes, sender: str, now: datetime) -> Read:
    """Raises Malformed, TooMany."""
    try:
        return _read(body, sender, now)
    except msgspec.DecodeError:
        plain = _without_oddities(body)
    try:
        return _read(plain, sender, now)
    except msgspec.DecodeError as error:
        raise Malformed(str(error)) from error


def _read(body: bytes, sender: str, now: datetime) -> Read:
    try:
        return _read_shape(body, sender, now)
    except UnicodeDecodeError as error:
        raise Malformed("it is no UTF-8") from error
    except RecursionError as error:
        raise Malformed("it is nested too deeply") from error


def _read_shape(body: bytes, sender: str, now: datetime) -> Read:
    first = _BEGINNING.match(body)
    if first is None or first[1] not in b"[{":
        raise Malformed("send what LiteLLM's generic_api logger sends: events as JSON")
    if first[1] == b"{":
        return _read_lines(body, sender, now)
    try:
        events = _together.decode(body)
    except msgspec.ValidationError:
        return _read_each(_apart.decode(body), sender, now)
    _check_number(events)
    read = Read()
    for event in events:
        _take(read, event, sender, now)
    return read


def _read_lines(body: bytes, sender: str, now: datetime) -> Read:
    """One event, over as many lines as it likes; else one on each line."""
    lines: Sequence[bytes] = [body]
    try:
        _whole.decode(body)
    except msgspec.DecodeError:
        lines = [line for line in body.splitlines() if line.strip()]
        if len(lines) == 1:
            raise
    read = _read_each(lines, sender, now)
    if all(answer == _NO_JSON for answer in read.answers):
        raise Malformed("it is neither one event, nor one on each line")
    return read


def _read_each(parts: Sequence[bytes | msgspec.Raw], sender: str, now: datetime) -> Read:
    _check_number(parts)
    read = Read()
    for part in parts:
        try:
            event = _one.decode(part)
        except msgspec.ValidationError as error:
            read.refuse(id_in(bytes(part)), _refusal(str(error)))
        except (msgspec.DecodeError, UnicodeDecodeError):
            _read_mended(bytes(part), read, sender, now)
        else:
            _take(read, event, sender, now)
    return read


def _read_mended(part: bytes, read: Read, sender: str, now: datetime) -> None:
    try:
        _take(read, _one.decode(_without_oddities(part)), sender, now)
    except (msgspec.DecodeError, UnicodeDecodeError):
        read.refuse(id_in(part), _NO_JSON)


def _without_oddities(body: bytes) -> bytes:
    """What no decoder goes past: Python's NaN is as good as nothing, half a pair as good as NUL."""
    plain = body
    if b"NaN" in body or b"Infinity" in body:
        plain = _NO_NUMBER.sub(_without_number, body)
    return mended(plain, rb"\u0000")


def _without_number(found: re.Match[bytes]) -> bytes:
    return found[1] + (b"null" if found[2] in {b"NaN", b"Infinity", b"-Infinity"} else found[2])


def _check_number(events: Sequence[object]) -> None:
    if len(events) > MOST_EVENTS:
        raise TooMany(f"{len(events):,} events; a request brings at most {MOST_EVENTS:,}.")


def _take(read: Read, event: Event, sender: str, now: datetime) -> None:
    """Its id is what it is booked under; the event's own where it cannot be booked."""
    name = str(event.id or "") or None
    try:
        call = event.call()
        name = identity(call) or None
        read.take(name, read_call(call, sender, now))
    except NotUsage as no:
        read.refuse_for(name, no)


_NO_JSON = Answer(Outcome.REFUSED, None, "It is no JSON.")
_NO_EVENT = Answer(Outcome.REFUSED, None, "An event is an object, as LiteLLM's logger sends it.")
_WANTED = {
    "id": "a text",
    "litellm_call_id": "a text",
    "startTime": "the moment at which the call began",
    "response_cost": "an amount of USD",
    "prompt_tokens": "a whole number",
    "completion_tokens": "a whole number",
}


def _refusal(message: str) -> Answer:
    where = _WHERE.search(message)
    if where is None:
        return _NO_EVENT
    wanted = _WANTED.get(where[1], "what LiteLLM documents")
    return Answer(Outcome.REFUSED, where[1], f"It must be {wanted}.")
