"""The OpenID Connect provider: its keys, clients, tokens, endpoints and logout.

Authlib parses and checks the protocol, joserfc signs. What they leave open is closed here: every take is one
transaction, nothing is redirected before client and address are known to belong together, and a token used twice
ends its whole family.
"""
