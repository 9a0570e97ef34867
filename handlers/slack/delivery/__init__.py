from handlers.slack.delivery.dispatcher import Dispatcher

__all__ = ["Dispatcher"]
