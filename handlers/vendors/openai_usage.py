"""OpenAI's tokens by key, person and model: `GET /v1/organization/usage/…`. They carry no money, so
they inform and count nowhere.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from bot.attribution import Clues
from bot.charges import Charge, Stretch
from bot.money import ZERO
from bot.sources import BILL
from handlers.vendors import openai
from handlers.vendors.asking import Asking
from handlers.vendors.connector import Connector, Page, Told
from handlers.vendors.lines import line_id, text
from handlers.vendors.openai import ACCOUNT, NAME, day, parameters
from handlers.vendors.paging import by_token
from handlers.vendors.replies import count, read_reply
from handlers.vendors.vendor import Vendor

_PATH = "/v1/organization/usage/"
_WHO = ("project_id", "user_id", "api_key_id", "model")
# The other kinds are counted in images, seconds or sessions.
_KINDS = {"completions": (*_WHO, "batch", "service_tier"), "embeddings": _WHO, "moderations": _WHO}


class _Result(msgspec.Struct):
    num_model_requests: Decimal | None = None
    input_tokens: Decimal | None = None
    output_tokens: Decimal | None = None
    project_id: str | None = None
    user_id: str | None = None
    api_key_id: str | None = None
    model: str | None = None
    batch: bool | None = None
    service_tier: str | None = None


class _Bucket(msgspec.Struct):
    start_time: int
    end_time: int
    results: list[_Result]


class _Page(msgspec.Struct):
    data: list[_Bucket]


def openai_usage(vendor: Vendor) -> Connector:
    return Connector(
        f"{BILL}openai-usage",
        ACCOUNT,
        vendor,
        fetch,
        parse,
        openai.EVERY,
        openai.WINDOW,
        openai.SETTLING,
    )


async def fetch(asking: Asking, stretch: Stretch) -> Sequence[Page]:
    """Pairs: the kind, and one of its pages."""
    return [(kind, page) for kind in _KINDS for page in await _pages(asking, kind, stretch)]


async def _pages(asking: Asking, kind: str, stretch: Stretch) -> Sequence[Page]:
    asked = [*parameters(stretch), *(("group_by[]", group) for group in _KINDS[kind])]

    async def ask(token: str | None) -> Page:
        return await asking.get(_PATH + kind, [*asked, ("page", token)] if token else asked)

    return await by_token(NAME, ask)


def parse(pages: Sequence[Page], stretch: Stretch, _now: datetime) -> Told:
    return Told(tuple(charge for kind, page in pages for charge in _charges(kind, page, stretch)))


def _charges(kind: str, page: Page, stretch: Stretch) -> Iterator[Charge]:
    for bucket in read_reply(page, _Page, NAME).data:
        start, end = day(bucket.start_time, bucket.end_time, stretch)
        for result in bucket.results:
            yield _charge(kind, result, start, end)


def _charge(kind: str, result: _Result, start: datetime, end: datetime) -> Charge:
    group = (*(getattr(result, name) for name in _WHO), result.batch, result.service_tier)
    return Charge(
        line_id("usage", kind, start.date(), *group),
        ACCOUNT,
        start,
        end,
        ZERO,
        final=False,
        provider=ACCOUNT,
        model=text(result.model),
        item=kind,
        person=text(result.user_id),
        clues=Clues(key=text(result.api_key_id), project=text(result.project_id)),
        input_tokens=count(result.input_tokens, NAME, "input_tokens"),
        output_tokens=count(result.output_tokens, NAME, "output_tokens"),
        requests=count(result.num_model_requests, NAME, "num_model_requests"),
    )
