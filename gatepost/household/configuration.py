"""Finds and opens ``gatepost.toml``: the file named by ``--config``, by ``GATEPOST_CONFIG``, here, or in
/etc/gatepost."""

import argparse
import os
from pathlib import Path

from kernel.config.reader import read_settings
from kernel.config.settings import Settings
from kernel.problems import Refused

NAME = "gatepost.toml"
IN_FORCE = "GATEPOST_IN_FORCE"
"""Where a supervisor tells its roles which text is in force: a role that is started again must not read a newer one."""
SYSTEM = Path("/etc/gatepost") / NAME


def add_config_option(parser: argparse.ArgumentParser) -> None:
    """Give ``parser`` the option ``--config``."""
    parser.add_argument("--config", metavar="FILE", help=f"the configuration (default: ./{NAME}, then {SYSTEM})")


def find(named: str | None) -> Path:
    """Return the configuration file to use.

    Raises:
        Refused: there is none.
    """
    if named:
        return Path(named).absolute()
    if from_environment := os.environ.get("GATEPOST_CONFIG"):
        return Path(from_environment).absolute()
    for path in (Path(NAME).absolute(), SYSTEM):
        if path.exists():
            return path
    raise Refused(f"no {NAME} here nor in {SYSTEM.parent}; make one with `gatepost init`, or name it with --config")


def load(path: Path) -> Settings:
    """Read the settings in ``path``.

    Raises:
        Invalid: the file has faults.
        Refused: it cannot be read.
    """
    return read_settings(_text(path), path)


def supervised() -> bool:
    """Return whether a supervisor of ours keeps what is in force for this process."""
    return bool(os.environ.get(IN_FORCE))


def load_in_force(path: Path) -> Settings:
    """Read the settings that our supervisor put in force, or ``path`` when nobody did.

    Raises:
        As ``load``.
    """
    kept = os.environ.get(IN_FORCE)
    return read_settings(_text(Path(kept)), path) if kept else load(path)


def keep_in_force(settings: Settings) -> dict[str, str]:
    """Keep a copy of the text that ``settings`` were read from; return the environment that leads roles to it.

    Raises:
        Refused: the file has changed since, or cannot be copied.
    """
    if settings.source is None:
        return {}
    text = _text(settings.source)
    if read_settings(text, settings.source) != settings:
        raise Refused(f"{settings.source} changed while we started; start again")
    kept = settings.admin_socket.parent / NAME
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = kept.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(0o600)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(kept)
    return {IN_FORCE: str(kept)}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} cannot be read: {error}") from error


def load_settings(args: argparse.Namespace) -> Settings:
    """Read the settings that a command line names."""
    return load(find(args.config))
