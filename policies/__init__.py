"""The judge: one document says who may use what, from where; one pure function says yes, no, or more proof first.

``language`` reads the document (``document`` its YAML, ``values`` its words, ``vocabulary`` its tables), ``program``
compiles it, ``decide`` answers. Imports kernel alone; performs no I/O while deciding, owns no clock, keeps no state
that could be seen.
"""
