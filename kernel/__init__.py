"""The floor of the house: nouns (records), seams (ports, authority), events (audit), clock, chance, problems.

Imports the standard library alone, and msgspec in ``wire``. Performs no I/O, reads no clock, draws no chance.
"""
