"""What is shown once: only to the sign-in that it was made for, only where it belongs, only unharmed."""

import pytest
from starlette.requests import Request
from starlette.responses import Response

from idp.web import cookies
from idp.web.once import LONGEST, Once
from kernel.chance import SeededChance


def carried(once: Once, text: str) -> str:
    response = Response()
    once.give(response, "si_1", "/here", text)
    header = response.headers["set-cookie"]
    assert "HttpOnly" in header and "Secure" in header and "samesite=strict" in header.lower()
    return header.split(";")[0].partition("=")[2]


def browser(value: str) -> Request:
    headers = [(b"cookie", f"{cookies.ONCE}={value}".encode())]
    return Request({"type": "http", "method": "GET", "path": "/here", "headers": headers})


def test_what_was_given_is_read_by_the_same_sign_in_at_the_same_place_alone() -> None:
    once = Once(b"k" * 32, SeededChance())
    value = carried(once, "abcd-efgh \u68ee")
    assert once.read(browser(value), "si_1", "/here") == "abcd-efgh \u68ee"
    assert "abcd" not in value
    assert once.read(browser(value), "si_2", "/here") == ""
    assert once.read(browser(value), "si_1", "/there") == ""
    assert Once(b"x" * 32, SeededChance()).read(browser(value), "si_1", "/here") == ""


@pytest.mark.parametrize("value", ["", "A", "AAAA", "A" * 40, "A" * 4000])
def test_what_was_never_given_is_nothing(value: str) -> None:
    assert Once(b"k" * 32, SeededChance()).read(browser(value), "si_1", "/here") == ""


def test_the_longest_that_may_be_given_fits_a_cookie() -> None:
    once = Once(b"k" * 32, SeededChance())
    assert len(carried(once, "x" * LONGEST)) < 3900
    with pytest.raises(ValueError, match="too long"):
        once.give(Response(), "si_1", "/here", "x" * (LONGEST + 1))
