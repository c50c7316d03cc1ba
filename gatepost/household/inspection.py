"""What can be seen wrong with an installation without running it: files, keys, certificates, names. Each finding is
one row
that says what was looked at, what was seen, and what to do."""

import ssl
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from gatepost.geography.survey import survey
from idp.admin.health import Row, State
from kernel.config.settings import Listener, Settings, Tls
from policies.vocabulary import MAIL_PROGRAMS

SOON = timedelta(days=14)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def inspect(settings: Settings, now: datetime | None = None) -> Iterator[Row]:
    """Yield a row for everything that this installation needs on disk."""
    yield _private("state directory", settings.site.state)
    yield _private("vault key", settings.vault_key)
    for backend in settings.backends:
        if backend.secret_file is not None:
            yield _private(f"secret of backend {backend.name}", backend.secret_file)
    for enforcer in settings.enforcers:
        if enforcer.secret_file is not None:
            yield _private(f"secret of enforcer {enforcer.name}", enforcer.secret_file)
    for listener in settings.listen:
        if listener.tls is not Tls.NONE:
            yield certificate(listener, now)
    yield from _unserved(settings)
    yield _issuer(settings)
    yield from survey(settings, (now or datetime.now(UTC)).timestamp())


def _unserved(settings: Settings) -> Iterator[Row]:
    """A mail port behind which no backend speaks its protocol: everybody would be told to come again later."""
    spoken = {service for backend in settings.backends for service, _ in backend.upstreams}
    for listener in settings.listen:
        if listener.service in MAIL_PROGRAMS - spoken:
            seen = f"no backend speaks {listener.service}"
            advice = f"add [backend.{listener.service}] to a [[backend]], or leave this listener out"
            yield Row(f"listener {listener.name}", State.BAD, seen, advice)


def _private(name: str, path: Path) -> Row:
    if not path.exists():
        return Row(name, State.BAD, f"{path} is missing", "make an installation with `gatepost init`, or mend the path")
    if path.stat().st_mode & _OTHERS:
        return Row(name, State.BAD, f"{path} is open to others", f"chmod go= {path}")
    return Row(name, State.GOOD, str(path))


def certificate(listener: Listener, now: datetime | None = None) -> Row:
    """Return a row about the certificate that a listener shows."""
    now = now or datetime.now(UTC)
    name = f"certificate of {listener.name}"
    if listener.certificate is None or listener.key is None:
        return Row(name, State.BAD, "not configured", "set `certificate` and `key` of the listener")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(listener.certificate, listener.key)
        leaf = x509.load_pem_x509_certificates(listener.certificate.read_bytes())[0]
    except (OSError, ValueError) as error:
        return Row(name, State.BAD, f"{listener.certificate}: {error}", "the file and its key must belong together")
    ends = leaf.not_valid_after_utc
    if ends <= now:
        return Row(name, State.BAD, f"expired on {ends:%Y-%m-%d}", "renew it; it is read again by SIGHUP")
    state = State.ATTENTION if ends - now < SOON else State.GOOD
    return Row(name, state, f"good until {ends:%Y-%m-%d}", "renew it soon" if state is State.ATTENTION else "")


def _issuer(settings: Settings) -> Row:
    if any(listener.service == "web" for listener in settings.listen):
        return Row("identity pages", State.GOOD, settings.site.issuer)
    return Row("identity pages", State.BAD, "no web listener", 'add a [[listen]] with service = "web"')
