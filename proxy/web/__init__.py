"""The web's door: an HTTP/1.1 reverse proxy of our own that streams, and judges every request.

``head``, ``framing``, ``routes``, ``paths``, ``cookies``, ``request`` and ``response`` are pure: octets in, values out.
``client`` and ``upstream`` carry the octets; ``sessions`` knows who a cookie is; ``answers`` holds our own few pages.
"""
