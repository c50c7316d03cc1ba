"""IMAP4rev1/rev2 at the door: grammar, gate, upstream login, and where a response ends. Pure."""
