"""One question to a vendor over HTTP, asked again while it may help; the answer is JSON."""

import asyncio
import random
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpx
import msgspec
import stamina

from handlers.vendors.trouble import (
    NotLetIn,
    NotPermitted,
    NotTheirs,
    NotThere,
    NotUnderstood,
    Trouble,
    Unanswered,
    Unfit,
)
from handlers.vendors.vendor import Vendor

LARGEST_BODY = 32 * 1024 * 1024
# All pages of one step together, which are held until the last one has come.
LARGEST_STEP = 4 * LARGEST_BODY
_LONGEST_WAIT = timedelta(days=1)
_MOST_DIGITS = 9
_SECOND_DIGITS = 12

Parameters = Sequence[tuple[str, str | int]]


def _user_agent() -> str:
    try:
        return f"budget-bot/{version('budget-bot')}"
    except PackageNotFoundError:
        return "budget-bot"


USER_AGENT = _user_agent()

_decoder = msgspec.json.Decoder(float_hook=Decimal)


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes a tenth of a second in which nothing else is done."""
    return httpx.create_ssl_context()


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=_certificates())


@dataclass(frozen=True)
class Patience:
    """Seconds. A vendor that asks for more than `longest` is left alone until then, and the pull
    ends. `whole`: how long one answer may take, however steadily it trickles.
    """

    attempts: int = 5
    first: float = 1.0
    longest: float = 60.0
    silence: float = 30.0
    whole: float = 180.0


@dataclass(frozen=True)
class _Question:
    method: str
    path: str
    parameters: httpx.QueryParams | None = None
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Asking:
    """The questions of one step."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        vendor: Vendor,
        now: Callable[[], datetime],
        patience: Patience | None = None,
    ) -> None:
        self._http, self._vendor, self.now = http, vendor, now
        self._patience = patience or Patience()
        self._read_so_far = 0

    async def get(
        self, path: str, parameters: Parameters = (), headers: Mapping[str, str] | None = None
    ) -> Any:  # noqa: ANN401 - JSON
        """Raises Trouble."""
        asked = httpx.QueryParams(list(parameters))
        return await self._answer(_Question("GET", path, asked, headers=headers or {}))

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Raises Trouble. Only for questions: it may be asked twice."""
        return await self._answer(_Question("POST", path, body=body))

    async def _answer(self, question: _Question) -> Any:  # noqa: ANN401
        wait = self._patience
        async for attempt in stamina.retry_context(
            on=self._again,
            attempts=wait.attempts,
            timeout=None,
            wait_initial=wait.first,
            wait_max=wait.longest,
            wait_jitter=wait.first,
        ):
            with attempt:
                return await self._once(question)
        raise AssertionError  # `retry_context` raises what the last attempt raised

    def _again(self, error: Exception) -> bool | float:
        if not isinstance(error, Unanswered):
            return False
        if error.again is None:
            return True
        # Many bots may have been told the same moment.
        seconds = error.again.total_seconds() + random.uniform(0, self._patience.first)  # noqa: S311
        return seconds if seconds <= self._patience.longest else False

    async def _once(self, question: _Question) -> Any:  # noqa: ANN401
        try:
            async with asyncio.timeout(self._patience.whole):
                body, kind = await self._had(question)
        except (httpx.TransportError, TimeoutError) as error:
            raise Unanswered(
                f"{self._vendor.name} cannot be reached, or broke off: {_plain(error)}."
            ) from None
        return self._read(body, kind, question.path)

    async def _had(self, question: _Question) -> tuple[bytes, str]:
        """The body of an answer that is one, and its type."""
        request = self._request(question)
        response = await self._http.send(request, auth=self._vendor.auth, stream=True)
        try:
            self._check(response, question.path)
            return await self._body(response, question.path), response.headers.get(
                "Content-Type", ""
            )
        finally:
            await response.aclose()

    def _request(self, question: _Question) -> httpx.Request:
        return self._http.build_request(
            question.method,
            self._vendor.url + question.path,
            params=question.parameters,
            json=question.body,
            # Unpacked as it comes, a small answer could fill the memory.
            headers={
                "User-Agent": USER_AGENT,
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                **self._vendor.headers,
                **question.headers,
            },
            timeout=httpx.Timeout(self._patience.silence),
        )

    def _check(self, response: httpx.Response, path: str) -> None:
        if response.status_code == HTTPStatus.OK:
            return
        raise self._refused(response.status_code, self._wait(response), path)

    def _refused(self, status: int, again: timedelta | None, path: str) -> Trouble:
        vendor = self._vendor
        if status == HTTPStatus.UNAUTHORIZED:
            return NotLetIn(
                f"{vendor.name} does not accept {vendor.credential} (401). It must be "
                f"{vendor.permission}."
            )
        shut: dict[int, type[NotPermitted]] = {403: NotPermitted}
        if vendor.hides:
            shut[404] = NotThere
        if status in shut and again is None:
            return shut[status](
                f"{vendor.credential} may not read {path} at {vendor.name} ({status}). It must be "
                f"{vendor.permission}."
            )
        if status in {403, 408, 429} or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            says = "too many questions" if status in {403, 429} else "a fault of its own"
            return Unanswered(f"{vendor.name} answers {path} with {says} ({status}).", again)
        return _unfit(vendor, status, path)

    def _wait(self, response: httpx.Response) -> timedelta | None:
        return read_retry_after(response.headers.get("Retry-After", ""), self.now()) or read_reset(
            response.headers, self.now()
        )

    async def _body(self, response: httpx.Response, path: str) -> bytes:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise NotUnderstood(f"{self._vendor.name} packs {path}, which it was asked not to.")
        body = bytearray()
        room = min(LARGEST_BODY, LARGEST_STEP - self._read_so_far)
        async for part in response.aiter_raw():
            body += part
            if len(body) > room:
                raise NotUnderstood(
                    f"{self._vendor.name} answers {path} with more than a bill can fill: "
                    f"{LARGEST_BODY // 1024**2} MB a page, {LARGEST_STEP // 1024**2} MB a day."
                )
        self._read_so_far += len(body)
        return bytes(body)

    def _read(self, body: bytes, kind: str, path: str) -> Any:  # noqa: ANN401
        try:
            return _decoder.decode(body)
        except (msgspec.DecodeError, RecursionError, ArithmeticError, ValueError):
            is_page = "html" in kind
            what = "a web page" if is_page else "no whole JSON"
            said = f"{self._vendor.name} answers {path} with {what} instead of figures."
            way = "Look for a proxy on the way."
            trouble = NotTheirs if is_page else NotUnderstood
            raise trouble(f"{said} {_look(self._vendor)} {way}") from None


def _unfit(vendor: Vendor, status: int, path: str) -> Trouble:
    if HTTPStatus(300) <= status < HTTPStatus.BAD_REQUEST:
        return NotTheirs(
            f"{vendor.name} redirects {path} elsewhere ({status}), which is not followed: the "
            f"credential would go along. {_look(vendor)}"
        )
    refused = f"{vendor.name} refuses the question {path} ({status})."
    if status == HTTPStatus.NOT_FOUND:
        return NotTheirs(f"{refused} {_look(vendor)}")
    return Unfit(refused)


def _look(vendor: Vendor) -> str:
    return f"Look at its address, {vendor.setting}."


def _plain(error: Exception) -> str:
    """The kind of error; its text may hold addresses."""
    return {"TimeoutError": "no whole answer in time"}.get(
        type(error).__name__, type(error).__name__
    )


def read_reset(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """GitHub's way: nothing remains until a second since 1970. None where something remains."""
    reset = headers.get("X-RateLimit-Reset", "")
    is_second = reset.isascii() and reset.isdigit() and len(reset) <= _SECOND_DIGITS
    if headers.get("X-RateLimit-Remaining") != "0" or not is_second:
        return None
    wait = timedelta(seconds=int(reset) - now.timestamp())
    return min(max(wait, timedelta()), _LONGEST_WAIT)


def read_retry_after(text: str, now: datetime) -> timedelta | None:
    """Seconds, or the date of HTTP (RFC 9110, 10.2.3); at most a day. None where it is neither."""
    if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
        return min(timedelta(seconds=int(text)), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta()), _LONGEST_WAIT)
