"""The account desk: users, passwords, TOTP, recovery codes, invitations, app passwords.

Owns every act on a user's account and who may guess how often. Each act is one transaction with its audit event and its
change row. Asks nobody else; knows neither pages nor protocols.
"""

from idp.accounts.answers import FactorAnswer, PasswordAnswer, TotpEnrolment
from idp.accounts.app_passwords import AppPasswords
from idp.accounts.codes import Codes
from idp.accounts.invitations import Invitations
from idp.accounts.passwords import Passwords
from idp.accounts.people import People
from idp.accounts.refusals import AccountRefused, NoSuchUser, Taken, WeakPassword


class Accounts(Passwords, People, Codes, Invitations, AppPasswords):
    """The desk as a whole; each part is documented where it stands."""


__all__ = [
    "AccountRefused",
    "Accounts",
    "FactorAnswer",
    "NoSuchUser",
    "PasswordAnswer",
    "Taken",
    "TotpEnrolment",
    "WeakPassword",
]
