"""The bytes of a request, up to a size."""

import asyncio
import zlib

from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect

from handlers.http.room import Room, Share

MOST_BYTES = 10_000_000
# In seconds. Whoever announces a body and does not send it must not keep others out.
PATIENCE = 30
# In packed bytes. Above it, unpacking takes long enough for others to notice.
_LARGE = 50_000


async def read_json_body(request: Request, share: Share) -> bytes:
    """Unpacked. Raises HTTPException: 415 for another kind, 413 when too large, 400 when broken."""
    if kind_of(request) != "application/json":
        raise HTTPException(415, "Send Content-Type: application/json.")
    return await read_body(request, MOST_BYTES, share)


def kind_of(request: Request) -> str:
    """Its media type, without parameters; empty where none is said."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_body(request: Request, most: int, share: Share | None = None) -> bytes:
    """Of any kind, unpacked; `share` of the room that it takes. Raises HTTPException."""
    share = share or Share(Room())
    encoding = _encoding(request)
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > most:
        raise _too_large(most)
    try:
        async with asyncio.timeout(PATIENCE):
            body = await _received(request, most, share)
    except TimeoutError as error:
        raise HTTPException(408, f"The body took more than {PATIENCE} seconds to come.") from error
    if encoding != "gzip":
        return body
    large = len(body) > _LARGE
    plain = await asyncio.to_thread(_unpacked, body, most) if large else _unpacked(body, most)
    share.grow(len(plain))
    return plain


def _encoding(request: Request) -> str:
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        raise HTTPException(415, "Send it plain or with Content-Encoding: gzip.")
    return encoding


async def _received(request: Request, most: int, share: Share) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size > most:
                raise _too_large(most)
            share.grow(size)
    except ClientDisconnect as error:
        raise HTTPException(400, "The body ended too early.") from error
    return b"".join(parts)


def _unpacked(body: bytes, most: int) -> bytes:
    """A packed body may be a thousand times larger than it looks, so it is stopped on the way."""
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = unpacking.decompress(body, most + 1)
    except zlib.error as error:
        raise HTTPException(400, "The body is no gzip.") from error
    if len(plain) > most:
        raise _too_large(most)
    if not unpacking.eof or unpacking.unused_data:
        raise HTTPException(400, "The body is not one whole gzip.")
    return plain


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"A body is at most {most:,} bytes, unpacked.")
