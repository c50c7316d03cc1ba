"""POP3 at the door: grammar, gate, upstream login. Pure."""
