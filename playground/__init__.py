"""A local Slack workspace: its Web API, its deliveries to a bot, and a page to use it by hand."""

from playground.acme import seed

__all__ = ["seed"]
