"""Every table. Rows stay in this package; the files beside it hand out bot's values."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.columns import Counter, Instant, Money

_OPEN = text("state = 'waiting'")
_UNSENT = text("state in ('waiting', 'leased')")
_DRAFTED = text("state = 'open'")
_LEASED = text("state = 'leased'")
_SET_ASIDE = text("state = 'set_aside'")
_HELD = text("notice is null")
_UNCLOSED = text("closed_at is null")
_PAGED = text("posted is not null or cleared is not null")
_UNENDED = text("ended_at is null")
_DUE = text("due_at is not null")
_REMINDS = text("reminds_at is not null")
_NEXT = text("next_at is not null")
_CONTRADICTED = text("declared <> '' and workflow <> '' and declared <> workflow")
_ASSUMED = text("basis = 'assumed'")
_UNTOLD = text("not told")
# Touches more than one UTC day, in microseconds.
LASTING = text('("end" - 1) / 86400000000 > start / 86400000000')


def _instant(**named: Any) -> Any:  # noqa: ANN401
    return Field(sa_type=Instant, **named)


def _money(**named: Any) -> Any:  # noqa: ANN401
    return Field(sa_type=Money, **named)


def _text(**named: Any) -> Any:  # noqa: ANN401
    return Field(sa_type=Text, **named)


def _json(**named: Any) -> Any:  # noqa: ANN401
    return Field(sa_type=JSON, **named)


def _added_list() -> Any:  # noqa: ANN401
    """A column that came with a later release: rows of before get an empty list."""
    return Field(
        default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": text("'[]'")}
    )


def _added(default: str | int, kind: Any) -> Any:  # noqa: ANN401
    """The same for a plain column."""
    standard = text(f"'{default}'")
    return Field(default=default, sa_type=kind, sa_column_kwargs={"server_default": standard})


def _counter() -> Any:  # noqa: ANN401
    return Field(default=None, sa_column=Column(Counter, primary_key=True, autoincrement=True))


def _big(**named: Any) -> Any:  # noqa: ANN401
    return Field(sa_type=BigInteger, **named)


class OrganisationRow(SQLModel, table=True):
    """One row: the policy, and who stands above the teams."""

    __tablename__ = "organisation"
    id: int = Field(default=1, primary_key=True)
    policy: dict[str, Any] = _json()
    finance: list[str] = _json()
    admin_channel: str | None = None
    delegations: list[dict[str, Any]] = _added_list()
    absences: list[dict[str, Any]] = _added_list()
    sources: list[dict[str, Any]] = _added_list()
    prices: list[dict[str, Any]] = _added_list()
    tiers: list[dict[str, Any]] = _added_list()
    # Grows with every change of registry, overrides or policy; the usage writer's memory of
    # what can trigger an alert is good for one value of it.
    registry_version: int = Field(default=0)


class TeamRow(SQLModel, table=True):
    __tablename__ = "teams"
    key: str = Field(primary_key=True)
    name: str
    channel: str
    timezone: str | None = None
    approver: str | None = None
    business_unit: str | None = None


class WorkflowRow(SQLModel, table=True):
    __tablename__ = "workflows"
    key: str = Field(primary_key=True)
    name: str
    team: str = Field(foreign_key="teams.key", index=True)
    owner: str | None = Field(default=None, index=True)
    backup: str | None = None
    kind: str
    tool: str = _text(default="")
    purpose: str
    daily_cap: Decimal | None = _money(default=None)
    weekly_cap: Decimal | None = _money(default=None)
    monthly_cap: Decimal | None = _money(default=None)
    total_cap: Decimal | None = _money(default=None)
    soft_limit: int
    hard_limit: int
    tier: str
    escalation_tier: str | None = None
    success_metric: dict[str, Any] | None = _json(default=None, nullable=True)
    review_date: date | None = None
    last_review_date: date | None = None
    ends_on: date | None = None
    exception_rule: str = _text(default="")
    enforcement: str | None = None
    thresholds: list[int] | None = _json(default=None, nullable=True)
    approver: str | None = None
    channel: str | None = None
    status: str
    status_since: datetime | None = _instant(default=None)
    activated_at: datetime | None = _instant(default=None)
    retire_on: date | None = None
    agreed_by: str | None = None
    agreed_at: datetime | None = _instant(default=None)
    calendars: list[Any] = _json()
    version: int = 1


class OverrideRow(SQLModel, table=True):
    __tablename__ = "overrides"
    id: str = Field(primary_key=True)
    workflow: str = Field(foreign_key="workflows.key", index=True)
    cap: str
    amount: Decimal = _money()
    start: datetime = _instant()
    end: datetime = _instant()
    request: str
    granted_by: str
    ended_at: datetime | None = _instant(default=None)


class RequestRow(SQLModel, table=True):
    """A request for more. One open per (workflow, cap): the partial unique index decides."""

    __tablename__ = "requests"
    __table_args__ = (
        Index(
            "one_open_request",
            "workflow",
            "cap",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )
    id: str = Field(primary_key=True)
    workflow: str = Field(foreign_key="workflows.key", index=True)
    cap: str
    amount: Decimal = _money()
    until: str
    days: int | None = None
    reason: str = _text()
    outcome: str = _text()
    target: str = _text(default="")
    if_refused: str = _text(default="")
    asked_by: str
    asked_at: datetime = _instant()
    expires_at: datetime = _instant(index=True)
    owner: str | None = None
    channel: str
    step: str
    state: str
    answered_by: str | None = None
    answered_at: datetime | None = _instant(default=None)
    answer: str = _text(default="")
    path: str = _added("normal", Text)
    approvals: list[dict[str, Any]] = _added_list()
    granted: Decimal | None = _money(default=None, nullable=True)
    questions: list[dict[str, Any]] = _added_list()
    version: int = _added(1, Integer)
    edition: int = _added(1, Integer)
    amended_at: datetime | None = _instant(default=None)
    step_since: datetime | None = _instant(default=None)
    reminds_at: datetime | None = _instant(default=None)
    escalates_at: datetime | None = _instant(default=None)
    escalated_at: datetime | None = _instant(default=None)


class RequestCardRow(SQLModel, table=True):
    """What the card of a request said when it was last drawn: once it differs, it is drawn anew."""

    __tablename__ = "request_cards"
    request: str = Field(foreign_key="requests.id", primary_key=True)
    terms: str = _text()
    standing: str = _text()
    people: list[str] = _json()
    percents: dict[str, int] = _json()
    at: datetime = _instant()


class ProvenRow(SQLModel, table=True):
    """A workflow whose return an admin takes as proven: its requests go the expedited way."""

    __tablename__ = "proven"
    workflow: str = Field(foreign_key="workflows.key", primary_key=True)
    reason: str = _text()
    by: str
    at: datetime = _instant()


class BreakGlassRow(SQLModel, table=True):
    """Money taken at once in an incident, and what those who answer for it say afterwards."""

    __tablename__ = "break_glass"
    __table_args__ = (Index("break_glass_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),)
    request: str = Field(foreign_key="requests.id", primary_key=True)
    workflow: str = Field(foreign_key="workflows.key", index=True)
    by: str
    at: datetime = _instant()
    state: str
    # When the clock does the next thing to it: asks, reminds, closes; None when nothing is left.
    due_at: datetime | None = _instant(default=None)
    note: str = _text(default="")
    answered_by: str | None = None
    answered_at: datetime | None = _instant(default=None)


class TakeBackRow(SQLModel, table=True):
    """A raise that went through by itself, while whoever would have been asked may take it back."""

    __tablename__ = "take_backs"
    request: str = Field(foreign_key="requests.id", primary_key=True)
    until: datetime = _instant()


class OutcomeRow(SQLModel, table=True):
    """Whether what a request promised has happened: asked when its override has ended."""

    __tablename__ = "outcomes"
    __table_args__ = (
        Index("outcomes_due", "reminds_at", sqlite_where=_REMINDS, postgresql_where=_REMINDS),
    )
    request: str = Field(foreign_key="requests.id", primary_key=True)
    workflow: str = Field(foreign_key="workflows.key", index=True)
    asked_of: str
    asked_at: datetime = _instant()
    # None once they were reminded, and once it is answered.
    reminds_at: datetime | None = _instant(default=None)
    answer: str | None = None
    evidence: str = _text(default="")
    link: str = _text(default="")
    by: str | None = None
    at: datetime | None = _instant(default=None)
    # Grows with every answer, so that two people pressing at once get one winner.
    version: int = 1


class AlertRow(SQLModel, table=True):
    """Law 5: the unique key is what makes an alert one."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("workflow", "period_start", "cap", "amount", "threshold"),
        Index("alerts_open", "workflow", "cap", "period_end"),
    )
    id: int | None = _counter()
    workflow: str = Field(foreign_key="workflows.key")
    cap: str
    period_start: datetime = _instant()
    period_end: datetime = _instant()
    amount: Decimal = _money()
    threshold: int
    spent: Decimal = _money()
    at: datetime = _instant()
    # The outbox key of the channel message that says it (an alert, or a notice of a changed cap).
    notice: str


class AlertedPeriodRow(SQLModel, table=True):
    """A cap's period in which a threshold was reached, and what its first message shows now."""

    __tablename__ = "alerted_periods"
    workflow: str = Field(foreign_key="workflows.key", primary_key=True)
    cap: str = Field(primary_key=True)
    start: datetime = Field(sa_column=Column(Instant, primary_key=True))
    end: datetime = _instant(index=True)
    # The first alert's message and the channel it went to; neither where only a notice of a
    # changed cap has said it so far.
    notice: str | None = Field(default=None, index=True)
    channel: str | None = None
    spent: Decimal = _money()
    amount: Decimal = _money()
    at: datetime = _instant()
    reset_told: bool = False


class ForewarningRow(SQLModel, table=True):
    """What a look ahead found, and whether it was said: once for each key. `start` and `end` are
    the cap's period, or the day of a spike, which has no `cap`.
    """

    __tablename__ = "forewarnings"
    workflow: str = Field(foreign_key="workflows.key", primary_key=True)
    sort: str = Field(primary_key=True)
    cap: str = Field(primary_key=True)
    start: datetime = Field(sa_column=Column(Instant, primary_key=True))
    amount: Decimal = Field(sa_column=Column(Money, primary_key=True))
    end: datetime = _instant(index=True)
    # The first and the last of the looks that agree, with none in between that did not.
    since: datetime = _instant()
    seen_at: datetime = _instant()
    said_at: datetime | None = _instant(default=None)


class DraftRow(SQLModel, table=True):
    """A request that the bot has drafted for the owner: one for each period of a cap."""

    __tablename__ = "drafts"
    __table_args__ = (
        UniqueConstraint("workflow", "cap", "start"),
        Index("drafts_open", "end", sqlite_where=_DRAFTED, postgresql_where=_DRAFTED),
    )
    id: str = Field(primary_key=True)
    workflow: str = Field(foreign_key="workflows.key")
    cap: str
    start: datetime = _instant()
    end: datetime = _instant()
    amount: Decimal = _money()
    until: str
    reason: str = _text()
    cause: str
    addressed_to: str
    drafted_at: datetime = _instant()
    state: str
    settled_by: str | None = None
    settled_at: datetime | None = _instant(default=None)


class SnoozeRow(SQLModel, table=True):
    """Alerts kept back. One running for each workflow: the partial unique index decides."""

    __tablename__ = "snoozes"
    __table_args__ = (
        Index(
            "one_snooze",
            "workflow",
            unique=True,
            sqlite_where=_UNENDED,
            postgresql_where=_UNENDED,
        ),
    )
    id: str = Field(primary_key=True)
    workflow: str = Field(foreign_key="workflows.key")
    threshold: int
    # The outbox key of the message it was snoozed on.
    notice: str
    by: str
    instead_of: str | None = None
    at: datetime = _instant()
    until: datetime = _instant()
    ended_at: datetime | None = _instant(default=None)
    ended_by: str | None = None


class AcknowledgementRow(SQLModel, table=True):
    """An alert that somebody has to look at. One waiting for each workflow."""

    __tablename__ = "acknowledgements"
    __table_args__ = (
        Index(
            "one_waiting_acknowledgement",
            "workflow",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("acknowledgements_of", "workflow", "asked_at"),
    )
    id: str = Field(primary_key=True)
    workflow: str = Field(foreign_key="workflows.key")
    threshold: int
    critical: bool
    asked_at: datetime = _instant()
    ends_at: datetime = _instant()
    hours: list[int] = _json()
    thread: str
    notices: list[str] = _json()
    told: list[str] = _json()
    step: int = 0
    state: str
    # When the next role is asked; None while the clock stands still, and when all were asked.
    next_at: datetime | None = _instant(default=None)
    paused_until: datetime | None = _instant(default=None)
    by: str | None = None
    instead_of: str | None = None
    seen_at: datetime | None = _instant(default=None)
    how: str = _text(default="")
    last_change: int = _big(default=0)
    version: int = 1


class ExplanationRow(SQLModel, table=True):
    __tablename__ = "explanations"
    __table_args__ = (Index("explanations_of", "workflow", "at"),)
    id: str = Field(primary_key=True)
    workflow: str = Field(foreign_key="workflows.key")
    by: str
    instead_of: str | None = None
    at: datetime = _instant()
    text: str = _text()
    # The outbox key of the message that was explained.
    alert: str


class TierDropRow(SQLModel, table=True):
    __tablename__ = "tier_drops"
    id: str = Field(primary_key=True)
    workflow: str = Field(foreign_key="workflows.key", index=True)
    was: str
    becomes: str
    by: str
    instead_of: str | None = None
    at: datetime = _instant()
    notice: str
    undone_at: datetime | None = _instant(default=None)
    undone_by: str | None = None


class ReviewRow(SQLModel, table=True):
    __tablename__ = "reviews"
    __table_args__ = (
        Index("reviews_open", "notice", sqlite_where=_UNCLOSED, postgresql_where=_UNCLOSED),
        Index("reviews_paged", "notice", sqlite_where=_PAGED, postgresql_where=_PAGED),
    )
    team: str = Field(foreign_key="teams.key", primary_key=True)
    week_start: datetime = Field(sa_column=Column(Instant, primary_key=True))
    week_end: datetime = _instant()
    channel: str
    opened_at: datetime = _instant()
    closed_at: datetime | None = _instant(default=None)
    notice: str = Field(index=True)
    # How many of the replies are on their way, and once it is closed without their buttons; None
    # where nothing is left to do.
    posted: int | None = None
    cleared: int | None = None
    # How many steps of its clock are behind it: reminders, then the approver.
    steps: int = _added(0, Integer)


class ReviewItemRow(SQLModel, table=True):
    """One workflow in one review. `figures` are frozen when the thread is opened."""

    __tablename__ = "review_items"
    __table_args__ = (Index("review_items_of", "workflow", "week_start"),)
    team: str = Field(primary_key=True)
    week_start: datetime = Field(sa_column=Column(Instant, primary_key=True))
    workflow: str = Field(primary_key=True)
    position: int
    owner: str | None = None
    figures: dict[str, Any] = _json()
    decision: str | None = None
    detail: dict[str, Any] | None = _json(default=None, nullable=True)
    decided_by: str | None = None
    decided_at: datetime | None = _instant(default=None)
    # Grows with every answer, so that two people pressing at once get one winner.
    version: int = 1
    notice: str


class ReassignmentRow(SQLModel, table=True):
    """A workflow offered to another owner. One open a workflow: the partial index decides."""

    __tablename__ = "reassignments"
    __table_args__ = (
        Index(
            "one_open_reassignment",
            "workflow",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("reassignments_due", "expires_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )
    id: str = Field(primary_key=True)
    workflow: str = Field(foreign_key="workflows.key", index=True)
    owner: str | None = None
    offered_to: str
    asked_by: str
    instead_of: str | None = None
    note: str = _text(default="")
    asked_at: datetime = _instant()
    expires_at: datetime = _instant()
    channel: str
    under: str | None = None
    state: str
    answered_by: str | None = None
    answered_at: datetime | None = _instant(default=None)
    answer: str = _text(default="")


class FirstReviewRow(SQLModel, table=True):
    """A new workflow's first review, from its activation on."""

    __tablename__ = "first_reviews"
    __table_args__ = (
        Index("first_reviews_due", "next_at", sqlite_where=_NEXT, postgresql_where=_NEXT),
    )
    workflow: str = Field(foreign_key="workflows.key", primary_key=True)
    due_at: datetime = _instant()
    state: str
    channel: str = ""
    zone: str
    asked_at: datetime | None = _instant(default=None)
    step: int = 0
    # When the clock does the next thing to it; None when nothing is left.
    next_at: datetime | None = _instant(default=None)
    choice: str | None = None
    by: str | None = None
    instead_of: str | None = None
    at: datetime | None = _instant(default=None)
    detail: str = _text(default="")
    # Grows with every change, so that two people pressing at once get one winner.
    version: int = 1


class RevocationRow(SQLModel, table=True):
    """Who revokes a retired workflow's keys, by when, and whether that was said to be done."""

    __tablename__ = "revocations"
    __table_args__ = (
        Index("revocations_due", "next_at", sqlite_where=_NEXT, postgresql_where=_NEXT),
    )
    workflow: str = Field(foreign_key="workflows.key", primary_key=True)
    retired_at: datetime = Field(sa_column=Column(Instant, primary_key=True))
    person: str | None = Field(default=None, index=True)
    due_on: date
    channel: str
    zone: str
    state: str
    answered_by: str | None = None
    instead_of: str | None = None
    answered_at: datetime | None = _instant(default=None)
    still: datetime | None = _instant(default=None)
    # How many records of after the retirement people were told of.
    heard: int = 0
    reminded: int = 0
    next_at: datetime | None = _instant(default=None)
    version: int = 1


class NoticeRow(SQLModel, table=True):
    """The outbox. `seq` is the order within a channel, where one is sent at a time."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(
            "notices_unsent",
            "channel",
            "seq",
            sqlite_where=_UNSENT,
            postgresql_where=_UNSENT,
        ),
        Index(
            "notices_one_sender",
            "channel",
            unique=True,
            sqlite_where=_LEASED,
            postgresql_where=_LEASED,
        ),
        Index(
            "notices_set_aside",
            "seq",
            sqlite_where=_SET_ASIDE,
            postgresql_where=_SET_ASIDE,
        ),
        Index("notices_about", "topic", "seq"),
        Index("notices_sent", "sent_at"),
    )
    seq: int | None = _counter()
    key: str
    channel: str
    # A workflow's key, or the id of what it says of one.
    topic: str | None = None
    act: str
    target: str | None = Field(default=None, index=True)
    target_ts: str | None = None
    text: str = _text()
    blocks: list[dict[str, Any]] = _json()
    created_at: datetime = _instant()
    state: str = Field(default="waiting")
    due_at: datetime = _instant()
    lease: str | None = None
    leased_until: datetime | None = _instant(default=None)
    in_doubt: bool = False
    attempts: int = 0
    sent_at: datetime | None = _instant(default=None)
    # Where and under which timestamp Slack keeps it (a DM's own channel id for a person).
    posted_in: str | None = None
    ts: str | None = Field(default=None, index=True)
    reason: str | None = _text(default=None, nullable=True)
    # Since when it cannot be sent; None while nothing went wrong, and when it is sent.
    held_since: datetime | None = _instant(default=None)
    told_admin: bool = False


class ChangeRow(SQLModel, table=True):
    """The audit trail: only ever added to."""

    __tablename__ = "changes"
    __table_args__ = (Index("changes_of", "about", "id"),)
    id: int | None = _counter()
    at: datetime = _instant()
    actor: str
    about: str
    what: str
    before: dict[str, Any] = _json()
    after: dict[str, Any] = _json()
    reason: str = _text(default="")


class JobRow(SQLModel, table=True):
    """Scheduled work that is done: claimed once, by whoever inserts the row."""

    __tablename__ = "jobs"
    job: str = Field(primary_key=True)
    scope: str = Field(primary_key=True)
    period_start: datetime = Field(sa_column=Column(Instant, primary_key=True))
    done_at: datetime = _instant()


class SeenEventRow(SQLModel, table=True):
    """Slack events that were acted on. Bolt does not remove duplicates; the primary key does."""

    __tablename__ = "seen_events"
    id: str = Field(primary_key=True)
    at: datetime = _instant(index=True)


class PersonRow(SQLModel, table=True):
    """What Slack said of a person, and when."""

    __tablename__ = "people"
    id: str = Field(primary_key=True)
    name: str = _text()
    timezone: str | None = None
    outsider: bool = False
    deleted: bool = False
    read_at: datetime = _instant()


class DepartureRow(SQLModel, table=True):
    """Somebody whose account is deactivated, once it was seen to; gone when they are back."""

    __tablename__ = "departures"
    person: str = Field(primary_key=True)
    at: datetime = _instant()


class OwnerQuestionRow(SQLModel, table=True):
    """Who is to own a workflow whose owner left: the first answer settles it."""

    __tablename__ = "owner_questions"
    id: str = Field(primary_key=True)
    workflow: str = Field(foreign_key="workflows.key", index=True)
    departed: str
    # Who owns it meanwhile.
    stand_in: str | None = None
    asked: list[str] = _json()
    at: datetime = _instant()
    settled_by: str | None = None
    settled_at: datetime | None = _instant(default=None)
    owner: str | None = None


class PreferenceRow(SQLModel, table=True):
    """When a person wants to be spoken to; None is the organisation's."""

    __tablename__ = "preferences"
    person: str = Field(primary_key=True)
    quiet_hours: str | None = None
    digest: str | None = None


class HeldWordRow(SQLModel, table=True):
    """A word to one person that waits, or waited, for their hour. The key makes it one."""

    __tablename__ = "held_words"
    __table_args__ = (
        Index("held_words_due", "due_at", sqlite_where=_HELD, postgresql_where=_HELD),
    )
    key: str = Field(primary_key=True)
    topic: str | None = Field(default=None, index=True)
    person: str
    text: str = _text()
    blocks: list[dict[str, Any]] = _json()
    urgency: str
    zone: str
    held_at: datetime = _instant()
    due_at: datetime = _instant()
    # The outbox key of the message it left in.
    notice: str | None = Field(default=None, index=True)


class SourceRow(SQLModel, table=True):
    """A source belongs to the first API key that sends it."""

    __tablename__ = "sources"
    name: str = Field(primary_key=True)
    belongs_to: str
    last_at: datetime | None = _instant(default=None)
    last_received: datetime | None = _instant(default=None)
    kind: str = _added("api", Text)
    records: int = _added(0, BigInteger)
    # Records that are assumed or without a cost.
    unpriced: int = _added(0, BigInteger)


class SourceAccountRow(SQLModel, table=True):
    """That a source has brought something of an account: who counts where is decided on these."""

    __tablename__ = "source_accounts"
    source: str = Field(sa_column=Column(Text, primary_key=True))
    account: str = Field(sa_column=Column(Text, primary_key=True))
    kind: str = Field(primary_key=True)
    since: datetime = _instant()


class SourceHourRow(SQLModel, table=True):
    """In which hours something arrived from a source: its habit."""

    __tablename__ = "source_hours"
    source: str = Field(sa_column=Column(Text, primary_key=True))
    hour: datetime = Field(sa_column=Column(Instant, primary_key=True))
    records: int = _big()


class SourceWorkflowRow(SQLModel, table=True):
    """Which sources feed a workflow: the newest record that counts, by account."""

    __tablename__ = "source_workflows"
    workflow: str = Field(sa_column=Column(Text, primary_key=True))
    source: str = Field(sa_column=Column(Text, primary_key=True, index=True))
    account: str = Field(sa_column=Column(Text, primary_key=True))
    last_at: datetime = _instant()


class SilenceRow(SQLModel, table=True):
    """A source that is late, failing or silent, and has been said to be."""

    __tablename__ = "silences"
    source: str = Field(sa_column=Column(Text, primary_key=True))
    since: datetime = _instant()
    # The outbox key of the message that says it.
    notice: str


class PullRow(SQLModel, table=True):
    """How far a source that is asked, rather than sending, has been asked."""

    __tablename__ = "pulls"
    source: str = Field(sa_column=Column(Text, primary_key=True))
    # It has told all up to here.
    through: datetime | None = _instant(default=None)
    # Where an interrupted pull goes on.
    cursor: dict[str, Any] | None = _json(default=None, nullable=True)
    due_at: datetime = _instant()
    # One replica asks at a time, and another takes over from one that died.
    held_until: datetime | None = _instant(default=None)
    failures: int = 0
    succeeded_at: datetime | None = _instant(default=None)
    failed_at: datetime | None = _instant(default=None)
    error: str = _text(default="")


class AttributionRuleRow(SQLModel, table=True):
    """Whose spend is this: the rules, in the order of `position` within their clue."""

    __tablename__ = "attribution_rules"
    clue: str = Field(primary_key=True)
    pattern: str = Field(sa_column=Column(Text, primary_key=True))
    workflow: str = Field(foreign_key="workflows.key", index=True)
    position: int
    made_by: str
    made_at: datetime = _instant()


class RuleChangeRow(SQLModel, table=True):
    """A change of one rule by a person, until and after its records are told anew."""

    __tablename__ = "rule_changes"
    __table_args__ = (
        Index("rule_changes_untold", "id", sqlite_where=_UNTOLD, postgresql_where=_UNTOLD),
    )
    id: int | None = _counter()
    before: dict[str, Any] | None = _json(default=None, nullable=True)
    after: dict[str, Any] | None = _json(default=None, nullable=True)
    # Where it stood among the rules of its clue.
    place: int | None = None
    recount: int = _big()
    reach: str
    # What it was found to move when it was saved.
    cost: Decimal = _money()
    records: int = _big()
    made_by: str
    made_at: datetime = _instant()
    # The outbox key of the message that says how far it is.
    notice: str
    said: int = 0
    told: bool = False
    undone_by: str | None = None


class RecountRow(SQLModel, table=True):
    """Records since an instant are attributed anew, page by page, after a change of rules."""

    __tablename__ = "recounts"
    id: int | None = _counter()
    since: datetime = _instant()
    # Records up to this number are done.
    cursor: int = _big(default=0)
    until: int = _big()
    begun: bool = False
    looked_at: int = _big(default=0)
    moved: int = _big(default=0)
    wanted_by: str
    wanted_at: datetime = _instant()
    done_at: datetime | None = _instant(default=None)


class UsageRow(SQLModel, table=True):
    """The ledger of spend: the current revision of every record. `workflow` '' is unattributed.

    `declared` is the sender's name for it, where it did not decide. What does not `count` is known
    and in no figure. `own_account` is what its sender named, where the contract gives another.
    """

    __tablename__ = "usage"
    __table_args__ = (
        UniqueConstraint("source", "id"),
        Index("usage_of", "workflow", "at"),
        Index(
            "usage_contradicted", "at", sqlite_where=_CONTRADICTED, postgresql_where=_CONTRADICTED
        ),
        Index("usage_assumed", "at", sqlite_where=_ASSUMED, postgresql_where=_ASSUMED),
    )
    seq: int | None = _counter()
    source: str = _text()
    id: str = _text()
    workflow: str
    declared: str = _text(default="")
    at: datetime = _instant()
    provider: str = _text(default="")
    model: str = _text(default="")
    input_tokens: int | None = _big(default=None, nullable=True)
    output_tokens: int | None = _big(default=None, nullable=True)
    cache_read_tokens: int | None = _big(default=None, nullable=True)
    cache_write_tokens: int | None = _big(default=None, nullable=True)
    cost: Decimal | None = _money(default=None, nullable=True)
    basis: str
    user: str = _text(default="")
    run: str = _text(default="")
    tags: str = _text(default="")
    received_at: datetime = _instant()
    account: str = _added("", Text)
    # JSON of what the source knows of who called; empty where it knows nothing.
    clues: str = _added("", Text)
    grain: str = _added("request", Text)
    rule: str = _added("", Text)
    counts: int = _added(1, BigInteger)
    own_account: str = _added("", Text)


class CorrectedUsageRow(SQLModel, table=True):
    """What a corrected record said before; or whom it belonged to before, and after, a recount that
    reached closed months: then `was` names it.
    """

    __tablename__ = "corrected_usage"
    seq: int | None = _counter()
    source: str = _text()
    id: str = _text()
    was: dict[str, Any] = _json()
    corrected_at: datetime = _instant()


class UsageHourRow(SQLModel, table=True):
    """Roll-up. `hour` counts from local midnight, so it never straddles a day of the zone; nor one
    of UTC, by which vendors bill.
    """

    __tablename__ = "usage_hours"
    __table_args__ = (Index("usage_hours_of_account", "account", "hour"),)
    workflow: str = Field(primary_key=True)
    hour: datetime = Field(sa_column=Column(Instant, primary_key=True))
    model: str = Field(sa_column=Column(Text, primary_key=True))
    account: str = Field(sa_column=Column(Text, primary_key=True))
    cost: Decimal = _money()
    assumed: Decimal = _money()
    input_tokens: int = _big()
    output_tokens: int = _big()
    cached_tokens: int = _big()
    records: int = _big()
    unmetered: int = _big()


class PeriodTotalRow(SQLModel, table=True):
    """What a workflow's day, week, month or life since activation holds."""

    __tablename__ = "period_totals"
    workflow: str = Field(primary_key=True)
    cap: str = Field(primary_key=True)
    start: datetime = Field(sa_column=Column(Instant, primary_key=True))
    end: datetime = _instant()
    cost: Decimal = _money()
    assumed: Decimal = _money()
    records: int = _big()
    unmetered: int = _big()
    # What was booked after the period had closed ("late +$12").
    late: Decimal = _money()
    last_at: datetime = _instant()


class ChargeRow(SQLModel, table=True):
    """A line of a bill, as the vendor says it now."""

    __tablename__ = "charges"
    __table_args__ = (
        UniqueConstraint("source", "id"),
        Index("charges_of", "account", "start"),
        Index("charges_from", "source", "start"),
        Index("charges_lasting", "account", "end", sqlite_where=LASTING, postgresql_where=LASTING),
    )
    seq: int | None = _counter()
    source: str = _text()
    id: str = _text()
    account: str = _text()
    start: datetime = _instant()
    end: datetime = _instant()
    cost: Decimal = _money()
    list_cost: Decimal | None = _money(default=None, nullable=True)
    final: bool
    category: str
    provider: str = _text(default="")
    model: str = _text(default="")
    item: str = _text(default="")
    person: str = _text(default="")
    clues: str = _text(default="")
    tags: str = _text(default="")
    input_tokens: int | None = _big(default=None, nullable=True)
    output_tokens: int | None = _big(default=None, nullable=True)
    requests: int | None = _big(default=None, nullable=True)
    received_at: datetime = _instant()


class CorrectedChargeRow(SQLModel, table=True):
    """What a line of a bill said before it was changed or taken away."""

    __tablename__ = "corrected_charges"
    __table_args__ = (Index("corrected_charges_of", "source", "id"),)
    seq: int | None = _counter()
    source: str = _text()
    id: str = _text()
    was: dict[str, Any] = _json()
    corrected_at: datetime = _instant()


class UnreconciledRow(SQLModel, table=True):
    """A UTC day of an account whose bill or realtime records have changed since it was settled."""

    __tablename__ = "unreconciled_days"
    account: str = Field(sa_column=Column(Text, primary_key=True))
    day: datetime = Field(sa_column=Column(Instant, primary_key=True))
    marked_at: datetime = _instant()


class ReconciledRow(SQLModel, table=True):
    """What a UTC day of an account came to. `billed` is workflows + unattributed + unmetered."""

    __tablename__ = "reconciled_days"
    account: str = Field(sa_column=Column(Text, primary_key=True))
    day: datetime = Field(sa_column=Column(Instant, primary_key=True))
    billed: Decimal = _money()
    realtime: Decimal = _money()
    workflows: Decimal = _money()
    unattributed: Decimal = _money()
    unmetered: Decimal = _money()
    final: bool
    # Whether the bill is in the figures, or realtime records stand for it still.
    settled: bool
    at: datetime = _instant()


class AdjustmentRow(SQLModel, table=True):
    """Money booked by a person: a seat, an invoice, a credit."""

    __tablename__ = "adjustments"
    id: str = Field(primary_key=True)
    workflow: str = Field(index=True)
    amount: Decimal = _money()
    at: datetime = _instant()
    reason: str = _text()
    made_by: str
    made_at: datetime = _instant()
    undone_by: str | None = None
    undone_at: datetime | None = _instant(default=None)


class TelemetryStreamRow(SQLModel, table=True):
    """The last value of a cumulative counter: only what was added to it since is spend."""

    __tablename__ = "telemetry_streams"
    stream: str = Field(sa_column=Column(Text, primary_key=True))
    start: datetime = _instant()
    at: datetime = _instant()
    # Tokens, or nano-dollars.
    value: int = _big()
