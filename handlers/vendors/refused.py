"""What becomes of records that a gateway told and that could not be booked."""

from collections import Counter
from collections.abc import Sequence

import structlog

from bot.names import quoted
from bot.usage import Answer, Outcome
from handlers.settings import PREFIX
from handlers.vendors.connector import Connector
from handlers.vendors.trouble import Trouble

log = structlog.get_logger()


class NotBooked(Trouble):
    """All that was told of a step is refused, so it is not told."""


def check_booked(connector: Connector, answers: Sequence[Answer]) -> None:
    """Some that are refused keep no other from it, and are logged. Raises NotBooked."""
    no = [answer for answer in answers if answer.outcome is Outcome.REFUSED]
    if no and len(no) == len(answers):
        raise NotBooked(_why(connector, no[0]), field=no[0].field)
    for reason, rows in Counter(answer.reason for answer in no).items():
        log.warning("rows not booked", source=connector.source, rows=rows, reason=reason)


def _why(connector: Connector, no: Answer) -> str:
    name = connector.vendor.name
    if no.field == "source":
        return (
            f"{PREFIX}LITELLM_SOURCE is wrong: {quoted(connector.source)} belongs to another API "
            f"key, so nothing is booked. Set it to the name of the API key {name} pushes with."
        )
    return f"Nothing {name} told could be booked: {no.reason}"
