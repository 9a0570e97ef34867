"""Why spend is below a threshold again that an alert has announced."""

from enum import StrEnum

from bot.changes import BOT, CONTRACT


class Fall(StrEnum):
    """As the alert's message says it."""

    BILL_CAME = "a bill came"
    BILL_CORRECTED = "the bill was corrected"
    BILL_TAKEN_AWAY = "a bill was taken away"
    ATTRIBUTED_ANEW = "spend was attributed anew"
    COUNTED_ANEW = "the contract file has it counted otherwise"
    SOURCE_CHANGED = "another source counts now"
    RECORDS = "records were corrected"
    ADJUSTED = "an adjustment was booked"
    UNDONE = "an adjustment was undone"
    UNKNOWN = "spend was corrected"


# What the audit trail says of it; its reason is the cause.
FELL = "saw its spend fall below a threshold"


def of_recount(wanted_by: str) -> Fall:
    """A person changes rules; the contract file prices and sources, too."""
    if wanted_by == BOT:
        return Fall.SOURCE_CHANGED
    return Fall.COUNTED_ANEW if wanted_by == CONTRACT else Fall.ATTRIBUTED_ANEW


def of_bill(*, was_billed: bool, is_billed: bool) -> Fall:
    """By whether a bill told of the day."""
    if not is_billed:
        return Fall.BILL_TAKEN_AWAY
    return Fall.BILL_CORRECTED if was_billed else Fall.BILL_CAME
