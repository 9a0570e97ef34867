"""What a person enters about when they want to be spoken to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

from bot.edits import Wrong
from bot.hours import NO_QUIET_HOURS, QuietHours, read_time
from bot.reach import Digest, Preferences
from bot.refusal import Refusal

THEIRS, OWN, NONE = "organisation", "own", "none"
CHOICES = (THEIRS, OWN, NONE)


@dataclass(frozen=True)
class Entered:
    """As it stands in the form: a choice each, and times of the day where they are one's own."""

    quiet: str
    quiet_from: str
    quiet_to: str
    digest: str
    digest_at: str


def read_preferences(entered: Entered) -> Preferences:
    """Raises Wrong with all that is not understood, each naming its field."""
    if found := tuple(_wrong(entered)):
        raise Wrong(found)
    return Preferences(_quiet(entered), _digest(entered))


def _wrong(entered: Entered) -> Iterator[Refusal]:
    for field in ("quiet", "digest"):
        if getattr(entered, field) not in CHOICES:
            yield Refusal("Choose one of these.", field=field)
    for field in _own_times(entered):
        yield from _unread(getattr(entered, field), field)
    if entered.quiet == OWN and entered.quiet_from and entered.quiet_from == entered.quiet_to:
        yield Refusal("They end at another time than they start.", field="quiet_to")


def _own_times(entered: Entered) -> Iterator[str]:
    if entered.quiet == OWN:
        yield from ("quiet_from", "quiet_to")
    if entered.digest == OWN:
        yield "digest_at"


def _unread(text: str, field: str) -> Iterator[Refusal]:
    if not text:
        yield Refusal("Pick a time, or choose another line above.", field=field)
        return
    try:
        read_time(text, field=field)
    except Refusal as refusal:
        yield refusal


def _quiet(entered: Entered) -> QuietHours | None:
    if entered.quiet == THEIRS:
        return None
    if entered.quiet == NONE:
        return NO_QUIET_HOURS
    return QuietHours(read_time(entered.quiet_from), read_time(entered.quiet_to))


def _digest(entered: Entered) -> Digest | None:
    if entered.digest == THEIRS:
        return None
    return Digest(_own_time(entered) if entered.digest == OWN else None)


def _own_time(entered: Entered) -> time:
    return read_time(entered.digest_at)


def chosen_of(preferences: Preferences) -> tuple[str, str]:
    """Which line of each stands for what was chosen."""
    quiet, digest = preferences.quiet_hours, preferences.digest
    own_quiet = NONE if quiet == NO_QUIET_HOURS else OWN
    own_digest = OWN if digest is not None and digest.at else NONE
    return (THEIRS if quiet is None else own_quiet, THEIRS if digest is None else own_digest)
