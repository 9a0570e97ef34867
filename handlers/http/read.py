"""What a door has read of a request: records, each checked or refused on its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from bot.usage import Answer, NotUsage, Outcome, Usage


class Malformed(Exception):
    """The body is not what the door takes, nor a list of it."""


class TooMany(Exception):
    """More records than one request may bring."""


class _Named(msgspec.Struct):
    id: str | None = None


_named = msgspec.json.Decoder(_Named)


@dataclass
class Read:
    """In order: `answers` has None where a record waits to be booked."""

    ids: list[str | None] = field(default_factory=list)
    usages: list[Usage] = field(default_factory=list)
    answers: list[Answer | None] = field(default_factory=list)

    def take(self, name: str | None, usage: Usage) -> None:
        self.ids.append(name)
        self.usages.append(usage)
        self.answers.append(None)

    def refuse(self, name: str | None, answer: Answer) -> None:
        self.ids.append(name)
        self.answers.append(answer)

    def refuse_for(self, name: str | None, no: NotUsage) -> None:
        self.refuse(name, Answer(Outcome.REFUSED, no.field, str(no)))

    def leave_out(self, why: Callable[[Usage], Answer | None]) -> None:
        """Refuse what there is an answer to already."""
        if not any(map(why, self.usages)):
            return
        waiting, self.usages = iter(self.usages), []
        for at, answer in enumerate(self.answers):
            if answer is None:
                usage = next(waiting)
                self.answers[at] = refused = why(usage)
                if refused is None:
                    self.usages.append(usage)

    def answered(self, booked: Sequence[Answer]) -> list[Answer]:
        rest = iter(booked)
        return [next(rest) if answer is None else answer for answer in self.answers]


def id_in(raw: bytes) -> str | None:
    """What a record that cannot be read calls itself, where that much can be."""
    try:
        return _named.decode(raw).id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
