"""What `budget-bot doctor` finds: is it well, and what is to be done where it is not."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.freshness import Ailment, Source, is_watched, mark
from bot.names import quoted
from bot.notices import Backlog, Sending, Trouble
from bot.policy import Organisation
from bot.source_words import facts, failure
from bot.sources import is_reserved
from bot.teams import Team

# sqlite.org/wal.html: two connections that checkpoint together can corrupt the file.
_WAL_BROKEN_FROM, _WAL_MENDED_IN = (3, 7, 0), (3, 51, 3)
_LATE_AFTER = timedelta(minutes=10)
_STALE_AFTER = timedelta(days=2)
_REASON_SHOWN = 80


class State(StrEnum):
    WELL = "well"
    DOUBTFUL = "doubtful"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """`todo` is empty where nothing is to be done."""

    about: str
    state: State
    says: str
    todo: str = ""


def well(about: str, says: str) -> Finding:
    return Finding(about, State.WELL, says)


def doubtful(about: str, says: str, todo: str) -> Finding:
    return Finding(about, State.DOUBTFUL, says, todo)


def broken(about: str, says: str, todo: str) -> Finding:
    return Finding(about, State.BROKEN, says, todo)


KEY_LENGTH = 16


def api_keys(lengths: Mapping[str, int]) -> Finding:
    """How many characters the key of each machine has."""
    ours = sorted(filter(is_reserved, lengths))
    if ours:
        return doubtful(
            "API keys",
            f"named as sources of the bot itself: {', '.join(map(quoted, ours))}",
            "Give these machines other names; what they send is taken for the bot's own.",
        )
    short = sorted(name for name, length in lengths.items() if length < KEY_LENGTH)
    if not short:
        return well("API keys", f"{len(lengths)} for machines")
    return doubtful(
        "API keys",
        f"the key of {', '.join(short)} is short enough to be guessed",
        f"Use {KEY_LENGTH} characters or more: openssl rand -hex 24",
    )


def litellm_source(source: str, keys: Collection[str]) -> Finding:
    """Is LiteLLM asked under the name it pushes with? `keys`: the names of the API keys."""
    if source in keys:
        return well("LiteLLM", f"pushes and is asked as {quoted(source)}")
    return doubtful(
        "LiteLLM",
        f"is asked as {quoted(source)}, which no API key is named: what it pushes counts twice",
        "Set BUDGET_BOT_LITELLM_SOURCE to the name of the key in BUDGET_BOT_API_KEYS it pushes "
        "with. Nothing is to be done where it pushes nothing.",
    )


def sqlite(version: tuple[int, ...]) -> Finding:
    written = ".".join(map(str, version))
    if not _WAL_BROKEN_FROM <= version < _WAL_MENDED_IN:
        return well("SQLite", written)
    return doubtful(
        "SQLite",
        f"{written} can corrupt its log (WAL) when two connections checkpoint together",
        "Keep to one bot process, or use SQLite 3.51.3 or newer, or PostgreSQL.",
    )


def schema(found: str | None, needed: str) -> Finding:
    if found == needed:
        return well("schema", f"revision {found}")
    if found is None:
        return doubtful("schema", "the database is empty", "`budget-bot serve` sets it up.")
    return broken(
        "schema", f"revision {found}, this release needs {needed}", "Run `budget-bot migrate`."
    )


def organisation(found: Organisation, teams: Collection[Team]) -> Iterator[Finding]:
    contract = "in the contract file, then `budget-bot contract apply`."
    if found.admins:
        yield well("admins", ", ".join(found.admins))
    else:
        yield doubtful("admins", "none", 'Set BUDGET_BOT_ADMINS, as in ["U012ABCDEF"].')
    if found.finance:
        yield well("finance", ", ".join(found.finance))
    else:
        yield doubtful("finance", "nobody; large requests go to admins", f"Set finance {contract}")
    if not teams:
        yield doubtful("teams", "none", f"Write them {contract}")
    for team in teams:
        yield _approver(team, contract)


def _approver(team: Team, contract: str) -> Finding:
    about = f"team {team.key}"
    if team.approver:
        return well(about, f"approver {team.approver}")
    todo = f"Set its approver {contract}"
    return doubtful(about, "no approver; finance or admins approve", todo)


def scopes(granted: Collection[str], wanted: Collection[str]) -> Finding:
    lacking = sorted(set(wanted) - set(granted))
    if not lacking:
        return well("scopes", f"all {len(wanted)} are granted")
    return broken(
        "scopes",
        f"missing: {', '.join(lacking)}",
        "Update the app with `budget-bot manifest`, and install it again.",
    )


def outbox(backlog: Backlog, troubles: Iterable[Trouble]) -> Iterator[Finding]:
    minutes = int(backlog.oldest.total_seconds() // 60)
    if backlog.oldest <= _LATE_AFTER:
        yield well("outbox", f"{backlog.waiting} waiting")
    else:
        says = f"{backlog.waiting} waiting, the oldest for {minutes:,} minutes"
        yield broken("outbox", says, "Is `budget-bot serve` running, and does Slack answer it?")
    for trouble in troubles:
        yield _troubled(trouble)


def _troubled(trouble: Trouble) -> Finding:
    state = "set aside" if trouble.state is Sending.SET_ASIDE else "held"
    says = f"{state} for {trouble.channel}: {trouble.reason[:_REASON_SHOWN]}"
    return doubtful(f"message {trouble.key}", says, "Mend the cause; it was not sent.")


def sources(found: Collection[Source], now: datetime) -> Iterator[Finding]:
    listed = [one for one in found if one.is_listed]
    if not listed:
        yield doubtful("spend", "none yet", "Send it to POST /v1/usage, or `budget-bot import`.")
    yield from (_source(one, now) for one in listed)


def _source(source: Source, now: datetime) -> Finding:
    about, says, trouble = f"source {source.name}", facts(source, now), mark(source, now)
    failed = failure(source)
    if failed or trouble is Ailment.FAILING:
        todo = f"`budget-bot source test {source.name}` says what is wrong."
        return doubtful(about, "; ".join(filter(None, (says, failed))), todo)
    if trouble is not None or (is_watched(source) and _is_stale(source, now)):
        return doubtful(about, says, "Look whether its sender still runs.")
    return well(about, says)


def _is_stale(source: Source, now: datetime) -> bool:
    """Whether or not the bot has been running to notice."""
    heard = source.succeeded
    return heard is not None and now - heard > _STALE_AFTER
