from playground import rendered
from playground.api import places
from playground.api.arguments import Arguments
from playground.api.paging import page
from playground.refusals import Refused
from playground.scopes import has
from playground.shapes import Json, Person
from playground.slack import Slack


def info(slack: Slack, args: Arguments) -> Json:
    return {"user": _shown(slack, places.person(slack, args.text("user")))}


def list_(slack: Slack, args: Arguments) -> Json:
    shown, more = page(list(slack.workspace.people), args)
    return {"members": [_shown(slack, p) for p in shown], "response_metadata": more}


def lookup_by_email(slack: Slack, args: Arguments) -> Json:
    email = args.text("email").lower()
    for person in slack.workspace.people:
        if person.email.lower() == email and not person.deleted:
            return {"user": _shown(slack, person)}
    raise Refused("users_not_found")


def _shown(slack: Slack, person: Person) -> Json:
    return rendered.user(person, slack.workspace, with_email=has(slack, "users:read.email"))
