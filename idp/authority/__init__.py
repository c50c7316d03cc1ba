"""Answers the proxies' questions (``kernel.authority``) from the store, in process or over a unix socket.

The proxy that asks stands in the open: it is told what concerns the session at hand, is believed about nothing but what
it saw itself, and never gets a secret that outlives minutes.
"""
