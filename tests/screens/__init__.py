"""Pictures of every page of a running demo, for people to look at: ``python -m tests.screens <demo.json> <outdir>``."""
