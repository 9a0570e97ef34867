from handlers.slack.calls import Action, Command, Event, Form, Listener

COMMANDS: dict[str, Command] = {}
ACTIONS: dict[str, Action] = {}
VIEWS: dict[str, Form] = {}
LISTENERS: list[Listener] = []
EVENTS: dict[str, Event] = {}
