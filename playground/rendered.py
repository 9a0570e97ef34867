"""The workspace's values as Slack writes them in answers and payloads."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from playground.shapes import Channel, Json, Message, Person, View
from playground.workspace import Workspace


def user(person: Person, space: Workspace, *, with_email: bool) -> Json:
    zone = ZoneInfo(person.tz)
    offset = datetime.fromtimestamp(0, UTC).astimezone(zone).utcoffset()
    flags = ("deleted", "is_admin", "is_restricted", "is_ultra_restricted", "is_stranger", "is_bot")
    return {
        "id": person.id,
        "team_id": space.team.id,
        "name": person.name,
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": _profile(person, with_email=with_email),
        "is_app_user": False,
        **{flag: getattr(person, flag) for flag in flags},
    }


def _profile(person: Person, *, with_email: bool) -> Json:
    names = {"real_name": person.real_name, "display_name": person.name}
    return names | ({"email": person.email} if with_email and person.email else {})


def channel(found: Channel, space: Workspace) -> Json:
    if found.dm_with:
        return _direct(found)
    return {
        "id": found.id,
        "name": found.name,
        "name_normalized": found.name,
        "is_channel": not found.is_private,
        "is_group": found.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": found.is_private,
        "is_archived": found.is_archived,
        "is_member": space.bot.user_id in found.members,
        "num_members": len(found.members),
        "context_team_id": space.team.id,
        "topic": {"value": ""},
        "purpose": {"value": ""},
    }


def _direct(found: Channel) -> Json:
    return {"id": found.id, "is_im": True, "is_archived": False, "user": found.dm_with}


def message(said: Message, space: Workspace, *, with_metadata: bool = True) -> Json:
    """A message as `conversations.history` has it, without the fields that are empty."""
    extras = {
        "subtype": said.subtype,
        "bot_id": said.bot_id,
        "app_id": said.bot_id and space.bot.app_id,
        "blocks": list(said.blocks),
        "metadata": said.metadata if with_metadata else None,
        "edited": said.edited,
        "reactions": [
            {"name": r.name, "users": list(r.users), "count": len(r.users)} for r in said.reactions
        ],
        **_thread(said, space),
    }
    core = {"type": "message", "user": said.user, "text": said.text, "ts": said.ts}
    return core | {"team": space.team.id} | {name: value for name, value in extras.items() if value}


def _thread(said: Message, space: Workspace) -> Json:
    if said.is_reply:
        parent = space.find(said.channel, said.thread_ts or "")
        return {"thread_ts": said.thread_ts, "parent_user_id": parent and parent.user}
    replies = [] if said.only_for else space.replies(said)
    if not replies:
        return {}
    writers = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": said.ts,
        "reply_count": len(replies),
        "reply_users": writers,
        "reply_users_count": len(writers),
        "latest_reply": replies[-1].ts,
    }


BLANK_VIEW: Json = {
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "title": None,
    "close": None,
    "submit": None,
    "clear_on_close": False,
    "notify_on_close": False,
}


def view(shown: View, space: Workspace) -> Json:
    about = {
        "id": shown.id,
        "team_id": space.team.id,
        "app_id": space.bot.app_id,
        "app_installed_team_id": space.team.id,
        "bot_id": space.bot.bot_id,
        "hash": shown.hash,
        "root_view_id": shown.root_id,
        "previous_view_id": shown.previous_id,
        "state": {"values": shown.values},
    }
    return BLANK_VIEW | shown.body | about
