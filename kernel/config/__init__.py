"""The configuration of one Gatepost: its nouns (settings) and the reader of ``gatepost.toml`` with placed errors."""
