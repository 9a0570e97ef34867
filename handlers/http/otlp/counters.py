"""Cumulative counters booked: what is new in them, and that it was counted, in one transaction."""

from collections.abc import Sequence
from itertools import islice

import stamina

from bot.refusal import Refusal
from bot.telemetry.points import Bucket
from bot.telemetry.streams import stream_of
from bot.usage import Answer, Outcome, Usage
from handlers.desk import Desk
from handlers.flows.record_usage import record_usage
from handlers.http.otlp.points import HeardPoints
from handlers.http.room import busy
from storage.database import is_passing


async def count(desk: Desk, points: HeardPoints) -> Sequence[Answer]:
    """One answer for each bucket that was new. Raises HTTPException."""
    if not points.cumulative:
        return ()
    try:
        return await _counted(desk, points)
    except Refusal as no:
        return [Answer(Outcome.REFUSED, no.field, str(no))] * len(points.cumulative)
    except Exception as error:
        if is_passing(error):
            raise busy("The database does not take it at the moment.") from error
        raise


@stamina.retry(on=is_passing, attempts=4, wait_initial=0.02, wait_max=0.5, timeout=10)
async def _counted(desk: Desk, points: HeardPoints) -> Sequence[Answer]:
    told = points.cumulative
    streams = [
        stream_of(points.source(bucket), share.point) for bucket in told for share in bucket.shares
    ]
    async with desk.database.ledger() as ledger:
        news = await ledger.telemetry_streams.advance(streams)
        batch = _usages(points, told, news)
        if not batch:
            return ()
        done = await record_usage(batch, ledger, desk, points.heard.now)
    return done.recorded.answers


def _usages(points: HeardPoints, told: Sequence[Bucket], news: Sequence[int]) -> list[Usage]:
    rest = iter(news)
    counting = (bucket.counting(list(islice(rest, len(bucket.shares)))) for bucket in told)
    return [points.usage(bucket) for bucket in counting if any(one.amount for one in bucket.shares)]
