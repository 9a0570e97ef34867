from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from bot.attribution import Clue
from bot.cards.rule_words import somebodys
from bot.freshness import Feed, feeds_of_all
from bot.namesakes import EVERYTHING, Sight, called
from handlers.steps.read_sight import read_known_people
from storage.ledger import Ledger


async def read_feeds(
    ledger: Ledger, workflows: Collection[str], now: datetime
) -> Mapping[str, tuple[Feed, ...]]:
    """The sources that feed each, as a channel may read of them: without names of persons."""
    feeds = await ledger.freshness.feeds(workflows, now)
    if not feeds:
        return {}
    sight = Sight(names=False, people=called(await read_known_people(ledger)))
    return {key: tuple(_seen(feed, sight) for feed in each) for key, each in feeds.items()}


async def read_all_feeds(
    ledger: Ledger,
    since: datetime,
    now: datetime,
    sight: Sight = EVERYTHING,
    account: str | None = None,
) -> tuple[Feed, ...]:
    """The sources that may tell of spend from `since` on that belongs to no workflow, or is of
    one account.
    """
    feeds = feeds_of_all(await ledger.freshness.sources(), since, now, account)
    return tuple(_seen(feed, sight) for feed in feeds)


def _seen(feed: Feed, sight: Sight) -> Feed:
    if not sight.hides(Clue.SOURCE, feed.source):
        return feed
    return replace(feed, source=somebodys(Clue.SOURCE))
