"""What the control API takes."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FaultKind = Literal["429", "500", "no_answer", "drop", "accept_then_500", "accept_then_drop"]


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Command(Asked):
    user: str
    channel: str = Field(description="a channel, or a person for the bot's DM with them")
    text: str = Field(examples=["/budget help"])


class Click(Asked):
    user: str
    channel: str = Field("", description="where the message is; not needed in a modal or Home")
    ts: str = ""
    action_id: str | None = None
    block_id: str | None = None
    label: str | None = Field(None, description="the visible text, or its beginning")
    value: str | None = None
    option: Any = Field(None, description="an option's value or text, an id, a date, or a list")
    forge: bool = Field(default=False, description="send these ids even if the message has none")
    from_channel: str | None = Field(None, description="with `forge`: say it happened there")
    view: bool = Field(default=False, description="in the person's top modal")
    view_id: str | None = Field(None, description="in this open modal")
    home: bool = Field(default=False, description="in the person's App Home")
    values: dict[str, Any] = Field({}, description="typed into the modal first")


class Shortcut(Asked):
    user: str
    callback_id: str
    channel: str | None = Field(None, description="with `ts`: on this message")
    ts: str | None = None


class Submit(Asked):
    user: str
    values: dict[str, Any] = Field({}, description="by block_id, label or action_id")
    force: bool = Field(default=False, description="skip what Slack's client would check")


class ByUser(Asked):
    user: str


class Message(Asked):
    user: str
    channel: str
    text: str
    thread_ts: str | None = None


class Reply(Asked):
    user: str
    channel: str
    ts: str
    text: str


class React(Asked):
    user: str
    channel: str
    ts: str
    name: str = Field(examples=["white_check_mark"])


class EditChannel(Asked):
    """Of an existing channel, or a new one; what is left out stays."""

    id: str
    name: str | None = None
    is_private: bool | None = None
    archive: bool | None = None
    kick_bot: bool = False
    invite_bot: bool = False
    members: list[str] | None = None


class EditUser(Asked):
    """Of an existing person, or a new one; what is left out stays."""

    id: str
    name: str | None = None
    real_name: str | None = None
    tz: str | None = None
    email: str | None = None
    is_admin: bool | None = None
    is_restricted: bool | None = None
    is_ultra_restricted: bool | None = None
    is_stranger: bool | None = None
    deleted: bool | None = None


class Fault(Asked):
    """`times` calls, or `seconds`, or until taken away."""

    method: str = "*"
    kind: FaultKind
    times: int | None = Field(None, ge=1)
    seconds: float | None = Field(None, gt=0)
    retry_after: int = Field(1, ge=0)
    probability: float = Field(1.0, ge=0, le=1)


class DeliveryFault(Asked):
    repeat: int = Field(0, ge=0, description="extra copies of each event")
    reorder: bool = Field(default=False, description="each event waits for another to overtake it")
    wrong_signature: bool = False
    stale_timestamp: bool = Field(default=False, description="signed ten minutes ago")
    bad_timestamp: bool = Field(default=False, description="a timestamp that is no number")
    times: int | None = Field(1, ge=1, description="deliveries struck; null: all from now on")


class Disconnect(Asked):
    reason: Literal["warning", "refresh_requested", "link_disabled"] = "refresh_requested"
