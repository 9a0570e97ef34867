"""One record of spend: what a sender says of a call, and what is kept of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import NoReturn

import msgspec

from bot.attribution import NO_CLUES, Clues, Trace
from bot.money import LARGEST, ZERO, from_nanos, say, to_nanos
from bot.prices import Tokens, price
from bot.providers import standard_provider
from bot.refusal import Refusal
from bot.sources import Kind, is_own

AHEAD = timedelta(minutes=5)
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
MOST = 10**12
MOST_TAGS = 50
LONGEST = {
    "id": 255,
    "source": 100,
    "workflow": 200,
    "provider": 200,
    "model": 200,
    "user": 200,
    "run": 200,
    "account": 200,
    "key": 200,
    "key_name": 200,
    "project": 200,
    "team": 200,
    "service": 200,
    "repository": 200,
}
# A source is looked at by itself.
_texts = attrgetter(*(name for name in LONGEST if name != "source"))
_SHORTEST_LIMIT = min(longest for name, longest in LONGEST.items() if name != "source")


class CostBasis(StrEnum):
    """Where a cost comes from. The first three are the sender's word, the others the bot's."""

    BILLED = "billed"
    PROVIDER_ESTIMATE = "provider_estimate"
    CLIENT_ESTIMATE = "client_estimate"
    COMPUTED = "computed"
    ASSUMED = "assumed"
    UNMETERED = "unmetered"


SENT_BASES = (CostBasis.BILLED, CostBasis.PROVIDER_ESTIMATE, CostBasis.CLIENT_ESTIMATE)


class Grain(StrEnum):
    """A bucket adds several calls up, so it is never priced as one."""

    REQUEST = "request"
    BUCKET = "bucket"


class Outcome(StrEnum):
    """What became of a record. The same content again is REPEATED, another one CORRECTED."""

    TAKEN = "taken"
    REPEATED = "repeated"
    CORRECTED = "corrected"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """`field` and `reason` say why a record was refused."""

    outcome: Outcome
    field: str | None = None
    reason: str | None = None


TAKEN = Answer(Outcome.TAKEN)
REPEATED = Answer(Outcome.REPEATED)
CORRECTED = Answer(Outcome.CORRECTED)


class NotUsage(Refusal):
    """A record that cannot be booked; `field` says why."""


# Neither can be part of a circle, and thousands come at once: the garbage collector is spared them.
class SentUsage(msgspec.Struct, forbid_unknown_fields=True, frozen=True, gc=False):
    """A record as it was sent, unchecked. Money is USD; `source` empty is the sender's own name.

    Tags by name are kept as `name:value`. `account` is the vendor's billing account, the provider
    where nothing is said; `key` an id or a hash, never the secret.
    """

    id: str
    at: datetime
    workflow: str = ""
    source: str = ""
    provider: str = ""
    model: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    cost: Decimal | None = None
    cost_basis: CostBasis | None = None
    currency: str = "USD"
    user: str = ""
    run: str = ""
    tags: tuple[str, ...] | dict[str, str] = ()
    grain: Grain = Grain.REQUEST
    account: str = ""
    key: str = ""
    key_name: str = ""
    project: str = ""
    team: str = ""
    service: str = ""
    repository: str = ""


class Usage(msgspec.Struct, frozen=True, gc=False):
    """A checked and priced record. `sender` is the API key (or `import`) that brought it.

    `nanos` is its cost in whole nano-dollars, None where there was nothing to price. `workflow` is
    the name the sender gave; `assigned`: it is the workflow, whatever the rules of attribution say.
    `fills`: it tells again what another way of the same source may have told already, and changes
    a record only where tokens or money differ.
    """

    source: str
    id: str
    workflow: str
    at: datetime
    provider: str
    model: str
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    nanos: int | None
    basis: CostBasis
    user: str
    run: str
    tags: tuple[str, ...]
    sender: str
    account: str = ""
    clues: Clues = NO_CLUES
    grain: Grain = Grain.REQUEST
    kind: Kind = Kind.API
    assigned: bool = False
    fills: bool = False

    @property
    def cost(self) -> Decimal | None:
        return None if self.nanos is None else from_nanos(self.nanos)

    @property
    def tokens(self) -> Tokens:
        return Tokens(
            self.input_tokens or 0,
            self.output_tokens or 0,
            self.cache_read_tokens or 0,
            self.cache_write_tokens or 0,
        )

    @property
    def trace(self) -> Trace:
        return Trace(self.clues, self.workflow, self.tags, self.user, self.source)


def read_usage(sent: SentUsage, sender: str, now: datetime) -> Usage:
    """The record as it is booked. Raises NotUsage naming the first field that is wrong."""
    tags = _tags(sent.tags) if sent.tags else ()
    _check_texts(sent, tags)
    _check_instant(sent.at, now)
    tokens = _tokens(sent)
    nanos, basis = _priced(sent, tokens) if sent.cost is None else _given(sent, sent.cost)
    return Usage(
        sent.source or sender,
        sent.id,
        sent.workflow,
        sent.at,
        sent.provider,
        sent.model,
        sent.input_tokens,
        sent.output_tokens,
        sent.cache_read_tokens,
        sent.cache_write_tokens,
        nanos,
        basis,
        sent.user,
        sent.run,
        tags,
        sender,
        # The same vendor has one name, whichever door it is heard of through.
        standard_provider(sent.account or sent.provider),
        _clues(sent),
        sent.grain,
    )


def _clues(sent: SentUsage) -> Clues:
    said = (sent.key, sent.key_name, sent.team, sent.project, sent.service, sent.repository)
    if not any(said):
        return NO_CLUES
    key, key_name, *rest = said
    return Clues(key, key_name, "", *rest)


def _check_texts(sent: SentUsage, tags: tuple[str, ...]) -> None:
    if not sent.id or sent.id.isspace():
        raise NotUsage(
            "An id is missing: the sender's own, the same when it sends again.", field="id"
        )
    # Nearly every record passes in one look; only what does not is looked at field by field.
    texts = _texts(sent) + tags
    together = "".join(texts)
    fits = len(together) <= _SHORTEST_LIMIT or max(map(len, texts)) <= _SHORTEST_LIMIT
    plain = fits and together.isascii() and "\0" not in together
    if not plain or sent.source or len(tags) > MOST_TAGS:
        _check_each(sent, tags)


def _check_each(sent: SentUsage, tags: tuple[str, ...]) -> None:
    _check_source(sent.source)
    for name, longest in LONGEST.items():
        _check_text(name, getattr(sent, name), longest)
    if len(tags) > MOST_TAGS:
        raise NotUsage(f"At most {MOST_TAGS} tags.", field="tags")
    for tag in tags:
        _check_text("tags", tag, LONGEST["user"])


def _tags(sent: tuple[str, ...] | dict[str, str]) -> tuple[str, ...]:
    """An object is the same in any order."""
    if isinstance(sent, tuple):
        return sent
    return tuple(sorted(f"{name}:{value}" for name, value in sent.items()))


def _check_source(source: str) -> None:
    if is_own(source):
        raise NotUsage("This name is the bot's own. Send under another.", field="source")


def _check_text(name: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise NotUsage(f"{len(text)} characters; at most {longest} are kept.", field=name)
    if "\0" in text or not _encodable(text):
        raise NotUsage("It holds a character that is no text (NUL or half a pair).", field=name)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_instant(at: datetime, now: datetime) -> None:
    if at.tzinfo is None:
        raise NotUsage("It has no zone. Write it like 2026-11-23T09:00:00Z.", field="at")
    if at > now + AHEAD:
        raise NotUsage("It is more than 5 minutes ahead of now.", field="at")
    if at < OLDEST:
        raise NotUsage("It is before the year 2000.", field="at")


def _tokens(sent: SentUsage) -> Tokens:
    inputs, outputs = sent.input_tokens or 0, sent.output_tokens or 0
    read, written = sent.cache_read_tokens or 0, sent.cache_write_tokens or 0
    tokens = Tokens(inputs, outputs, read, written)
    if read < 0 or written < 0 or not (read + written <= inputs <= MOST >= outputs >= 0):
        _refuse(sent, tokens)
    return tokens


def _refuse(sent: SentUsage, tokens: Tokens) -> NoReturn:
    for name in ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"):
        if not 0 <= (getattr(sent, name) or 0) <= MOST:
            raise NotUsage("A count of tokens is a whole number from 0 to 10¹².", field=name)
    name = "cache_read_tokens" if tokens.cache_read > tokens.input else "cache_write_tokens"
    raise NotUsage(
        f"{tokens.cache_read:,} read from and {tokens.cache_write:,} written to a cache are more "
        f"than the {tokens.input:,} input_tokens, which include both.",
        field=name,
    )


def _given(sent: SentUsage, cost: Decimal) -> tuple[int, CostBasis]:
    if sent.currency != "USD" and sent.currency.upper() != "USD":
        raise NotUsage(
            "Costs are booked in USD only. Send USD, or leave the cost out.", field="currency"
        )
    if not cost.is_finite() or cost < ZERO:
        raise NotUsage("A cost is zero or more. Credits are booked as adjustments.", field="cost")
    if cost > LARGEST:
        raise NotUsage(f"A cost is at most {say(LARGEST)}.", field="cost")
    basis = sent.cost_basis or CostBasis.PROVIDER_ESTIMATE
    if basis not in SENT_BASES:
        raise NotUsage(f"A sent cost is {', '.join(SENT_BASES)}, not {basis}.", field="cost_basis")
    return to_nanos(cost), basis


def _priced(sent: SentUsage, tokens: Tokens) -> tuple[int | None, CostBasis]:
    if sent.input_tokens is None and sent.output_tokens is None:
        return None, CostBasis.UNMETERED
    bucket = sent.grain is Grain.BUCKET
    nanos, assumed = price(sent.provider, sent.model, tokens, sent.at, bucket=bucket)
    return nanos, CostBasis.ASSUMED if assumed else CostBasis.COMPUTED
