"""Telemetry on its way to becoming usage: a log record or span, and whoever sent it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from bot.money import ZERO
from bot.telemetry.attributes import (
    PERSON,
    PROJECT,
    REPOSITORY,
    RUN,
    SERVICE,
    TEAM,
    WORKFLOW,
    Attributes,
    moment,
    text,
)
from bot.usage import CostBasis, Grain, SentUsage


@dataclass(frozen=True, slots=True)
class Origin:
    """What a resource and its instrumentation scope say of everything they send."""

    service: str = ""
    scope: str = ""
    workflow: str = ""
    person: str = ""
    run: str = ""
    team: str = ""
    repository: str = ""
    project: str = ""


class Record(NamedTuple):
    """`name` is a span's; `id` its trace and span; `at` is nanoseconds since 1970."""

    origin: Origin
    attributes: Attributes
    at: int
    name: str = ""
    id: str = ""


class Measured(NamedTuple):
    """`input` includes what was read from and written to a cache; None is unknown."""

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    cost: Decimal | None = None


def origin_of(resource: Attributes, scope: str, near: Attributes) -> Origin:
    """`near` is what the scope says: it goes before the resource."""

    def said(names: tuple[str, ...]) -> str:
        return text(near, *names) or text(resource, *names)

    return Origin(
        text(resource, SERVICE),
        scope,
        said(WORKFLOW),
        said(PERSON),
        said(RUN),
        said(TEAM),
        said(REPOSITORY),
        said(PROJECT),
    )


def sent_usage(
    record: Record,
    id: str,  # noqa: A002 - its name everywhere
    provider: str,
    model: str,
    measured: Measured,
    *,
    grain: Grain = Grain.REQUEST,
) -> SentUsage:
    """Raises NotUsage. What the record says itself goes before what its origin says."""
    origin, attributes, nanos, *_ = record
    cost = measured.cost
    # A client says 0 of a model that it has no price for.
    if cost == ZERO and (measured.input or measured.output):
        cost = None
    return SentUsage(
        id,
        moment(nanos),
        text(attributes, *WORKFLOW) or origin.workflow,
        "",
        provider,
        model,
        measured.input,
        measured.output,
        measured.cache_read,
        measured.cache_write,
        cost,
        None if cost is None else CostBasis.CLIENT_ESTIMATE,
        user=text(attributes, *PERSON) or origin.person,
        run=text(attributes, *RUN) or origin.run,
        grain=grain,
        project=text(attributes, *PROJECT) or origin.project,
        team=text(attributes, *TEAM) or origin.team,
        service=origin.service,
        repository=text(attributes, *REPOSITORY) or origin.repository,
    )
