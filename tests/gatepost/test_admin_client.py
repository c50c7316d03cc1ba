"""The command line's way to the admin API: an answer comes whole, or not at all."""

import socket
import threading
from pathlib import Path

import pytest

from gatepost.admin_client import AdminClient
from kernel.problems import Unavailable

WHOLE = b'HTTP/1.1 201 Created\r\nContent-Length: 12\r\n\r\n{"id": "d1"}'


def answering(path: Path, answer: bytes) -> threading.Thread:
    """Answer one call at ``path`` with these octets, and hang up."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(1)

    def serve() -> None:
        with listener, listener.accept()[0] as line:
            line.recv(65536)
            line.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_a_whole_answer_is_handed_over(tmp_path: Path) -> None:
    server = answering(tmp_path / "s", WHOLE)
    assert AdminClient(tmp_path / "s").call("GET", "/devices") == (201, {"id": "d1"})
    server.join()


@pytest.mark.parametrize("cut", range(len(WHOLE)))
def test_a_server_killed_in_mid_answer_did_not_answer(tmp_path: Path, cut: int) -> None:
    server = answering(tmp_path / "s", WHOLE[:cut])
    with pytest.raises(Unavailable):
        AdminClient(tmp_path / "s").call("GET", "/devices")
    server.join()
