from dataclasses import dataclass

from playground.address import Address
from playground.calls import Calls
from playground.config import Config
from playground.faults import Faults
from playground.limits import Limits
from playground.link.delivery import Link
from playground.link.events import Events
from playground.link.http import HttpLink
from playground.link.socket import SocketLink
from playground.pulse import Pulse
from playground.shapes import Json
from playground.store import Store
from playground.triggers import Triggers
from playground.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Slack:
    """Everything one playground has at hand."""

    config: Config
    store: Store
    workspace: Workspace
    pulse: Pulse
    faults: Faults
    limits: Limits
    calls: Calls
    triggers: Triggers
    sockets: SocketLink
    link: Link
    events: Events
    address: Address

    @property
    def manifest(self) -> Json:
        return self.config.manifest or {}

    @property
    def has_home(self) -> bool:
        """Whether the app has a Home tab; without a manifest nothing is forbidden."""
        home = self.manifest.get("features", {}).get("app_home", {})
        return self.config.manifest is None or home.get("home_tab_enabled") is True

    async def close(self) -> None:
        await self.events.close()
        await self.link.close()
        self.store.close()


def open_slack(config: Config) -> Slack:
    pulse, faults, store = Pulse(), Faults(), Store(config.state)
    workspace = Workspace(config.seed, store, pulse.tell)
    sockets = SocketLink(config, workspace)
    link: Link = sockets if config.socket_mode else HttpLink(config, faults)
    return Slack(
        config=config,
        store=store,
        workspace=workspace,
        pulse=pulse,
        faults=faults,
        limits=Limits(on=config.rate_limits),
        calls=Calls(),
        triggers=Triggers(config.trigger_seconds),
        sockets=sockets,
        link=link,
        events=Events(config, workspace, link, faults),
        address=Address(),
    )
