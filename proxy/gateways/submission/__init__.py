"""Message submission at the door (RFC 6409): grammar, letters, gate, upstream login. Pure; the gate stays in the path
throughout."""
