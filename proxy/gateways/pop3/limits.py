"""What a session's limits mean in POP3: which commands it may not give, which answers are filtered. Pure."""

from kernel.reasons import Reason
from policies.model import Limits
from proxy.gateways import saying
from proxy.gateways.imap.inspection.mailboxes import Mailboxes
from proxy.gateways.pop3.grammar import Command, Kind
from proxy.relays.gate import Terms

MESSAGES = frozenset((b"RETR", b"TOP"))
TEMPORARY = frozenset((Reason.DOWNLOAD,))


class PopLimits:
    """The terms of one session; ``none``: everything may be."""

    __slots__ = ("_limits", "none", "terms")

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._limits = limits = terms.limits
        self.none = not (limits.read_only or limits.attachments_block or limits.download or limits.folders)

    @property
    def shut(self) -> bool:
        """Tell whether INBOX, the one mailbox that POP3 knows, is hidden."""
        return bool(self._limits.folders) and not Mailboxes(self._limits.folders).open(b"INBOX")

    def refusal(self, asked: Command) -> Reason | None:
        """Return why a command may not be given in a session with limits; None: it may."""
        if asked.kind is Kind.UNKNOWN:
            return Reason.LIMITS
        if asked.verb == b"DELE" and self._limits.read_only:
            return Reason.READ_ONLY
        allowance = self.terms.allowance
        if asked.verb in MESSAGES and allowance is not None and allowance.spent:
            return Reason.DOWNLOAD
        return None

    def kind(self, asked: Command) -> Kind:
        """Return how a command is answered."""
        if self._limits.attachments_block and asked.verb in MESSAGES and asked.kind is Kind.LISTING:
            return Kind.MESSAGE
        return asked.kind

    def words(self, reason: Reason) -> str:
        """Return what a refused client is told, with its code (RFC 3206)."""
        code = "SYS/TEMP" if reason in TEMPORARY else "SYS/PERM"
        return f"[{code}] {saying.limit(reason, self.terms.links)}"


NO_LIMITS = PopLimits(Terms(Limits()))
