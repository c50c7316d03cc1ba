"""A machine made of what a test says is on it: files by path, commands by their words."""

from dataclasses import dataclass, field


@dataclass
class Made:
    """Answers as told; everything else is not there."""

    files: dict[str, str] = field(default_factory=dict)
    commands: dict[str, tuple[int, str]] = field(default_factory=dict)
    directories: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, path: str) -> str | None:
        return self.files.get(path)

    def names(self, directory: str) -> tuple[str, ...]:
        return self.directories.get(directory, ())

    def run(self, *words: str) -> tuple[int, str] | None:
        line = " ".join(words)
        return next((told for start, told in self.commands.items() if line.startswith(start)), None)
