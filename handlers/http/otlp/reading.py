"""From telemetry to checked usage: what counts of a request, each record refused on its own."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from bot.sources import Kind, Signal, client_source
from bot.telemetry.attributes import text
from bot.telemetry.clients import Choice, Read, client_of, client_of_log, log_reader, span_reader
from bot.telemetry.genai import RESPONSE
from bot.telemetry.nesting import Call, told_once
from bot.telemetry.records import Origin, Record
from bot.usage import Answer, NotUsage, Outcome, SentUsage, Usage, read_usage


@dataclass
class Heard:
    """What one request brings: `usages` wait to be booked, `reason` is why the first was rejected.

    `sender` is the name of the API key.
    """

    sender: str
    choice: Choice
    now: datetime
    usages: list[Usage] = field(default_factory=list)
    rejected: int = 0
    reason: str = ""
    _sources: dict[tuple[Signal, str], str] = field(default_factory=dict)
    _fit: set[str] = field(default_factory=set)

    def logs(self, scopes: Iterable[tuple[Origin, Iterable[Record]]]) -> None:
        for _, records in scopes:
            for record in records:
                client = client_of_log(record)
                if client is not None and self.source(Signal.LOGS, client):
                    source = self.source(Signal.LOGS, client)
                    self.usages.extend(self._read(record, log_reader(client), source))

    def spans(self, scopes: Iterable[tuple[Origin, Iterable[Record]]]) -> None:
        calls: list[Call] = []
        for origin, records in scopes:
            client = client_of(origin)
            source = self.source(Signal.SPANS, client)
            if source:
                read = span_reader(client)
                calls += [
                    Call(
                        record.id,
                        record.parent,
                        usage,
                        text(record.attributes, RESPONSE),
                        origin.scope,
                    )
                    for record in records
                    for usage in self._read(record, read, source)
                ]
        self.usages.extend(told_once(calls))

    def source(self, signal: Signal, client: str) -> str:
        """The name it is booked under, empty where another of the client's signals counts."""
        known = self._sources.get((signal, client))
        if known is None:
            source = client_source(self.sender, client)
            known = source if self.choice.counts(signal, source, client) else ""
            self._sources[signal, client] = known
        return known

    def hear(self, answers: Iterable[Answer]) -> None:
        """What became of the records."""
        for answer in answers:
            if answer.outcome is Outcome.REFUSED:
                self.reject(answer.field, answer.reason or "")

    def reject(self, named: str | None, why: str, number: int = 1) -> None:
        self.rejected += number
        self.reason = self.reason or (f"{named}: {why}" if named else why)

    def _read(self, record: Record, read: Read, source: str) -> tuple[Usage, ...]:
        """Empty where it is no call, or is rejected."""
        try:
            sent = read(record)
            return () if sent is None else (self.checked(sent, source),)
        except NotUsage as no:
            self.reject(no.field, str(no))
            return ()

    def checked(self, sent: SentUsage, source: str) -> Usage:
        """Raises NotUsage."""
        if source not in self._fit:
            # A program calls itself what it likes. Looked at once, not for every record.
            read_usage(replace(sent, source=source), self.sender, self.now)
            self._fit.add(source)
        usage = read_usage(sent, source, self.now)
        return replace(usage, sender=self.sender, kind=Kind.TELEMETRY)
