"""What to type into a mail client, and what browsers are called."""

from pathlib import Path

import pytest

from idp.portal import texts as portal
from idp.portal.mail_clients import mail_settings, offered
from idp.web import texts as web
from idp.web.agents import agent_name
from kernel.config.settings import Endpoint, Listener, Settings, Site, Tls
from kernel.reasons import LANGUAGES

SETTINGS = Settings(
    Site("Example", "https://id.example.test:8443", Path("/var/lib/gatepost")),
    listen=(
        Listener("web", "web", Endpoint("::", 8443)),
        Listener("imap", "imap", Endpoint("::", 143), Tls.STARTTLS),
        Listener("imaps", "imap", Endpoint("::", 993)),
        Listener("bare", "imap", Endpoint("127.0.0.1", 1143), Tls.NONE),
        Listener("sieve", "sieve", Endpoint("::", 4190), Tls.STARTTLS),
        Listener("submission", "submission", Endpoint("::", 587), Tls.STARTTLS),
        Listener("pop3s", "pop3", Endpoint("::", 995)),
    ),
)


def test_implicit_tls_comes_first_and_bare_ports_are_never_told() -> None:
    told = [(each.service, each.host, each.port, each.encryption) for each in mail_settings(SETTINGS)]
    assert told == [
        ("imap", "id.example.test", 993, "SSL/TLS"),
        ("imap", "id.example.test", 143, "STARTTLS"),
        ("pop3", "id.example.test", 995, "SSL/TLS"),
        ("submission", "id.example.test", 587, "STARTTLS"),
        ("sieve", "id.example.test", 4190, "STARTTLS"),
    ]
    assert offered(SETTINGS) == ("imap", "pop3", "submission", "sieve")


@pytest.mark.parametrize("service", offered(SETTINGS))
def test_every_mail_service_has_a_name_and_a_heading_in_every_language(service: str) -> None:
    for key in (f"web.service.{service}", f"portal.setup.{service}"):
        assert all({**web.TEXTS, **portal.TEXTS}[key][language] for language in LANGUAGES)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 20_1 like Mac OS X) Version/20.1 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/150.0 Safari/537.36 Edg/150.0", "Edge, Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/150.0 Safari/537.36", "Chrome, macOS"),
        ("Thunderbird", "Thunderbird"),
        ("x" * 100, "x" * 40),
        ("", ""),
    ],
)
def test_browsers_by_name(agent: str, name: str) -> None:
    assert agent_name(agent) == name
