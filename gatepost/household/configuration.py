"""Finds and opens ``gatepost.toml``: the file named by ``--config``, by ``GATEPOST_CONFIG``, here, or in
/etc/gatepost."""

import argparse
import os
from pathlib import Path

from kernel.config.reader import read_settings
from kernel.config.settings import Settings
from kernel.problems import Refused

NAME = "gatepost.toml"
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
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} cannot be read: {error}") from error
    return read_settings(text, path)


def load_settings(args: argparse.Namespace) -> Settings:
    """Read the settings that a command line names."""
    return load(find(args.config))
