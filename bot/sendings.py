"""What became of the messages: for people to see, and to send again what Slack refused."""

from dataclasses import dataclass
from datetime import datetime

from bot.addresses import is_person
from bot.notices import Act, Sending
from bot.people import Person
from bot.refusal import Refusal


class NotAgain(Refusal):
    """What cannot, or need not, be sent again."""


@dataclass(frozen=True)
class Delivery:
    """One message, rewrite or emoji. `at`: when it was sent, since when it is held or set aside,
    else since when it waits. `reason`: why, or what is different from what was meant.
    """

    key: str
    topic: str | None
    channel: str
    act: Act
    state: Sending
    at: datetime
    reason: str
    held: bool
    target: Sending | None = None

    @property
    def refused(self) -> bool:
        return self.state is Sending.SET_ASIDE


@dataclass(frozen=True)
class Quiet:
    """A word that waits for a person's quiet hours to end, or for their digest, at `due_at`."""

    key: str
    topic: str | None
    person: str
    due_at: datetime


@dataclass(frozen=True)
class Tally:
    """How many wait to be sent, are held by trouble, were sent today, were set aside; and how many
    words wait for a person's hours.
    """

    waiting: int
    held: int
    sent: int
    set_aside: int
    quiet: int


def check_again(delivery: Delivery, person: Person | None) -> None:
    """Raises NotAgain. `person`: whose DM it goes to, as Slack last knew them."""
    if delivery.state is Sending.SENT:
        raise NotAgain("It was sent meanwhile; nothing is sent twice.")
    if not delivery.refused:
        raise NotAgain("It is on its way already: somebody was faster.")
    if delivery.act is Act.UPDATE and delivery.target is not Sending.SENT:
        raise NotAgain("It rewrites a message that was never sent. Send that one again first.")
    if is_person(delivery.channel) and person is not None and person.deleted:
        raise NotAgain(f"The account of <@{delivery.channel}> is deactivated: there is nobody.")
