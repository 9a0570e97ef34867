"""People at a workspace. It alone knows the playground's control API; journeys speak through it."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx

Json = dict[str, Any]


class Impossible(AssertionError):
    """Nobody could have done that in Slack: no such button, no such field."""


class Workspace:
    """The playground, and a way to move the bot's own work along without waiting."""

    def __init__(self, control: httpx.AsyncClient, bot: httpx.AsyncClient, settle: Any) -> None:
        self._control = control
        self.bot = bot
        self.settle = settle

    def user(self, user: str) -> "Person":
        return Person(self, user)

    async def ask(self, path: str, **asked: Any) -> Any:
        answer = await self._control.post(f"/control/{path}", json=asked)
        if answer.is_error:
            raise Impossible(f"{path}: {answer.text}")
        return answer.json()

    async def see(self, path: str, **asked: Any) -> Any:
        answer = await self._control.get(f"/control/{path}", params=asked)
        if answer.is_error:
            raise Impossible(f"{path}: {answer.text}")
        return answer.json()

    async def messages(self, channel: str, thread: str | None = None) -> list[Json]:
        """What stands in a channel, a thread, or (a person's id) the bot's DM with them."""
        await self.settle()
        asked = {"channel": channel} | ({"thread_ts": thread} if thread else {})
        found = await self.see("messages", **asked)
        messages: list[Json] = found["messages"] if isinstance(found, dict) else found
        return [one for one in messages if thread or one.get("thread_ts") in {None, one["ts"]}]

    async def texts(self, channel: str, thread: str | None = None) -> list[str]:
        return [message["text"] for message in await self.messages(channel, thread)]

    async def last_text(self, channel: str, thread: str | None = None) -> str:
        return (await self.texts(channel, thread))[-1]

    async def faults(self, **fault: Any) -> None:
        await self.ask("faults", **fault)

    async def no_faults(self) -> None:
        await self._control.delete("/control/faults")

    async def usage(self, *records: Json, key: str = "a-machine-of-ours") -> Json:
        """Post usage as a machine would; refuses to go on unless something was stored."""
        answer = await self.bot.post(
            "/v1/usage", json=list(records), headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 202, answer.text
        told: Json = answer.json()
        return told

    async def telemetry(self, signal: str, message: Json, key: str = "a-machine-of-ours") -> None:
        """Export as an agent or an instrumented program would; nothing of it may be rejected."""
        answer = await self.bot.post(
            f"/otlp/v1/{signal}", json=message, headers={"Authorization": f"Bearer {key}"}
        )
        assert (answer.status_code, answer.json()) == (200, {}), answer.text


def spent(workflow: str, cost: str, at: datetime, **named: Any) -> Json:
    """A usage record as a machine would send it."""
    plain = {"id": uuid4().hex, "workflow": workflow, "cost": cost, "at": at.isoformat()}
    return {**plain, "model": "gpt-4.1", "provider": "openai"} | named


class Person:
    def __init__(self, workspace: Workspace, user: str) -> None:
        self._workspace = workspace
        self.id = user

    async def types(self, text: str, channel: str = "C0SEARCH") -> str:
        """A slash command; gives back what only this person sees."""
        told = await self._workspace.ask("command", user=self.id, channel=channel, text=text)
        return _whispered(told)

    async def submits(self, **values: Any) -> Json:
        """Fill in the open form and press its button: `outcome`, `errors` by field."""
        told: Json = await self._workspace.ask("submit", user=self.id, values=values)
        return told

    async def forges(self, **values: Any) -> Json:
        """Send a form past what Slack's client would check."""
        told: Json = await self._workspace.ask("submit", user=self.id, values=values, force=True)
        return told

    async def form(self) -> Json:
        """The form this person looks at."""
        found = await self._workspace.see("views", user=self.id)
        views = found["views"] if isinstance(found, dict) else found
        if not views:
            raise Impossible(f"{self.id} has no form open")
        view: Json = views[-1]
        return view

    async def chooses(self, field: str, option: Any, **values: Any) -> str:
        """Pick from a list in the open form that answers at once."""
        return _whispered(
            await self._workspace.ask(
                "click", user=self.id, view=True, block_id=field, option=option, values=values
            )
        )

    async def clicks(self, label: str, channel: str, ts: str | None = None) -> str:
        """Press the newest button of that label in a channel, its threads included."""
        messages = await self._workspace.messages(channel)
        threads = [m["ts"] for m in messages if m.get("reply_count")]
        for thread in threads:
            messages += (await self._workspace.messages(channel, thread))[1:]
        wanted = [m for m in messages if label in labels(m) and ts in {None, m["ts"]}]
        if not wanted:
            raise Impossible(f"no “{label}” in {channel}: {[labels(m) for m in messages]}")
        newest = max(wanted, key=lambda message: float(message["ts"]))
        return await self.clicks_on(channel, newest["ts"], label=label)

    async def clicks_on(self, channel: str, ts: str, **button: Any) -> str:
        return _whispered(
            await self._workspace.ask("click", user=self.id, channel=channel, ts=ts, **button)
        )

    async def says(self, text: str, channel: str, thread: str | None = None) -> Json:
        told: Json = await self._workspace.ask(
            "message", user=self.id, channel=channel, text=text, thread_ts=thread
        )
        return told

    async def opens_home(self) -> Json:
        """The view the bot has published for this person."""
        await self._workspace.settle()
        told: Json = await self._workspace.ask("home", user=self.id)
        view: Json = told["view"]
        return view

    async def clicks_at_home(self, label: str) -> str:
        return _whispered(await self._workspace.ask("click", user=self.id, home=True, label=label))


def labels(message: Json) -> list[str]:
    """The buttons a message shows."""
    elements = [
        element
        for block in message.get("blocks") or []
        for element in [*block.get("elements", []), block.get("accessory") or {}]
    ]
    return [element["text"]["text"] for element in elements if element.get("type") == "button"]


def _whispered(told: Json) -> str:
    return "\n".join(one["text"] for one in told.get("ephemerals", []))
