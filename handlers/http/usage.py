"""`POST /v1/usage`: a 202 means that what was taken is durable."""

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.refusal import Refusal
from bot.usage import Answer, Outcome
from handlers.desk import Desk
from handlers.http.edge import CHALLENGE, NO_KEY, ApiKeys, refused
from handlers.http.usage_reading import Malformed, Read, TooMany, read_body
from handlers.http.usage_writer import UsageWriter

MOST_BYTES = 10_000_000
_BUSY = "Too much is waiting to be booked. Send again after a second."


class RecordAnswer(msgspec.Struct, omit_defaults=True, frozen=True):
    id: str | None
    outcome: Outcome
    field: str | None = None
    reason: str | None = None


class UsageAnswer(msgspec.Struct, frozen=True):
    """`records` are in the order in which they were sent."""

    taken: int
    repeated: int
    corrected: int
    refused: int
    records: list[RecordAnswer]


class TooLarge(Exception):
    """The body, unpacked, is larger than one request may be."""


def usage_routes(desk: Desk, api_keys: Mapping[str, str], writer: UsageWriter) -> list[BaseRoute]:
    return [Route("/v1/usage", UsageDoor(desk, ApiKeys(api_keys), writer).post, methods=["POST"])]


class UsageDoor:
    def __init__(self, desk: Desk, keys: ApiKeys, writer: UsageWriter) -> None:
        self._desk = desk
        self._keys = keys
        self._writer = writer

    async def post(self, request: Request) -> Response:
        sender = self._keys.name_of(request.headers.get("authorization"))
        if sender is None:
            return refused(401, NO_KEY, **CHALLENGE)
        if self._writer.full:
            return refused(503, _BUSY, **{"Retry-After": "1"})
        unread = _unread(request)
        if unread is not None:
            return unread
        try:
            return await self._posted(await _body(request), sender)
        except TooLarge:
            return refused(413, f"A body is at most {MOST_BYTES:,} bytes, unpacked.")
        except TooMany as many:
            return refused(413, str(many))
        except Malformed as error:
            return refused(400, f"The body is not what it should be: {error}.")

    async def _posted(self, body: bytes, sender: str) -> Response:
        read = read_body(body, sender, self._desk.now())
        if not read.usages:
            return _answer(read, [])
        if self._writer.full:
            return refused(503, _BUSY, **{"Retry-After": "1"})
        try:
            return _answer(read, await self._writer.book(read.usages))
        except Refusal as no:
            answer = Answer(Outcome.REFUSED, no.field, str(no))
            return _answer(read, [answer] * len(read.usages))


def _unread(request: Request) -> Response | None:
    """The answer to what need not be read."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return refused(415, "Send Content-Type: application/json.")
    if request.headers.get("content-encoding", "identity").lower() not in {"identity", "gzip"}:
        return refused(415, "Send it plain or with Content-Encoding: gzip.")
    return None


async def _body(request: Request) -> bytes:
    """Raises TooLarge, Malformed."""
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > MOST_BYTES:
        raise TooLarge
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise TooLarge
    body = b"".join(parts)
    zipped = request.headers.get("content-encoding", "").lower() == "gzip"
    return _unzipped(body) if zipped else body


def _unzipped(body: bytes) -> bytes:
    """gzip expands a thousand times at worst, so it is stopped where it grows too large."""
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = unpacking.decompress(body, MOST_BYTES + 1)
    except zlib.error as error:
        raise Malformed("it is no gzip") from error
    if len(plain) > MOST_BYTES:
        raise TooLarge
    if not unpacking.eof:
        raise Malformed("its gzip ends too early")
    return plain


def _answer(read: Read, booked: Sequence[Answer]) -> Response:
    answers = read.answered(booked)
    count = Counter(answer.outcome for answer in answers)
    body = UsageAnswer(
        *(count[outcome] for outcome in Outcome),
        [
            RecordAnswer(name, answer.outcome, answer.field, answer.reason)
            for name, answer in zip(read.ids, answers, strict=True)
        ],
    )
    stored = len(answers) > count[Outcome.REFUSED]
    return Response(
        msgspec.json.encode(body), 202 if stored else 422, media_type="application/json"
    )
