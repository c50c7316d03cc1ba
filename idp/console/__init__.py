"""The console: admins' pages. Who is in, people, devices, policy, audit, health.

Owns no act (those are ``idp.admin``'s) and no look (that is ``idp.web``'s). Every page asks the policy for ``console``.
"""
