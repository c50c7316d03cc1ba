"""Enrolling, reporting, renewing: the agent's three acts, over a keeper, a server and a state.

    no enrolment --(code)--> enrolled --(report, every few minutes and on change)--> counted
                                 ^----------- certificate renewed past half its life ----'

A nonce that has grown old is asked for anew once; every other refusal stands, and ``status`` tells it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent import VERSION
from agent.keys import FileKeeper, Keeper, expiry, key_name, signed
from agent.server import Refusal, Server
from agent.signals import Posture
from agent.state import Facts, State
from agent.tpm import TpmKeeper

TYPE = "gatepost-report+jwt"
RENEW_AT = 0.5
"""The part of a certificate's life after which it is renewed."""


def keeper_of(state: State, kind: str) -> Keeper:
    """Return what keeps the key: ``tpm``, or ``file``."""
    return TpmKeeper(state.key) if kind == "tpm" else FileKeeper(state.key)


def enrol(state: State, server: Server, address: str, code: str, kind: str, posture: Posture) -> Facts:
    """Make a key, have it certified for a one-time code, and keep what came back.

    Raises:
        KeyTrouble, Unreachable, Refusal.
    """
    keeper = keeper_of(state, kind)
    keeper.make()
    answer = server.ask("enrol", code=code, csr=keeper.request(), platform=posture.platform)
    state.write(state.certificate, str(answer["certificate"]))
    facts = Facts(
        server=address,
        device=str(answer["device"]),
        keeper=kind,
        every=float(answer["every"]),
        mail=answer.get("mail", {}),
    )
    state.keep(facts)
    return facts


@dataclass
class Reporter:
    """Reports for one enrolment. ``nonce`` is what the last answer gave for the next report."""

    state: State
    server: Server
    clock: Callable[[], float]
    nonce: str = ""

    def report(self, posture: Posture) -> Mapping[str, Any]:
        """Send one report and return the server's answer; renew the certificate when it is time.

        Raises:
            KeyTrouble, Unreachable, Refusal, NotEnrolled; ``status`` knows afterwards.
        """
        try:
            answer = self._reported(posture)
        except Exception as fault:
            self.state.change(trouble=str(fault))
            raise
        self.nonce = str(answer["nonce"])
        if "certificate" in answer:
            self.state.write(self.state.certificate, str(answer["certificate"]))
        self.state.change(every=float(answer["every"]), trust=str(answer["trust"]), counted_at=self.clock(), trouble="")
        return answer

    def _reported(self, posture: Posture) -> Mapping[str, Any]:
        chain = self.state.certificate.read_text(encoding="ascii")
        name = key_name(chain)
        self.nonce = self.nonce or self._fresh(name)
        try:
            return self.server.ask("report", report=self._signed(name, chain, posture))
        except Refusal as refusal:
            if refusal.error != "nonce":
                raise
        self.nonce = self._fresh(name)
        return self.server.ask("report", report=self._signed(name, chain, posture))

    def _fresh(self, name: str) -> str:
        return str(self.server.ask("nonce", key=name)["nonce"])

    def _signed(self, name: str, chain: str, posture: Posture) -> str:
        facts = self.state.facts()
        keeper = keeper_of(self.state, facts.keeper)
        payload: dict[str, Any] = {
            "aud": facts.server,
            "nonce": self.nonce,
            "counter": self.state.next_counter(),
            "signals": dict(posture.signals),
            "platform": posture.platform,
            "version": VERSION,
        }
        if self._is_due(chain):
            payload["csr"] = keeper.request()
        return signed(keeper, {"alg": "ES256", "typ": TYPE, "kid": name}, payload)

    def _is_due(self, chain: str) -> bool:
        begins, ends = expiry(chain)
        return self.clock() >= begins + RENEW_AT * (ends - begins)
