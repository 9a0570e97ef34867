"""The Slack app manifest, `app.yaml`: Socket Mode as it stands, HTTP with an address put in."""

import io
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML

from bot.refusal import Refusal

EVENTS = "/slack/events"
_HEADING = "# The Slack app, for HTTP: Slack posts to the address below.\n"


class NoAddress(Refusal):
    """Slack could not post there."""


def manifest_text() -> str:
    """For Socket Mode: no public address needed."""
    # Beside the packages in a checkout, inside this one in a wheel.
    shipped = files("handlers") / "app.yaml"
    if shipped.is_file():
        return shipped.read_text("utf-8")
    return (Path(__file__).parents[2] / "app.yaml").read_text("utf-8")


def manifest() -> dict[str, Any]:
    read: dict[str, Any] = YAML(typ="safe").load(manifest_text())
    return read


def manifest_for(address: str) -> str:
    """For HTTP. Raises NoAddress unless it is `https://host`, maybe with a port."""
    url = _checked(address) + EVENTS
    document = manifest()
    for command in document["features"]["slash_commands"]:
        command["url"] = url
    settings = document["settings"]
    settings["event_subscriptions"] = {"request_url": url, **settings["event_subscriptions"]}
    settings["interactivity"] |= {"request_url": url}
    settings["socket_mode_enabled"] = False
    return _HEADING + _dumped(document)


def _checked(address: str) -> str:
    wrong = f"“{address}” is no address Slack can post to. Write it like https://budget.example.com"
    try:
        url = urlsplit(address)
        host, _ = url.hostname, url.port
    except ValueError:
        raise NoAddress(f"{wrong}.") from None
    if url.scheme != "https" or not host:
        raise NoAddress(f"{wrong}, with https.")
    if url.path.strip("/") or url.query or url.fragment or url.username is not None:
        raise NoAddress(f"{wrong}: without a path; {EVENTS} is added.")
    return f"https://{url.netloc}"


def _dumped(document: dict[str, Any]) -> str:
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 1_000
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()
