"""The judge: one document says who may use what, from where; one pure function says yes, no, or more proof first.

``language`` reads the document (``document`` its YAML, ``values`` its words, ``vocabulary`` its tables), ``program``
compiles it, ``decide`` answers. Imports kernel alone; performs no I/O while deciding, owns no clock, keeps no state
that could be seen. Two things go without saying in every document: what is unknown opens no door, and a device that is
lost, revoked or expired is let in by no rule that does not name that state (``barred``).
"""
