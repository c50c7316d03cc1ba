"""IMAP sessions with limits: command by command, in O(1) memory however large a literal. Pure.

``gate`` stands between client and server; ``verbs`` is the list of commands that it knows, ``capabilities`` what it
offers. A literal reaches the server only once the server has asked for it, so that no octet of one is ever a command.
``folders`` hides mailboxes, ``fetching`` puts messages together without their attachments (``rendering``).
"""
