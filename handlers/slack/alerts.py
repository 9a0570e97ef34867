from handlers.slack.calls import Action, Command, Form, Listener

COMMANDS: dict[str, Command] = {}
ACTIONS: dict[str, Action] = {}
VIEWS: dict[str, Form] = {}
LISTENERS: list[Listener] = []
