import sys

_INTERRUPTED = 130


def main() -> None:
    try:
        # Inside, so that Ctrl-C in the second that loading takes shows no traceback.
        from handlers.cli.app import app  # noqa: PLC0415
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    app()
