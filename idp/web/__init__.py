"""What every page of ours is made of: the frame, the words, the cookies, the forms' guard, the static files.

Start at ``pages.Pages``; the look is ``static/gatepost.css``, whose head lists every component.
"""
