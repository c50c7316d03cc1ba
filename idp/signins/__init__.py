"""Sign-ins: the single sign-on session of one browser, from its first factor to its end through one doorway."""

from idp.signins.ending import end_signin
from idp.signins.signins import SignIns, alive
from idp.signins.sweeping import Sweeper

__all__ = ["SignIns", "Sweeper", "alive", "end_signin"]
