"""OpenSSL's own command line, as the judge of what we make."""

import subprocess
from pathlib import Path


def openssl(*words: str | Path, stdin: bytes = b"") -> str:
    """Run one command; return what it said on both outputs, whatever its exit code."""
    done = subprocess.run(["openssl", *map(str, words)], input=stdin, capture_output=True, timeout=20, check=False)
    return (done.stdout + done.stderr).decode()


def written(path: Path, content: bytes | str) -> Path:
    """Write a file for OpenSSL to read, and return its path."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
