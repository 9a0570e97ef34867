"""The environment, read once. Everything that is wrong with it is said at once, by name."""

import json
import os
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.addresses import is_person
from bot.refusal import Refusal
from storage.database import NotADatabase, read_url

PREFIX = "BUDGET_BOT_"
ENV_FILE = Path(".env")
DEFAULT_DATABASE = "sqlite:///budget-bot.db"
SLACK = "https://slack.com/api/"

_APPS = "at api.slack.com/apps"
_BOT_TOKEN = f"the bot token (xoxb-…), from OAuth & Permissions {_APPS}"
_APP_TOKEN = f"the app-level token (xapp-…), from Basic Information {_APPS}"
_SIGNING_SECRET = f"the signing secret, from Basic Information {_APPS}"
_API_KEYS = 'write it as JSON, name and key: {"gateway": "its key"}'
_ADMINS = 'write it as a JSON list of Slack ids: ["U012ABCDEF"]'
_SHAPES = {
    "port": "write a number from 0 to 65535",
    "log_format": "write json or pretty",
    "api_keys": _API_KEYS,
    "admins": _ADMINS,
}


class BadSettings(Refusal):
    """`problems` has one line for each variable that is wrong: its name, and what to do."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Settings(BaseSettings):
    """What every command reads. Secrets are in no repr, error or log."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    # A PostgreSQL URL may carry a password.
    database_url: str = Field(default=DEFAULT_DATABASE, repr=False)
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = SLACK
    api_keys: Annotated[dict[str, SecretStr], NoDecode] = {}
    host: str = "127.0.0.1"
    port: int = Field(default=8300, ge=0, le=65535)
    log_format: Literal["json", "pretty"] = Field(
        default_factory=lambda: "pretty" if sys.stderr.isatty() else "json"
    )
    admins: Annotated[tuple[str, ...], NoDecode] = ()
    litellm_url: str | None = None
    litellm_key: SecretStr | None = None
    litellm_source: str = "litellm"
    openai_admin_key: SecretStr | None = None
    openai_url: str = "https://api.openai.com"
    anthropic_admin_key: SecretStr | None = None
    anthropic_url: str = "https://api.anthropic.com"
    github_token: SecretStr | None = None
    github_organisation: str | None = None
    github_url: str = "https://api.github.com"
    cursor_key: SecretStr | None = None
    cursor_url: str = "https://api.cursor.com"
    openrouter_key: SecretStr | None = None
    openrouter_url: str = "https://openrouter.ai"

    @property
    def socket_mode(self) -> bool:
        return self.slack_app_token is not None

    @property
    def is_bare(self) -> bool:
        """Nothing is said of Slack yet."""
        return not (self.slack_bot_token or self.slack_app_token or self.slack_signing_secret)

    @field_validator("database_url")
    @classmethod
    def _database(cls, text: str) -> str:
        try:
            url = read_url(text)
        except NotADatabase as error:
            raise ValueError(str(error)) from error
        if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
            raise ValueError(f"name a file, as in {DEFAULT_DATABASE}; memory would forget it all")
        return text

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token(cls, token: SecretStr | None) -> SecretStr | None:
        return _copied(token, "xoxb-", _BOT_TOKEN)

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, token: SecretStr | None) -> SecretStr | None:
        return _copied(token, "xapp-", _APP_TOKEN)

    @field_validator("slack_signing_secret")
    @classmethod
    def _signing_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        return _copied(secret, "", _SIGNING_SECRET)

    @field_validator("slack_api_url")
    @classmethod
    def _api_url(cls, text: str) -> str:
        return _address(text, SLACK) + "/"

    @field_validator(
        "litellm_url", "openai_url", "anthropic_url", "github_url", "cursor_url", "openrouter_url"
    )
    @classmethod
    def _vendor_url(cls, text: str | None) -> str | None:
        return text and _address(text, "https://api.example.com")

    @field_validator(
        "litellm_key",
        "openai_admin_key",
        "anthropic_admin_key",
        "github_token",
        "cursor_key",
        "openrouter_key",
    )
    @classmethod
    def _vendor_key(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not _fits_a_header(secret.get_secret_value()):
            raise ValueError("has a space or a sign that does not belong; copy it again")
        return secret

    @field_validator("api_keys", "admins", mode="before")
    @classmethod
    def _json(cls, given: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - text or values
        shape = _SHAPES[info.field_name or ""]
        read = _read_json(given, shape) if isinstance(given, str) else given
        if not isinstance(read, dict if info.field_name == "api_keys" else list | tuple):
            raise ValueError(shape)  # noqa: TRY004 - pydantic gathers ValueErrors
        return read

    @field_validator("api_keys")
    @classmethod
    def _keys(cls, keys: dict[str, SecretStr]) -> dict[str, SecretStr]:
        texts = {name: key.get_secret_value() for name, key in keys.items()}
        unfit = [name for name, key in texts.items() if not _fits_a_header(key)]
        if unfit or not all(name.strip() for name in texts):
            raise ValueError(
                f"the key of {', '.join(unfit) or 'every machine'} wants a name, and plain "
                "characters without spaces: openssl rand -hex 24"
            )
        if len(set(texts.values())) < len(texts):
            raise ValueError("two names share one key: give each machine its own")
        return keys

    @field_validator("admins")
    @classmethod
    def _people(cls, ids: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [one for one in ids if not is_person(one)]
        if wrong:
            raise ValueError(f"{', '.join(wrong)}: no Slack id of a person; {_ADMINS}")
        return tuple(dict.fromkeys(ids))


class ServeSettings(Settings):
    """What `serve` needs besides: a way to speak to Slack, and a way to hear it."""

    slack_bot_token: SecretStr

    @field_validator("slack_signing_secret")
    @classmethod
    def _a_way_in(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        # A token that was refused is not in `data`, and was complained about already.
        if secret is None and info.data.get("slack_app_token", "refused") is None:
            raise ValueError(
                f"not set; set {PREFIX}SLACK_APP_TOKEN ({_APP_TOKEN}; needs no public address), "
                f"or this for HTTP: {_SIGNING_SECRET}"
            )
        return secret


_Kind = TypeVar("_Kind", bound=Settings)


def read_settings(kind: type[_Kind], env_file: Path = ENV_FILE) -> _Kind:
    """From the environment and the file, the environment first. Raises BadSettings."""
    try:
        return kind(_env_file=env_file)
    except ValidationError as error:
        raise BadSettings(map(_said, error.errors(include_input=False))) from None
    except UnicodeDecodeError:
        raise BadSettings([f"{env_file}: is not UTF-8 text."]) from None


def unknown_variables(env_file: Path = ENV_FILE) -> tuple[str, ...]:
    """One line for each BUDGET_BOT_ variable nobody reads, with the one that may be meant."""
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    try:
        filed = dotenv_values(env_file, encoding="utf-8")
    except UnicodeDecodeError:
        # `read_settings` refuses such a file.
        filed = {}
    given = {name.upper() for name in (*os.environ, *filed)}
    strange = sorted(name for name in given if name.startswith(PREFIX) and name not in known)
    return tuple(f"{name} is not read by budget-bot{_meant(name, known)}" for name in strange)


def _meant(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.7)
    return f"; did you mean {near[0]}?" if near else "."


def _said(error: ErrorDetails) -> str:
    field = str(error["loc"][0])
    name = f"{PREFIX}{field.upper()}"
    if error["type"] == "missing":
        return f"{name}: not set; set it to {_BOT_TOKEN}"
    own = error["msg"].removeprefix("Value error, ")
    return f"{name}: {own if error['type'] == 'value_error' else _SHAPES.get(field, own)}"


def _copied(secret: SecretStr | None, prefix: str, what: str) -> SecretStr | None:
    """Refuses a secret that is plainly another one: the tokens are easily swapped. Servers like
    Slack, and rotated tokens, have beginnings of their own.
    """
    if secret is None:
        return None
    text = secret.get_secret_value()
    if any(letter.isspace() for letter in text) or not text.isascii():
        raise ValueError(f"has a space or a sign that does not belong; copy {what} again")
    if text.startswith(tuple({"xoxb-", "xapp-", "xoxp-"} - {prefix})):
        raise ValueError(f"begins with {text[:5]}, which is another token; set it to {what}")
    return secret


def _address(text: str, like: str) -> str:
    url = urlsplit(text)
    if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment:
        raise ValueError(f"write it like {like}")
    return text.rstrip("/")


def _fits_a_header(key: str) -> bool:
    return bool(key) and key.isascii() and key.isprintable() and " " not in key


def _read_json(text: str, shape: str) -> Any:  # noqa: ANN401
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{error}" if isinstance(error, _Twice) else shape) from None


class _Twice(ValueError):
    """A name that is there twice: one of its two values would be lost without a word."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise _Twice("a name is there twice: give each machine its own")
    return dict(pairs)
