"""The policy's pages: write it as text or in a form, ask it, review what a change would mean, publish, look back.

Start at ``pages.PolicyPages``. ``draft`` is what every page carries along, ``desk`` what they all stand on. Owns no act
and no meaning: those are ``idp.admin``'s and ``policies``'.
"""
