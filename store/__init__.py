"""The cellar: implements the kernel's ports on a database. Knows records and units of work, never what they mean."""
