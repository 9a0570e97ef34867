"""`POST /v1/usage`: a 202 means that what was taken is durable."""

from collections.abc import Collection, Mapping

from fastapi import Depends, HTTPException, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.names import quoted
from bot.sources import key_of
from bot.usage import Answer, Outcome, Usage
from handlers.http.bodies import read_json_body
from handlers.http.booking import book, check_room, response, summed_up, understood
from handlers.http.edge import ApiKeys
from handlers.http.usage_document import document
from handlers.http.usage_reading import read_records
from handlers.http.usage_writer import UsageWriter

PATH = "/v1/usage"


def usage_routes(api_keys: Mapping[str, str], writer: UsageWriter) -> list[BaseRoute]:
    """The door, and behind it, never reached, the route that describes it in `/docs`."""
    keys = ApiKeys(api_keys)
    door = UsageDoor(keys, writer)
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

    def __init__(self, keys: ApiKeys, writer: UsageWriter) -> None:
        self._keys = keys
        self._names = keys.names
        self._writer = writer

    async def post(self, request: Request) -> Response:
        sender = self._keys.name(request.headers.get("authorization", ""))
        check_room(self._writer)
        with self._writer.room.share() as share:
            body = await read_json_body(request, share)
            check_room(self._writer)
            read = await understood(self._writer, read_records, body, sender, self._writer.now())
            del body
        read.leave_out(lambda usage: _squatting(usage, sender, self._names))
        booked = await book(self._writer, read.usages)
        answer = summed_up(read.ids, read.answered(booked))
        if not answer.records:
            raise HTTPException(422, "The list is empty: send one record or more.")
        return response(answer, 202 if len(answer.records) > answer.refused else 422)


def _squatting(usage: Usage, sender: str, keys: Collection[str]) -> Answer | None:
    """A source is called after the key that sends it; what another key's would be is kept free."""
    if usage.source == sender:
        return None
    owner = key_of(usage.source)
    if owner == sender or owner not in keys:
        return None
    why = f"The name belongs to the API key {quoted(owner)}. Send under a source of your own."
    return Answer(Outcome.REFUSED, "source", why)
