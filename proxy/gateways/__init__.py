"""The mail protocols at the door: each is a pure gate (grammar and state machine) and one record in ``table``.

``mail_listener`` (in ``proxy.gateways.serving``) is how the household hangs one of them behind a listener.
"""
