"""Writes the demo's ``gatepost.toml`` from its plan; it is an ordinary one, and worth reading."""

from collections.abc import Iterator

from gatepost.demo.plan import HOST, Plan

_MAIL = """
[[listen]]
name = "{name}"
service = "{service}"
address = "127.0.0.1:{port}"
tls = "{tls}"
certificate = "tls.pem"
key = "tls.key"
client_certificate = true
"""

_WEB = """
[[listen]]
name = "{name}"
service = "web"
address = "127.0.0.1:{port}"
certificate = "tls.pem"
key = "tls.key"
"""

_TOP = """# The demo's configuration, written by `gatepost demo`. `gatepost init` writes one that explains every key.

[site]
name = "{title}"
issuer = "{issuer}"
state = "state"
domains = ["example.com"]
help = "mailto:ines@example.com"
{for_devices}"""

_ROUTE = """
[[route]]
name = "webmail"
host = "{host}"
{for_devices}upstreams = ["http://127.0.0.1:{port}"]
mail_token = {mail_token}
"""

_DECISIONS = """
# Proxies of others' ask here (docs/decision-point.md); what is in edge.secret makes one known.
[[listen]]
name = "decisions"
service = "decisions"
address = "127.0.0.1:{port}"
tls = "none"

[[enforcer]]
name = "edge"
secret_file = "edge.secret"
"""

_EDGE_MAIL = """
[[enforcer.mail]]
backend = "mail"
imap = "127.0.0.1:{imap}"
pop3 = "127.0.0.1:{pop3}"
"""

_EDGE_ROUTE = """
[[route]]
name = "{name}"
host = "{host}"
enforcers = ["edge"]
"""

_BACKEND = """
[[backend]]
name = "mail"
{login}
forward = {forward}

[backend.imap]
address = "127.0.0.1:{imap}"
tls = "none"

{pop3}[backend.submission]
address = "127.0.0.1:{smtp}"
tls = "none"

{sieve}[proxy]
webmails = ["127.0.0.1/32", "::1/128"]

[idp]
logout_networks = ["127.0.0.0/8", "::1/128"]
"""


def text(plan: Plan) -> str:
    """Return the configuration that ``plan`` describes."""
    ports = plan.ports
    hosts = plan.device_hosts
    title = "Gatepost lab" if plan.lab else "Gatepost demo"
    parts = [_TOP.format(title=title, issuer=plan.issuer, for_devices=_for_devices(hosts.get("identity")))]
    parts += [_WEB.format(name=name, port=ports[name]) for name in ("web", "webmail")]
    for name, host in hosts.items():
        at = host.rpartition(":")[2]
        parts.append(_WEB.format(name=f"{name}-devices", port=at) + "client_certificate = true\n")
    for name, port in plan.mail_ports.items():
        tls = "implicit" if name.endswith("s") else "starttls"
        parts.append(_MAIL.format(name=name, service=name.removesuffix("s"), port=port, tls=tls))
    parts.append(
        _ROUTE.format(
            host=f"{HOST}:{ports['webmail']}",
            for_devices=_for_devices(hosts.get("webmail")),
            port=ports["backend_web"],
            mail_token="false" if plan.lab else "true",
        )
    )
    parts += _decisions(plan)
    login = 'login = "token"\naudience = "mail"' if plan.lab else _MASTER
    parts.append(
        _BACKEND.format(
            login=login,
            forward="true" if plan.lab else "false",
            imap=ports["backend_imap"],
            pop3=_upstream(plan, "pop3"),
            smtp=ports["backend_smtp"],
            sieve=_upstream(plan, "sieve"),
        )
    )
    return "".join(parts)


def _decisions(plan: Plan) -> Iterator[str]:
    """Yield what lets proxies of others' ask; in the lab also for mail, whose server takes tokens as passwords."""
    if not plan.edges:
        return
    yield _DECISIONS.format(port=plan.ports["decisions"])
    if plan.lab:
        yield _EDGE_MAIL.format(imap=plan.ports["backend_imap"], pop3=plan.ports["backend_pop3"])
    for name, host in plan.edges.items():
        yield _EDGE_ROUTE.format(name=name, host=host)


def _for_devices(host: str | None) -> str:
    return f'certificate_host = "{host}"\n' if host else ""


def _upstream(plan: Plan, service: str) -> str:
    """Return the table of an upstream that not every demo has."""
    if service not in plan.mail_ports:
        return ""
    return f'[backend.{service}]\naddress = "127.0.0.1:{plan.ports[f"backend_{service}"]}"\ntls = "none"\n\n'


_MASTER = 'login = "authzid"\nmaster_user = "gatepost"\nsecret_file = "mail.secret"'
