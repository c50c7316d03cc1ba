"""The household's own commands, in the order of the help."""

from gatepost.household import authority, check, demo, doctor, init, key, serve

HOUSEHOLD = (init, check, serve, demo, key, authority, doctor)
