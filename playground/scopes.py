from playground.refusals import Refused
from playground.slack import Slack


def granted(slack: Slack) -> set[str] | None:
    """The bot scopes in the manifest; None without a manifest, when all are granted."""
    if slack.config.manifest is None:
        return None
    return set(slack.manifest.get("oauth_config", {}).get("scopes", {}).get("bot", []))


def has(slack: Slack, scope: str) -> bool:
    scopes = granted(slack)
    return scopes is None or scope in scopes


def require(slack: Slack, scope: str) -> None:
    if not has(slack, scope):
        provided = ",".join(sorted(granted(slack) or ()))
        raise Refused("missing_scope", needed=scope, provided=provided)
