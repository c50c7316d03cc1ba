"""The single sign-on sessions of browsers: how they begin, grow stronger, hand over to web routes, and end.

A cookie's secret changes whenever the sign-in gains a factor, so that one seen before it is worth nothing after.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from idp.signins.ending import end_signin
from idp.signins.history import FAST, impossible_travel, new_country, new_device, odd, spot_of
from idp.signins.learning import learn, past_of
from idp.signins.secrets import SIGNIN, TICKET, Digester, digest_of
from idp.signins.seeing import see
from kernel.audit import SignedIn
from kernel.chance import Chance, identifier, secret
from kernel.clock import Clock
from kernel.geography import Geography, Nowhere
from kernel.ports import Reader, Store, Writer
from kernel.problems import Missing, Refused
from kernel.records.changes import signin_handle
from kernel.records.devices import Device, Proof
from kernel.records.people import User
from kernel.records.sessions import Factor, SignIn, Ticket

TICKET_SECONDS = 30.0
LONGEST_AGENT = 300
LONGEST_STATE = 256


def alive(signin: SignIn | None, now: float) -> bool:
    """Tell whether a sign-in exists, has not ended and has not expired."""
    return signin is not None and not signin.ended_at and signin.expires_at > now


class SignIns:
    """Begins, strengthens and ends sign-ins. ``lifetime`` in seconds; it counts from the beginning, whatever happens
    since. ``geography`` tells where addresses are (None: nothing does), ``speed`` how fast people travel (km/h)."""

    def __init__(
        self,
        store: Store,
        vault: Digester,
        clock: Clock,
        chance: Chance,
        lifetime: float,
        geography: Geography | None = None,
        speed: float = FAST,
    ) -> None:
        self._store, self._vault, self._clock, self._chance = store, vault, clock, chance
        self._lifetime, self._geography, self._speed = lifetime, geography or Nowhere(), speed

    async def begin(
        self, user: User, factors: Iterable[Factor] | Mapping[Factor, float], address: str, agent: str
    ) -> tuple[SignIn, str]:
        """Start a sign-in with what was shown (now, unless a mapping says when); return it and its cookie's secret.

        Raises:
            Refused: the user is gone or disabled meanwhile, or nothing was shown.
        """
        now, cookie = self._clock.now(), secret(self._chance)
        shown = dict(factors) if isinstance(factors, Mapping) else dict.fromkeys(factors, now)
        if not shown:
            raise Refused("a sign-in needs at least one factor")
        location = self._geography.locate(address)
        signin = SignIn(
            id=identifier(self._chance, "si"),
            digest=self._vault.digest(SIGNIN, cookie),
            user_id=user.id,
            created_at=now,
            expires_at=now + self._lifetime,
            factors=shown,
            address=address,
            agent=agent[:LONGEST_AGENT],
            country=location.country or "",
            spot=spot_of(location, now),
        )

        def work(tx: Writer) -> SignIn:
            present = tx.get(User, user.id)
            if present is None or present.disabled:
                raise Refused("this account cannot sign in")
            begun = self._compared(tx, signin)
            tx.insert(begun)
            _log(tx, begun, "begun", now)
            return begun

        return await self._store.write(work), cookie

    async def by_cookie(self, cookie: str) -> SignIn | None:
        """Return the living sign-in that a cookie belongs to."""
        digest = digest_of(self._vault, SIGNIN, cookie)
        if not digest:
            return None
        found = await self._store.read(lambda tx: tx.find(SignIn, digest=digest, limit=1), small=True)
        return found[0] if found and alive(found[0], self._clock.now()) else None

    async def get(self, signin_id: str) -> SignIn | None:
        """Return a sign-in, living or not."""
        return await self._store.read(lambda tx: tx.get(SignIn, signin_id), small=True)

    async def add_factor(self, signin_id: str, factor: Factor) -> tuple[SignIn, str]:
        """Add what was shown now; return the sign-in and its new cookie: the old one is worth nothing from here on.

        Raises:
            Missing: the sign-in is over.
        """
        now, cookie = self._clock.now(), secret(self._chance)

        def work(tx: Writer) -> SignIn:
            present = self._living(tx, signin_id)
            factors = {**present.factors, factor: now}
            changed = replace(present, factors=factors, digest=self._vault.digest(SIGNIN, cookie))
            return _changed(tx, changed, f"factor:{factor}", now)

        return await self._store.write(work), cookie

    async def bind_device(self, signin_id: str, device_id: str, proof: Proof) -> SignIn:
        """Say which device the browser has just proved to be.

        Raises:
            Missing: the sign-in is over, or there is no such device.
            Refused: the device belongs to somebody else.
        """
        now = self._clock.now()

        def work(tx: Writer) -> SignIn:
            present, device = self._living(tx, signin_id), tx.get(Device, device_id)
            if device is None:
                raise Missing("there is no such device")
            if device.owner not in ("", present.user_id):
                raise Refused("this device belongs to somebody else")
            new = new_device(past_of(tx, present.user_id), device_id, signin_id)
            bound = replace(present, device_id=device_id, proof=proof, proved_at=now, new_device=new, learnt=False)
            return _changed(tx, bound, f"device:{proof}", now)

        return await self._store.write(work)

    async def proved(self, signin_id: str) -> SignIn:
        """Remember that the browser's device key has just answered a challenge again.

        Raises:
            Missing: the sign-in is over.
        """
        now = self._clock.now()

        def work(tx: Writer) -> SignIn:
            changed = replace(self._living(tx, signin_id), proved_at=now)
            tx.put(changed)
            tx.note(signin_handle(signin_id))
            return changed

        return await self._store.write(work)

    async def seen(self, signin_id: str, service: str) -> None:
        """Remember that the person has just used ``service``, for limits on idleness."""
        now = self._clock.now()
        await self._store.write(lambda tx: see(tx, signin_id, service, now))

    async def learn(self, judged: SignIn) -> None:
        """Remember that the policy has let this sign-in in: what it came from is familiar from the next one on."""
        now = self._clock.now()
        await self._store.write(lambda tx: learn(tx, judged, now))

    async def issue_ticket(self, signin_id: str, route: str, state: str) -> str:
        """Return the secret that lets this browser in at ``route`` once, within 30 s, together with ``state``.

        Raises:
            Missing: the sign-in is over.
            Refused: ``state`` is empty or too long (256).
        """
        if not 0 < len(state) <= LONGEST_STATE:
            raise Refused("this hand-over is not complete; open the application again")
        now, ticket = self._clock.now(), secret(self._chance)
        digest = self._vault.digest(TICKET, ticket)

        def work(tx: Writer) -> None:
            self._living(tx, signin_id)
            tx.insert(Ticket(digest, signin_id, route, state, now + TICKET_SECONDS))

        await self._store.write(work)
        return ticket

    async def for_user(self, user_id: str) -> Sequence[SignIn]:
        """Return the living sign-ins of a user, newest first."""
        found = await self._store.read(lambda tx: tx.find(SignIn, user_id=user_id))
        now = self._clock.now()
        return sorted((each for each in found if alive(each, now)), key=lambda each: -each.created_at)

    async def end(self, signin_id: str, actor: str, reason: str) -> bool:
        """End a sign-in with all that stands on it; return False when there was nothing to end."""
        now = self._clock.now()

        def work(tx: Writer) -> bool:
            present = tx.get(SignIn, signin_id)
            return present is not None and end_signin(tx, present, actor, reason, now)

        return await self._store.write(work)

    def _compared(self, tx: Writer, signin: SignIn) -> SignIn:
        past = past_of(tx, signin.user_id)
        return replace(
            signin,
            new_country=new_country(past, signin.country or None),
            impossible_travel=impossible_travel(past, signin.spot, self._speed),
        )

    def _living(self, tx: Reader, signin_id: str) -> SignIn:
        present = tx.get(SignIn, signin_id)
        if present is None or not alive(present, self._clock.now()):
            raise Missing("this sign-in is over; please sign in again")
        return present


def _changed(tx: Writer, signin: SignIn, step: str, now: float) -> SignIn:
    tx.put(signin)
    tx.note(signin_handle(signin.id))
    _log(tx, signin, step, now)
    return signin


def _log(tx: Writer, signin: SignIn, step: str, now: float) -> None:
    user = tx.get(User, signin.user_id)
    name = user.name if user else ""
    tx.log(
        SignedIn(
            at=now,
            actor=f"user:{name}",
            user=name,
            user_id=signin.user_id,
            device_id=signin.device_id,
            address=signin.address,
            signin_id=signin.id,
            step=step,
            factors=tuple(signin.factors),
            country=signin.country,
            odd=odd(signin),
        )
    )
