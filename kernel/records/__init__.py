"""The nouns of the house, as frozen dataclasses: what is stored, what travels, what decisions are made from.

Times are seconds since 1970 UTC (float). A stored noun declares how it is found again in ``kernel.tables``.
"""
