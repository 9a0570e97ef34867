from typing import Any

BOT = "U0BOT"
TEAM_CHANNELS = {"C0SEARCH": "search", "C0SUPPORT": "support", "C0GROWTH": "growth"}
OPS_CHANNEL = ("C0OPS", "budget-ops")
STAFF = {
    "U0OWEN": ("owen", "Owen Park", "Europe/Berlin"),
    "U0MIA": ("mia", "Mia Brandt", "Europe/Berlin"),
    "U0ANA": ("ana", "Ana Costa", "Europe/Lisbon"),
    "U0FIN": ("finn", "Finn Doyle", "Europe/Dublin"),
    "U0SAM": ("sam", "Sam Rivera", "America/New_York"),
}
GUEST = "U0GUEST"


def seed() -> dict[str, Any]:
    """A small company: three teams, an ops channel, five colleagues and a guest.

    The bot and the five are in every channel; the guest is in #search only.
    """
    return {
        "team": {"id": "T0ACME", "name": "Acme", "domain": "acme"},
        "bot": {"user_id": BOT, "bot_id": "B0BOT", "app_id": "A0BOT", "name": "budget-bot"},
        "users": [*_staff(), _guest()],
        "channels": [_channel(id_, name) for id_, name in _channels()],
    }


def _channels() -> list[tuple[str, str]]:
    return [*TEAM_CHANNELS.items(), OPS_CHANNEL]


def _staff() -> list[dict[str, Any]]:
    return [_person(id_, *who) for id_, who in STAFF.items()]


def _person(id_: str, name: str, real_name: str, tz: str) -> dict[str, Any]:
    email = f"{name}@acme.test"
    return {"id": id_, "name": name, "real_name": real_name, "tz": tz, "email": email}


def _guest() -> dict[str, Any]:
    return _person(GUEST, "gil", "Gil Novak", "Europe/Prague") | {"is_restricted": True}


def _channel(id_: str, name: str) -> dict[str, Any]:
    guests = [GUEST] if id_ == "C0SEARCH" else []
    return {"id": id_, "name": name, "members": [BOT, *STAFF, *guests]}
