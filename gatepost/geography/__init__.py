"""Where addresses are, read from what the operator supplies: the one implementation of ``kernel.geography.Geography``.

``database`` and ``listing`` read one file each, ``records`` knows what databases call things, ``atlas`` puts them
together, ``keeping`` holds the copies that are in force, ``survey`` says how the files stand. Only this room opens
them.
"""
