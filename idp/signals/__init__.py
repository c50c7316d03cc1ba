"""Others' signals: what transmitters, products and osquery tell us of people and devices, and what we tell receivers.

``sets`` and ``subjects`` read tokens, ``hearing`` lets them count, ``effects`` says what follows; ``streams``,
``telling`` and ``courier`` are the other way round.
"""
