"""What clients say in named attributes. Nothing else of their telemetry is looked at."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.usage import NotUsage

Value = str | int | float | bool
Attributes = Mapping[str, Value]

WORKFLOW = (
    "workflow.id",
    "workflow",
    "gen_ai.workflow.name",
    "traceloop.workflow.name",
    "x-workflow-id",
)
PERSON = ("user.email", "user.id", "enduser.id")
RUN = ("session.id", "gen_ai.conversation.id", "conversation.id")
TEAM = ("team.id",)
REPOSITORY = ("vcs.repository.url.full", "vcs.repository.name")
PROJECT = ("anthropic.workspace.id",)
SERVICE = "service.name"

# What may stand on a record as well as on what sent it.
COMMON = frozenset((*WORKFLOW, *PERSON, *RUN, *TEAM, *REPOSITORY, *PROJECT))
OF_RESOURCE = COMMON | {SERVICE}

_DIGITS = re.compile(r"-?[0-9]{1,15}")
_PLAIN = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?")
_MILLION = Decimal(1_000_000)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def text(attributes: Attributes, *names: str) -> str:
    """The first that says something; a number is written out."""
    for name in names:
        if name in attributes:
            value = attributes[name]
            if value != "":
                return value if isinstance(value, str) else str(value)
    return ""


def count(attributes: Attributes, *names: str) -> int | None:
    """A number of tokens under the first name that is there. Raises NotUsage."""
    for name in names:
        if name in attributes:
            value = attributes[name]
            # Most are plain numbers; a truth is one to Python, but not to a person.
            return value if type(value) is int else _counted(name, value)
    return None


def _counted(name: str, value: Value) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    raise NotUsage("A count of tokens is a whole number.", field=name)


def usd(attributes: Attributes, name: str) -> Decimal | None:
    """An exact amount: a double by the digits that stand for it. Raises NotUsage."""
    value = attributes.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not _PLAIN.fullmatch(str(value)):
        raise NotUsage("A cost is an amount of USD.", field=name)
    return Decimal(str(value))


def micro_usd(attributes: Attributes, name: str) -> Decimal | None:
    micros = usd(attributes, name)
    return None if micros is None else micros / _MILLION


def moment(nanos: int) -> datetime:
    """Nanoseconds since 1970. Raises NotUsage."""
    try:
        return datetime.fromtimestamp(nanos // 1000 / 1_000_000, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NotUsage("It is no time that a calendar knows.", field="at") from error


def written_nanos(attributes: Attributes, name: str) -> int | None:
    """A time as ISO 8601 writes it, as nanoseconds since 1970; None where there is none."""
    try:
        written = datetime.fromisoformat(text(attributes, name))
    except ValueError:
        return None
    return (written - _EPOCH) // _MICROSECOND * 1000 if written.tzinfo else None
