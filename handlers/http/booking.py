"""What every door for usage does with the records it has read: book them, and say what became of
each.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
from fastapi import HTTPException
from starlette.responses import Response

from bot.refusal import Refusal
from bot.usage import Answer, Outcome, Usage
from handlers.http.read import Malformed, TooMany
from handlers.http.room import busy
from handlers.http.usage_document import RecordAnswer, UsageAnswer
from handlers.http.usage_writer import NotNow, UsageWriter

# Records of one transaction: others wait to write meanwhile.
TOGETHER = 5_000

_T = TypeVar("_T")


def check_room(writer: UsageWriter) -> None:
    """Before a body is read, and again before it is understood."""
    if writer.full:
        raise busy("Too much is waiting to be booked.")


async def understood(
    writer: UsageWriter, work: Callable[..., _T], body: bytes, *others: object
) -> _T:
    """What `work` makes of the body. Raises HTTPException."""
    try:
        return await writer.readers.read(work, body, *others)
    except TooMany as many:
        raise HTTPException(413, str(many)) from many
    except Malformed as error:
        raise HTTPException(400, f"The body is not what it should be: {error}.") from error


async def book(writer: UsageWriter, usages: Sequence[Usage]) -> Sequence[Answer]:
    """In the order of the records."""
    answers: list[Answer] = []
    for at in range(0, len(usages), TOGETHER):
        answers += await _booked(writer, usages[at : at + TOGETHER])
    return answers


async def _booked(writer: UsageWriter, usages: Sequence[Usage]) -> Sequence[Answer]:
    try:
        return await writer.book(usages)
    except Refusal as no:
        return [Answer(Outcome.REFUSED, no.field, str(no))] * len(usages)
    except NotNow as error:
        raise busy("The database does not take it at the moment.") from error


def summed_up(ids: Sequence[str | None], answers: Sequence[Answer]) -> UsageAnswer:
    count = Counter(answer.outcome for answer in answers)
    return UsageAnswer(
        taken=count[Outcome.TAKEN],
        repeated=count[Outcome.REPEATED],
        corrected=count[Outcome.CORRECTED],
        refused=count[Outcome.REFUSED],
        records=[
            RecordAnswer(name, answer.outcome, answer.field, answer.reason)
            for name, answer in zip(ids, answers, strict=True)
        ],
    )


def response(body: UsageAnswer, status: int) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
