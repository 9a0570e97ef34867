"""Telemetry on its way to becoming usage: a log record or span, and whoever sent it."""

from decimal import Decimal
from typing import NamedTuple

from bot.money import ZERO
from bot.telemetry.attributes import (
    COMMON,
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


class Origin(NamedTuple):
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
    """`name` is a span's; `id` its trace and span, `parent` the same of the one around it; `at` is
    nanoseconds since 1970.
    """

    origin: Origin
    attributes: Attributes
    at: int
    name: str = ""
    id: str = ""
    parent: str = ""


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
    origin, attributes, nanos = record[:3]
    cost = measured.cost
    # A client says 0 of a model that it has no price for.
    if cost == ZERO and (measured.input or measured.output):
        cost = None
    near = origin if COMMON.isdisjoint(attributes) else _nearer(origin, attributes)
    return SentUsage(
        id,
        moment(nanos),
        near.workflow,
        "",
        provider,
        model,
        measured.input,
        measured.output,
        measured.cache_read,
        measured.cache_write,
        cost,
        None if cost is None else CostBasis.CLIENT_ESTIMATE,
        user=near.person,
        run=near.run,
        grain=grain,
        project=near.project,
        team=near.team,
        service=near.service,
        repository=near.repository,
    )


def _nearer(origin: Origin, said: Attributes) -> Origin:
    return Origin(
        origin.service,
        origin.scope,
        text(said, *WORKFLOW) or origin.workflow,
        text(said, *PERSON) or origin.person,
        text(said, *RUN) or origin.run,
        text(said, *TEAM) or origin.team,
        text(said, *REPOSITORY) or origin.repository,
        text(said, *PROJECT) or origin.project,
    )
