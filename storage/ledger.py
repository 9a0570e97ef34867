"""One open transaction, with everything the bot remembers hanging on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlmodel.ext.asyncio.session import AsyncSession

from storage.account_figures import AccountFigures
from storage.acknowledgements import Acknowledgements
from storage.adjustments import Adjustments
from storage.alerts import Alerts
from storage.attribution_rules import AttributionRules
from storage.bill_lines import BillLines
from storage.bill_traces import BillTraces
from storage.break_glass import BrokenGlass
from storage.changes import Changes
from storage.charges import Charges
from storage.deliveries import Deliveries
from storage.departures import Departures
from storage.drafts import Drafts
from storage.explanations import Explanations
from storage.first_reviews import FirstReviews
from storage.forewarnings import Forewarnings
from storage.freshness import Freshness
from storage.held_words import HeldWords
from storage.history import History
from storage.jobs import Jobs
from storage.notices import Notices
from storage.organisation import Organisations
from storage.outcomes import Outcomes
from storage.overrides import Overrides
from storage.people import People
from storage.preferences import PersonalPreferences
from storage.proven import ProvenWorkflows
from storage.pulls import Pulls
from storage.reassignments import Reassignments
from storage.reconciled import Reconciliations
from storage.recount_trials import RecountTrials
from storage.recounts import Recounts
from storage.request_cards import RequestCards
from storage.requests import Requests
from storage.review_material import ReviewMaterial
from storage.reviews import Reviews
from storage.revocations import Revocations
from storage.rule_changes import RuleChanges
from storage.sendings import Sendings
from storage.silences import Silences
from storage.snoozes import Snoozes
from storage.source_accounts import SourceAccounts
from storage.sources import Sources
from storage.spend import Spend
from storage.take_backs import TakeBacks
from storage.teams import Teams
from storage.telemetry_streams import TelemetryStreams
from storage.tier_drops import TierDrops
from storage.traces import Traces
from storage.trial_records import TrialRecords
from storage.usage import Memory, UsageRecords
from storage.workflows import Workflows


class Ledger:
    def __init__(  # noqa: PLR0915
        self, session: AsyncSession, memory: Memory, *, is_sqlite: bool, rehearses: bool = False
    ) -> None:
        self._session = session
        self.organisation = Organisations(session)
        self.teams = Teams(session)
        self.workflows = Workflows(session)
        self.overrides = Overrides(session)
        self.requests = Requests(session)
        self.request_cards = RequestCards(session)
        self.alerts = Alerts(session)
        self.snoozes = Snoozes(session)
        self.acknowledgements = Acknowledgements(session)
        self.explanations = Explanations(session)
        self.tier_drops = TierDrops(session)
        self.reviews = Reviews(session)
        self.material = ReviewMaterial(session)
        self.reassignments = Reassignments(session)
        self.first_reviews = FirstReviews(session)
        self.revocations = Revocations(session)
        self.notices = Notices(session)
        self.deliveries = Deliveries(session)
        self.sendings = Sendings(session)
        self.changes = Changes(session)
        self.jobs = Jobs(session)
        self.people = People(session)
        self.departures = Departures(session)
        self.preferences = PersonalPreferences(session)
        self.held_words = HeldWords(session)
        self.spend = Spend(session)
        self.history = History(session)
        self.forewarnings = Forewarnings(session)
        self.drafts = Drafts(session)
        self.proven = ProvenWorkflows(session)
        self.break_glass = BrokenGlass(session)
        self.outcomes = Outcomes(session)
        self.take_backs = TakeBacks(session)
        self.adjustments = Adjustments(session)
        self.pulls = Pulls(session)
        self.freshness = Freshness(session)
        self.silences = Silences(session)
        self.telemetry_streams = TelemetryStreams(session)
        self.sources = Sources(session)
        self.source_accounts = SourceAccounts(session)
        self.attribution_rules = AttributionRules(session)
        self.rule_changes = RuleChanges(session)
        self.traces = Traces(session)
        self.trial_records = TrialRecords(session)
        self.charges = Charges(session)
        self.bill_lines = BillLines(session)
        self.account_figures = AccountFigures(session)
        self.bill_traces = BillTraces(session)
        # Where there are several writers, each works out what it holds.
        known = memory.settlements if is_sqlite else {}
        self.reconciliations = Reconciliations(session, known, holds=not rehearses)
        self.recounts = Recounts(session)
        self.recount_trials = RecountTrials(session)
        self.usage = UsageRecords(session, memory, is_sqlite=is_sqlite)

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """What raises in here is undone by itself; what the ledger did before stays."""
        async with self._session.begin_nested():
            yield

    async def flush(self) -> None:
        """Say to the database what is only noted so far."""
        await self._session.flush()
