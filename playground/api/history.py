from collections.abc import Callable, Iterable

from playground import rendered
from playground.api import places
from playground.api.arguments import Arguments
from playground.api.paging import page
from playground.refusals import Refused
from playground.shapes import Json, Message
from playground.slack import Slack

FIRST, LAST = "0", "9999999999"


def history(slack: Slack, args: Arguments) -> Json:
    """Newest first, without the replies that are only in threads."""
    channel = places.joined(slack, places.read(slack, args, "history"))
    top = [m for m in slack.workspace.messages(channel.id) if m.is_in_channel]
    return _answer(slack, [m for m in reversed(top) if _within(args)(m)], args)


def replies(slack: Slack, args: Arguments) -> Json:
    """The parent, then its replies, oldest first; the parent whatever the times asked for."""
    channel = places.joined(slack, places.read(slack, args, "history"))
    asked = slack.workspace.messages(channel.id).get(args.text("ts"))
    if asked is None:
        raise Refused("thread_not_found")
    parent = slack.workspace.find(channel.id, asked.thread_ts or asked.ts) or asked
    later = filter(_within(args), slack.workspace.replies(parent))
    return _answer(slack, [parent, *later], args)


def _within(args: Arguments) -> Callable[[Message], bool]:
    """`oldest` and `latest` themselves count only with `inclusive`."""
    oldest = float(args.maybe("oldest") or FIRST)
    latest = float(args.maybe("latest") or LAST)
    inclusive = args.flag("inclusive")

    def within(message: Message) -> bool:
        ts = float(message.ts)
        return oldest < ts < latest or (inclusive and ts in {oldest, latest})

    return within


def _answer(slack: Slack, found: list[Message], args: Arguments) -> Json:
    shown, more = page(found, args)
    messages = _messages(slack, shown, with_metadata=args.flag("include_all_metadata"))
    has_more = bool(more["next_cursor"])
    return {"messages": messages, "has_more": has_more, "response_metadata": more}


def _messages(slack: Slack, found: Iterable[Message], *, with_metadata: bool) -> list[Json]:
    return [rendered.message(m, slack.workspace, with_metadata=with_metadata) for m in found]
