"""The submission gate: from the greeting to the last letter, always between client and next hop. Pure.

::

    door --EHLO, STARTTLS, AUTH--> judging --admitted--> opening --logged in--> ready <--reply-- waiting
     ^  |                            |                     |                     |  '--MAIL, RCPT, RSET--^
     |  sasl (responses)             '--refused--> door    '--fails--> over      '--DATA--> writing (``writing``)
     '-- refused                                                                             '--whole, refused-->
     ready, over

Before login it serves EHLO, STARTTLS, AUTH, NOOP, RSET and QUIT, and nothing else (RFC 6409, section 4.3). After it,
one command is under way at a time: what a client pipelines is answered in order. The next hop's answers are the
client's answers.
"""

from collections.abc import Mapping

from kernel.reasons import Reason
from proxy.gateways import saying
from proxy.gateways.submission import grammar
from proxy.gateways.submission.door import DOOR, PASSED_ON, Door, Handler
from proxy.gateways.submission.grammar import Reply
from proxy.gateways.submission.upstream import Failed, SmtpLogin
from proxy.gateways.submission.writing import Writing
from proxy.relays.gate import (
    NOTHING,
    Command,
    Commands,
    End,
    Hold,
    Passed,
    Reached,
    Resume,
    Send,
)


class SubmissionGate(Door):
    """One session. See ``proxy.relays.gate.Gate``."""

    __slots__ = ()

    def received(self, data: bytes | memoryview) -> Commands:
        if self._writing is not None:
            return self._wrote(self._writing.client(data))
        return super().received(data)

    def answered(self, data: bytes | memoryview) -> Commands:
        if self._login is not None:
            return self._log_in_step(self._login, data)
        self._replies.feed(data)
        try:
            reply = self._replies.next()
            if reply is not None and self._replies.waiting:
                return self.unreachable()
        except ValueError:
            return self.unreachable()
        return NOTHING if reply is None else self._replied(reply)

    def unreachable(self) -> Commands:
        words = saying.sentence("", Reason.UPSTREAM)
        if self._state == "opening":
            return self._leave(f"454 4.7.0 {words}", Reason.UPSTREAM)
        return self._leave(f"421 4.3.2 {words}", Reason.UPSTREAM)

    def dismissed(self, reason: Reason, words: str) -> Commands:
        """421 between commands. A letter that is being written is cut off; one that is whole has a second to be
        answered."""
        if self._writing is not None and not self._writing.whole:
            return [End(b"", reason)]
        last = End(f"421 4.7.0 {saying.sentence(words, reason)}\r\n".encode(), reason)
        if self._writing is not None:
            self._falling = last
            return NOTHING
        return [last]

    def _replied(self, reply: Reply) -> Commands:
        if self._writing is not None:
            return self._wrote(self._writing.replied(reply))
        then, self._then = self._then, None
        if then is None:
            # Nobody asked: it is about to hang up (421), or out of step, and no later reply could be believed.
            return self.unreachable()
        self._state = "ready"
        return [*then(reply), *self._go_on()]

    # -- the next hop -------------------------------------------------------------------------------------------

    def reached(self, upstream: Reached) -> Commands:
        if self._state == "opening":
            self._login = SmtpLogin(upstream, self._settings.name)
        return NOTHING

    def upstream_secured(self) -> Commands:
        if self._login is None:
            return self.unreachable()
        self._login.secured()
        return self._login.orders()

    def _log_in_step(self, login: SmtpLogin, data: bytes | memoryview) -> Commands:
        try:
            done = login.feed(data)
        except Failed:
            return self.unreachable()
        if not done:
            return login.orders()
        self._login, self._state = None, "ready"
        self._offered = frozenset(word for word in PASSED_ON if word in login.offered)
        if self._admission is not None and self._admission.subject is not None:
            addresses = self._admission.subject.user.addresses()
            self._yours = frozenset(grammar.canonical(address) for address in addresses)
        return [*login.orders(), Hold(), self._say("235 2.7.0 Logged in"), *self._go_on()]

    def _belongs(self, address: str) -> bool:
        return grammar.canonical(address) in self._yours

    def _mail(self, argument: bytes) -> Commands:
        if not self._greeted:
            return self._error("503 5.5.1 Say EHLO first")
        if self._sender is not None:
            return self._error("503 5.5.1 One letter at a time")
        asked = grammar.envelope(argument, "FROM", grammar.MAIL_PARAMETERS)
        if int(asked.parameters.get("SIZE", "0")) > self._settings.bounds.letter:
            return self._error("552 5.3.4 Too big")
        # The null path is for receipts (RFC 8098, section 3), which clients send; their From is bound all the same.
        if asked.address and not self._belongs(asked.address):
            refusal = f"550 5.7.1 {saying.sentence('', Reason.SENDER)}"
            return [Passed(asked.address, 0, 0, refusal), *self._error(refusal)]

        def answered(reply: Reply) -> Commands:
            if reply.code == 250:
                self._sender, self._recipients = asked.address, 0
            return [Send(reply.octets)]

        return self._pass_on(asked.line("MAIL FROM", self._offered), answered)

    def _rcpt(self, argument: bytes) -> Commands:
        if self._sender is None:
            return self._error("503 5.5.1 MAIL first")
        asked = grammar.envelope(argument, "TO", grammar.RCPT_PARAMETERS)
        if not asked.address:
            return self._error("501 5.1.3 Bad address syntax")
        if self._recipients >= self._settings.bounds.recipients:
            return self._error("452 4.5.3 Too many recipients")

        def answered(reply: Reply) -> Commands:
            self._recipients += reply.code in (250, 251)
            return [Send(reply.octets)]

        return self._pass_on(asked.line("RCPT TO", self._offered), answered)

    def _data(self, argument: bytes) -> Commands:
        if argument:
            return self._error("501 5.5.4 DATA stands alone")
        if self._sender is None or not self._recipients:
            return self._error("503 5.5.1 No valid recipients")
        self._writing = Writing(self._belongs, self._settings.bounds.letter)
        first: list[Command] = [self._say("354 End with CR LF . CR LF")]
        if self._paused:
            self._paused = False
            first.append(Resume())
        return [*first, *self._wrote(self._writing.client(self._reader.rest()))]

    def _wrote(self, commands: Commands) -> Commands:
        """Perform what the letter wants; once it is done with, go on behind it."""
        writing = self._writing
        if writing is None or not writing.done:
            return commands
        sender, recipients = self._sender or "", self._recipients
        self._writing, self._sender, self._recipients = None, None, 0
        self._reader.feed(writing.rest)
        record = Passed(sender, recipients, writing.size, writing.answer.decode("ascii", "replace").strip()[:200])
        if self._falling is not None or writing.broken:
            last = self._falling or End(b"", Reason.UPSTREAM if writing.lost else None)
            self._state = "over"
            return [*commands, record, End(writing.answer + last.data, last.reason)]
        if writing.untold:
            # The next hop knows the envelope, and never saw the letter.
            return [*commands, record, *self._pass_on(b"RSET\r\n", lambda _: [Send(writing.answer)])]
        return [*commands, record, Send(writing.answer), *self._go_on()]

    def _vrfy(self, _: bytes) -> Commands:
        return [self._say("252 2.1.5 Send it and see")]

    def _again(self, _: bytes) -> Commands:
        return self._error("503 5.5.1 Already done")

    def _rset(self, _: bytes) -> Commands:
        return self._pass_on(b"RSET\r\n", lambda reply: self._forget(Send(reply.octets)))

    def _verbs(self) -> Mapping[str, Handler]:
        return DOOR if self._admission is None else HANDLERS


HANDLERS: Mapping[str, Handler] = {
    **DOOR,
    "STARTTLS": SubmissionGate._again,
    "AUTH": SubmissionGate._again,
    "MAIL": SubmissionGate._mail,
    "RCPT": SubmissionGate._rcpt,
    "DATA": SubmissionGate._data,
    "RSET": SubmissionGate._rset,
    "VRFY": SubmissionGate._vrfy,
}
