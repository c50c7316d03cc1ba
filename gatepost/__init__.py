"""The household: the ``gatepost`` command and the wiring. The only room that knows every other."""
