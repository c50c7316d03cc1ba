"""What a stranger may still do before the login: commands, and mistakes among them. Pure."""

from kernel.config.settings import Bounds


class Budget:
    """One session's share of ``Bounds.commands`` and ``Bounds.errors``."""

    __slots__ = ("_commands", "_errors")

    def __init__(self, bounds: Bounds) -> None:
        self._commands = bounds.commands
        self._errors = bounds.errors

    def command(self) -> bool:
        """Take off a command; False: none was left."""
        self._commands -= 1
        return self._commands >= 0

    def error(self) -> bool:
        """Take off a mistake; False: it was the last."""
        self._errors -= 1
        return self._errors > 0
