"""`POST /v1/usage`: a 202 means that what was taken is durable."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
from fastapi import Depends, HTTPException, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.refusal import Refusal
from bot.usage import Answer, Outcome
from handlers.desk import Desk
from handlers.http.bodies import read_json_body
from handlers.http.edge import ApiKeys
from handlers.http.usage_document import RecordAnswer, UsageAnswer, document
from handlers.http.usage_reading import Malformed, Read, TooMany, read_records
from handlers.http.usage_writer import NotNow, UsageWriter

PATH = "/v1/usage"


def usage_routes(desk: Desk, api_keys: Mapping[str, str], writer: UsageWriter) -> list[BaseRoute]:
    """The door, and behind it, never reached, the route that describes it in `/docs`."""
    keys = ApiKeys(api_keys)
    door = UsageDoor(desk, keys, writer)
    described = APIRoute(
        PATH, post_usage, methods=["POST"], dependencies=[Depends(keys)], **document()
    )
    return [Route(PATH, door.post, methods=["POST"]), described]


async def post_usage() -> None:
    """Book records of usage: one, or a list of up to 10,000 in at most 10 MB, gzip if you like.

    The same `source` and `id` again changes nothing; with another content it corrects the record.
    One bad record does not refuse its neighbours. A record without `cost` is priced at its date.
    """


class UsageDoor:
    """A plain route: the framework's own reading of a body takes longer than booking it."""

    def __init__(self, desk: Desk, keys: ApiKeys, writer: UsageWriter) -> None:
        self._desk = desk
        self._keys = keys
        self._writer = writer

    async def post(self, request: Request) -> Response:
        sender = self._keys.name(request.headers.get("authorization", ""))
        self._check_room()
        body = await read_json_body(request)
        self._check_room()
        try:
            read = read_records(body, sender, self._desk.now())
        except TooMany as many:
            raise HTTPException(413, str(many)) from many
        except Malformed as error:
            raise HTTPException(400, f"The body is not what it should be: {error}.") from error
        return _answer(read, await self._booked(read))

    def _check_room(self) -> None:
        """Before the body is read, and again before it is understood."""
        if self._writer.full:
            raise _busy("Too much is waiting to be booked.")

    async def _booked(self, read: Read) -> Sequence[Answer]:
        if not read.usages:
            return ()
        try:
            return await self._writer.book(read.usages)
        except Refusal as no:
            return [Answer(Outcome.REFUSED, no.field, str(no))] * len(read.usages)
        except NotNow as error:
            raise _busy("The database does not take it at the moment.") from error


def _busy(reason: str) -> HTTPException:
    return HTTPException(
        503, f"{reason} Nothing was booked; send it again.", headers={"Retry-After": "1"}
    )


def _answer(read: Read, booked: Sequence[Answer]) -> Response:
    answers = read.answered(booked)
    count = Counter(answer.outcome for answer in answers)
    body = UsageAnswer(
        taken=count[Outcome.TAKEN],
        repeated=count[Outcome.REPEATED],
        corrected=count[Outcome.CORRECTED],
        refused=count[Outcome.REFUSED],
        records=[
            RecordAnswer(name, answer.outcome, answer.field, answer.reason)
            for name, answer in zip(read.ids, answers, strict=True)
        ],
    )
    stored = len(answers) > body.refused
    return Response(
        msgspec.json.encode(body), 202 if stored else 422, media_type="application/json"
    )
