"""The web's door: an HTTP/1.1 reverse proxy of our own that streams, and judges every request.

``head``, ``framing``, ``routes``, ``paths``, ``cookies``, ``request`` and ``response`` are pure: octets in, values out.
``client`` reads requests, ``entry`` judges them, ``carriage``, ``link`` and ``upstream`` carry them; ``sessions`` knows
who a cookie is; ``own`` and ``answers`` are our own few addresses and pages. ``door`` puts it together.
"""
