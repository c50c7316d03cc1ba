"""The admin API: the acts of ``idp.admin`` as JSON over HTTP, one table of endpoints for network and local socket.

Owns no act. Refuses what is not a JSON object, unknown fields, and whoever the gate does not admit.
"""
