"""ManageSieve at the door: grammar, gate, upstream login. Pure."""
