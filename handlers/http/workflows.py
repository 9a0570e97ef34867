"""`GET /v1/workflows`: what machines may know of the registry. Money is exact text in USD."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from bot.caps import CapInForce, CapState, caps_in_force, running_periods, tightest
from bot.freshness import Ailment, Feed
from bot.periods import FOREVER, CapKind, Period
from bot.refusal import Unknown
from bot.sources import Lane
from bot.spend import Spent
from bot.tiers import Tier
from bot.workflows import Kind, Status, Workflow
from handlers.desk import Desk
from handlers.http.edge import ApiKeys
from handlers.steps.read_tiers import read_tiers
from storage.ledger import Ledger

Money = Annotated[str, Field(examples=["312.5"], pattern=r"^-?\d+(\.\d+)?$")]


class PeriodModel(BaseModel):
    """`cap` is the registry's, `effective_cap` counts overrides and is 0 unless the workflow is
    active; without a cap of the kind both are null, and so are `left` and `percent`.
    """

    kind: CapKind
    start: datetime
    end: datetime | None = Field(description="null: a total cap's period does not end")
    spent: Money
    assumed: Money = Field(description="the part of `spent` at an assumed price")
    late: Money = Field(description="the part of `spent` that was booked after the period's end")
    records: int
    unmetered: int = Field(description="records without tokens and cost")
    cap: Money | None = None
    effective_cap: Money | None = None
    left: Money | None = None
    percent: int | None = None


class SourceModel(BaseModel):
    """How far a source has told; of a bill, whose `account` it is."""

    name: str
    lane: Lane
    account: str
    through: datetime | None
    trouble: Ailment | None = Field(description="failing, late, or silent longer than usual")


class WorkflowModel(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    key: str
    name: str
    kind: Kind = Field(alias="class")
    status: Status
    team: str
    owner: str | None
    periods: list[PeriodModel]
    tightest: CapKind | None = Field(description="the cap with the least money left")
    sources: list[SourceModel] = Field(description="where its spend of the last 14 days is from")


class TierModel(BaseModel):
    tier: Tier | None = Field(description="null: models of no known tier")
    spent: Money


class OneWorkflowModel(WorkflowModel):
    tiers: list[TierModel] = Field(description="the spend of the running month by model tier")


class WorkflowsModel(BaseModel):
    workflows: list[WorkflowModel]


@dataclass(frozen=True)
class _Standing:
    workflow: Workflow
    periods: tuple[Period, ...]
    caps: Mapping[CapKind, CapInForce]
    spent: Mapping[CapKind, Spent]
    feeds: tuple[Feed, ...]

    @property
    def states(self) -> dict[CapKind, CapState]:
        return {kind: CapState(cap, self.spent[kind].cost) for kind, cap in self.caps.items()}


def workflow_routes(desk: Desk, api_keys: Mapping[str, str]) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["registry"], dependencies=[Depends(ApiKeys(api_keys))])

    @router.get("/workflows")
    async def workflows() -> WorkflowsModel:
        async with desk.database.reading() as ledger:
            standings = await _standings(ledger, await ledger.workflows.all(), desk.now())
        return WorkflowsModel(workflows=list(map(_model, standings)))

    @router.get("/workflows/{key}", responses={404: {"description": "No such workflow"}})
    async def workflow(key: str) -> OneWorkflowModel:
        async with desk.database.reading() as ledger:
            try:
                found = await ledger.workflows.get(key)
            except Unknown as unknown:
                raise HTTPException(404, f"There is no workflow “{key}”.") from unknown
            now = desk.now()
            (standing,) = await _standings(ledger, [found], now)
            tiers = await read_tiers(ledger, found, now)
        spent = [TierModel(tier=tier, spent=_text(cost)) for tier, cost in tiers.items()]
        return OneWorkflowModel(**vars(_model(standing)), tiers=spent)

    return router


async def _standings(
    ledger: Ledger, workflows: Iterable[Workflow], now: datetime
) -> list[_Standing]:
    known = list(workflows)
    overrides = await ledger.overrides.running(one.key for one in known)
    spent = await ledger.spend.in_periods(
        (one.key, period) for one in known for period in running_periods(one, now)
    )
    feeds = await ledger.freshness.feeds((one.key for one in known), now)
    return [
        _Standing(
            one,
            running_periods(one, now),
            {cap.kind: cap for cap in caps_in_force(one, overrides, now)},
            {kind: spent.get((one.key, kind), Spent()) for kind in CapKind},
            feeds.get(one.key, ()),
        )
        for one in known
    ]


def _model(standing: _Standing) -> WorkflowModel:
    workflow, least = standing.workflow, tightest(standing.states.values())
    return WorkflowModel(
        key=workflow.key,
        name=workflow.name,
        kind=workflow.kind,
        status=workflow.status,
        team=workflow.team,
        owner=workflow.owner,
        periods=[_period(period, standing) for period in standing.periods],
        tightest=None if least is None else least.cap.kind,
        sources=list(map(_source, standing.feeds)),
    )


def _source(feed: Feed) -> SourceModel:
    return SourceModel(
        name=feed.source,
        lane=feed.lane,
        account=feed.account,
        through=feed.through,
        trouble=feed.trouble,
    )


def _period(period: Period, standing: _Standing) -> PeriodModel:
    spent, state = standing.spent[period.kind], standing.states.get(period.kind)
    return PeriodModel(
        kind=period.kind,
        start=period.start,
        end=None if period.end == FOREVER else period.end,
        spent=_text(spent.cost),
        assumed=_text(spent.assumed),
        late=_text(spent.late),
        records=spent.records,
        unmetered=spent.unmetered,
        **({} if state is None else _capped(state)),
    )


def _capped(state: CapState) -> dict[str, Any]:
    return {
        "cap": _text(state.cap.base),
        "effective_cap": _text(state.cap.amount),
        "left": _text(state.left),
        "percent": state.percent,
    }


def _text(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
