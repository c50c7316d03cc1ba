"""Reading a request's body, no further than it may be long."""

from starlette.requests import Request


class TooLarge(Exception):
    """The body is longer than allowed; ``limit`` says how long it may be, in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"a request may have at most {limit} bytes")
        self.limit = limit


async def bounded(request: Request, limit: int) -> bytes:
    """Return the body, at most ``limit`` bytes of it.

    Raises:
        TooLarge: there is more.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge(limit)
    return bytes(body)
