"""`POST /litellm/logs`: calls as LiteLLM's `generic_api` logger tells of them.

It sends again what is answered with 5xx, and drops what is answered with 4xx.
"""

from collections.abc import Mapping

from fastapi import Depends, HTTPException, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from handlers.http.bodies import kind_of, read_body
from handlers.http.booking import book, check_room, response, summed_up, understood
from handlers.http.edge import ApiKeys
from handlers.http.litellm.document import logs_document
from handlers.http.litellm.reading import read_events
from handlers.http.usage_writer import UsageWriter

PATH = "/litellm/logs"
# 512 events are 7 MB where their texts are redacted, and several times that where they are not.
MOST_BYTES = 32_000_000

# ndjson comes as application/json. A form is no JSON, whatever is in it.
_KINDS = frozenset({"", "text/plain", "application/octet-stream", "application/jsonl"})


def litellm_routes(api_keys: Mapping[str, str], writer: UsageWriter) -> list[BaseRoute]:
    """The door, and behind it, never reached, the route that describes it in `/docs`."""
    keys = ApiKeys(api_keys)
    door = LiteLLMDoor(keys, writer)
    described = APIRoute(
        PATH, post_logs, methods=["POST"], dependencies=[Depends(keys)], **logs_document()
    )
    return [Route(PATH, door.post, methods=["POST"]), described]


async def post_logs() -> None:
    """Book calls as LiteLLM's `generic_api` logger sends them: a list, one, or one on each line.

    Prompts, answers, headers and addresses are dropped unread. The same call again changes nothing.
    One event that cannot be read does not refuse its neighbours.
    """


class LiteLLMDoor:
    def __init__(self, keys: ApiKeys, writer: UsageWriter) -> None:
        self._keys = keys
        self._writer = writer

    async def post(self, request: Request) -> Response:
        sender = self._keys.name(request.headers.get("authorization", ""))
        check_room(self._writer)
        _check_kind(request)
        with self._writer.room.share() as share:
            body = await read_body(request, MOST_BYTES, share)
            check_room(self._writer)
            read = await understood(self._writer, read_events, body, sender, self._writer.now())
            del body
        answers = read.answered(await book(self._writer, read.usages))
        answer = summed_up(read.ids, answers)
        refused = answer.refused and answer.refused == len(answers)
        return response(answer, 422 if refused else 202)


def _check_kind(request: Request) -> None:
    kind = kind_of(request)
    if kind not in _KINDS and not kind.endswith(("json", "json-seq")):
        raise HTTPException(415, "Send events as JSON, with Content-Type: application/json.")
