"""Asks a person whether a login that waits is theirs, and keeps the answer. Owns how much one person may be asked."""
