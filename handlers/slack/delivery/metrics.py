from prometheus_client import Counter, Histogram

SENT = Counter("budget_bot_notices_sent", "Messages, rewrites and reactions Slack took", ["act"])
FOUND = Counter(
    "budget_bot_notices_found", "Messages in doubt that a look-up found in Slack: not sent again"
)
SET_ASIDE = Counter("budget_bot_notices_set_aside", "Messages Slack refused for good", ["reason"])
RETRIED = Counter("budget_bot_notices_retried", "Attempts that are to be repeated", ["reason"])
IN_DOUBT = Counter("budget_bot_notices_in_doubt", "Attempts that Slack may have taken")
DELAY = Histogram(
    "budget_bot_notice_delay_seconds",
    "From a message's reason being saved to Slack having it",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600),
)
