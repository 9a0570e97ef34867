"""What a field of the contract is called when people read it; its own name is the file's."""

LABELS = {
    "key": "key",
    "name": "name",
    "team": "team",
    "kind": "class",
    "owner": "owner",
    "backup": "backup",
    "approver": "approver",
    "tool": "tool",
    "purpose": "purpose",
    "daily_cap": "daily cap",
    "weekly_cap": "weekly cap",
    "monthly_cap": "monthly cap",
    "total_cap": "total cap",
    "monthly_cap or total_cap": "monthly or total cap",
    "soft_limit": "soft limit",
    "hard_limit": "hard limit",
    "enforcement": "enforcement",
    "tier": "model tier",
    "escalation_tier": "escalation tier",
    "success_metric": "success metric",
    "review_date": "review date",
    "last_review_date": "last review",
    "ends_on": "end date",
    "exception_rule": "exception rule",
    "thresholds": "alert thresholds",
    "channel": "channel",
    "status": "status",
    "retire_on": "last day",
    "calendars": "calendar",
}


def label(field: str) -> str:
    return LABELS.get(field, field.replace("_", " "))
