"""The OpenID AuthZEN Authorization API 1.0: programs of others' ask who may use what, one question, many, or a search.

The policy's own judge answers, and every answer is on record with who asked. Refuses whoever has no token for it.
"""
