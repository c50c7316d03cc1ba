"""What an admin can do, as plain functions: the console, the API and the command line all call these and nothing else.

Owns no secrets and no pages. Every act is audited in the transaction that does it, under the name of who asked.
"""
