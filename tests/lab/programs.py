"""Mail programs that are not ours, as Debian ships them, each run once in a home of its own with a person's account.

A program takes an ``Account`` and returns how it ended; what it fetched is in ``Account.fetched``.
"""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.demo import Demo, Person

PATIENCE = 30
Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Account:
    """``service``: what its password is for. ``home`` is the program's own, and may be without a file yet."""

    demo: Demo
    person: Person
    service: str
    home: Path
    secret: str = ""
    token: str = ""
    certified: bool = False

    @property
    def user(self) -> str:
        return self.person.email

    @property
    def certificate(self) -> str:
        return str(self.demo.path(self.person.laptop["certificate"]))

    @property
    def key(self) -> str:
        return str(self.demo.path(self.person.laptop["key"]))

    @property
    def ca(self) -> str:
        return str(self.demo.ca)

    @property
    def fetched(self) -> str:
        """Everything that the program wrote below its ``mail``."""
        files = [path for path in (self.home / "mail").rglob("*") if path.is_file()]
        return "\n".join(path.read_text("utf-8", "replace") for path in files)

    def write(self, name: str, text: str) -> str:
        """Write a file of the program's home, for its owner alone; return its path."""
        path = self.home / name
        path.touch(0o600)
        path.write_text(text)
        return str(path)

    def run(self, *argv: str, said: str = "") -> Done:
        """Run a program in its home, with ``said`` as what is typed."""
        (self.home / "mail").mkdir(exist_ok=True)
        environment = {
            "HOME": str(self.home),
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "TERM": "xterm",
            "LANG": "C.UTF-8",
        }
        return subprocess.run(
            argv,
            cwd=self.home,
            env=environment,
            input=said,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


def curl(account: Account, scheme: str, path: str = "") -> Done:
    """Fetch ``path`` of ``imaps``, ``pop3s`` or (by STLS) ``pop3``."""
    argv = ["curl", "--silent", "--show-error", "--verbose", "--max-time", "15", "--cacert", account.ca, "--ssl-reqd"]
    argv += ["--user", f"{account.user}:{account.secret}"]
    if account.token:
        argv += ["--oauth2-bearer", account.token]
    if account.certified:
        argv += ["--cert", account.certificate, "--key", account.key]
        argv += [] if account.secret else ["--login-options", "AUTH=EXTERNAL"]
    argv += ["--output", "mail/letter"]
    return account.run(*argv, f"{scheme}://localhost:{account.demo.port(scheme)}/{path}")


def curl_imap(account: Account) -> Done:
    return curl(account, "imaps", "INBOX;MAILINDEX=2")


def curl_pop3(account: Account) -> Done:
    return curl(account, "pop3s", "2")


def curl_stls(account: Account) -> Done:
    return curl(account, "pop3", "2")


def fetchmail(account: Account) -> Done:
    """POP3 by USER and PASS; a certificate goes beside a password."""
    own = f'sslcert "{account.certificate}" sslkey "{account.key}"' if account.certified else ""
    control = account.write(
        "fetchmailrc",
        f'poll localhost service {account.demo.port("pop3s")} protocol pop3 username "{account.user}"'
        f' password "{account.secret}" ssl sslproto tls1.2+ sslcertck sslcertfile "{account.ca}" {own}'
        f' keep fetchall mda "cat >> {account.home}/mail/box"\n',
    )
    return account.run("fetchmail", "-f", control, "--pidfile", "pid", "--idfile", "ids", "--nosyslog")


def getmail(account: Account) -> Done:
    own = f"certfile = {account.certificate}\nkeyfile = {account.key}\n" if account.certified else ""
    control = account.write(
        "getmailrc",
        f"[retriever]\ntype = SimplePOP3SSLRetriever\nserver = localhost\nport = {account.demo.port('pop3s')}\n"
        f"username = {account.user}\npassword = {account.secret}\nca_certs = {account.ca}\n{own}"
        f'[destination]\ntype = MDA_external\npath = /usr/bin/tee\narguments = ("-a", "{account.home}/mail/box")\n'
        "allow_root_commands = true\n[options]\nread_all = true\ndelete = false\n",
    )
    return account.run("getmail", "--getmaildir", str(account.home), "--rcfile", control)


def mbsync(account: Account) -> Done:
    """isync: password, certificate beside it, or EXTERNAL."""
    own = f"ClientCertificate {account.certificate}\nClientKey {account.key}\n" if account.certified else ""
    proof = f"Pass {account.secret}\n" if account.secret else "AuthMechs EXTERNAL\n"
    control = account.write(
        "mbsyncrc",
        f"IMAPAccount lab\nHost localhost\nPort {account.demo.port('imaps')}\nUser {account.user}\n{proof}"
        f"SSLType IMAPS\nCertificateFile {account.ca}\n{own}\nIMAPStore far\nAccount lab\n\n"
        f"MaildirStore near\nPath {account.home}/mail/\nInbox {account.home}/mail/INBOX\nSubFolders Verbatim\n\n"
        "Channel all\nFar :far:\nNear :near:\nPatterns *\nCreate Near\nSyncState *\n",
    )
    return account.run("mbsync", "--config", control, "all")


def offlineimap(account: Account) -> Done:
    """offlineimap3: password, certificate beside it, or a token by XOAUTH2."""
    own = f"sslclientcert = {account.certificate}\nsslclientkey = {account.key}\n" if account.certified else ""
    by_token = f"auth_mechanisms = XOAUTH2\noauth2_access_token = {account.token}\n"
    proof = by_token if account.token else f"remotepass = {account.secret}\n"
    control = account.write(
        "offlineimaprc",
        f"[general]\naccounts = lab\nmetadata = {account.home}/state\nui = basic\n"
        "[Account lab]\nlocalrepository = near\nremoterepository = far\n"
        f"[Repository near]\ntype = Maildir\nlocalfolders = {account.home}/mail\n"
        f"[Repository far]\ntype = IMAP\nreadonly = true\nremotehost = localhost\nssl = yes\n"
        f"remoteport = {account.demo.port('imaps')}\nremoteuser = {account.user}\nsslcacertfile = {account.ca}\n"
        f"{own}{proof}",
    )
    return account.run("offlineimap", "-c", control, "-o")


def mutt_rc(account: Account) -> str:
    """Write mutt's configuration, for IMAP and submission alike."""
    lines = [f'set ssl_ca_certificates_file="{account.ca}"', "set certificate_file=/dev/null", 'set record=""']
    lines += [f'set imap_user="{account.user}"', f'set from="{account.user}"', "set quit=yes", "set wait_key=no"]
    lines.append(f'set folder="imaps://localhost:{account.demo.port("imaps")}/"')  # or it asks to make ~/Mail
    lines.append(f'set smtp_url="smtps://{account.user}@localhost:{account.demo.port("submissions")}/"')
    if account.token:
        command = account.write("token", f"#!/bin/sh\necho '{account.token}'\n")
        Path(command).chmod(0o700)
        for service in ("imap", "smtp"):
            lines += [f'set {service}_oauth_refresh_command="{command}"', f"set {service}_authenticators=oauthbearer"]
    else:
        lines += [
            f'set imap_pass="{account.secret}"',
            f'set smtp_pass="{account.secret}"',
            "set smtp_authenticators=plain",
        ]
    if account.certified:
        both = account.write("certificate.pem", Path(account.certificate).read_text() + Path(account.key).read_text())
        lines.append(f'set ssl_client_cert="{both}"')
        lines += [] if account.secret else ["set imap_authenticators=external"]
    return account.write("muttrc", "\n".join(lines) + "\n")


def mutt(account: Account) -> Done:
    """Open the inbox on a terminal, and pipe the last letter into a file, as somebody at the keys would."""
    keys = f"<last-entry><pipe-message>cat > {account.home}/mail/letter<enter><quit>"
    inbox = f"imaps://localhost:{account.demo.port('imaps')}/INBOX"
    command = f"""mutt -n -F {mutt_rc(account)} -f {inbox} -e 'push "{keys}"'"""
    return account.run("script", "--quiet", "--return", "--command", command, "/dev/null")


READERS: Mapping[str, Callable[[Account], Done]] = {
    "curl by IMAP": curl_imap,
    "mutt": mutt,
    "isync": mbsync,
    "offlineimap3": offlineimap,
    "curl by POP3": curl_pop3,
    "curl by STLS": curl_stls,
    "fetchmail": fetchmail,
    "getmail6": getmail,
}


def mutt_sends(account: Account, to: str, subject: str) -> Done:
    return account.run("mutt", "-n", "-F", mutt_rc(account), "-s", subject, to, said="Sent by a program.\n")


def msmtp(account: Account, to: str, subject: str) -> Done:
    """msmtp by the STARTTLS port: password, token, or EXTERNAL."""
    argv = ["msmtp", "--file=/dev/null", "--host=localhost", f"--port={account.demo.port('submission')}", "--tls=on"]
    argv += ["--tls-starttls=on", f"--tls-trust-file={account.ca}", f"--user={account.user}", f"--from={account.user}"]
    if account.certified:
        argv += [f"--tls-cert-file={account.certificate}", f"--tls-key-file={account.key}"]
    word = account.write("word", (account.token or account.secret) + "\n")
    way = "oauthbearer" if account.token else "plain" if account.secret else "external"
    argv += [f"--auth={way}", f"--passwordeval=cat {word}"]
    return account.run(*argv, to, said=f"From: {account.user}\nTo: {to}\nSubject: {subject}\n\nSent by a program.\n")


def swaks(account: Account, to: str, subject: str) -> Done:
    argv = ["swaks", "--server", "localhost", "--port", str(account.demo.port("submissions")), "--tls-on-connect"]
    argv += ["--tls-verify", "--tls-ca-path", account.ca, "--auth", "PLAIN", "--auth-user", account.user]
    argv += ["--auth-password", account.secret, "--from", account.user, "--to", to, "--header", f"Subject: {subject}"]
    argv += ["--body", "Sent by a program."]
    if account.certified:
        argv += ["--tls-cert", account.certificate, "--tls-key", account.key]
    return account.run(*argv)


def curl_sends(account: Account, to: str, subject: str) -> Done:
    letter = account.write(
        "letter", f"From: {account.user}\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nSent by a program.\r\n"
    )
    argv = ["curl", "--silent", "--show-error", "--verbose", "--max-time", "15", "--cacert", account.ca]
    argv += ["--user", f"{account.user}:{account.secret}", "--mail-from", account.user, "--mail-rcpt", to]
    argv += ["--oauth2-bearer", account.token] if account.token else []
    if account.certified:
        argv += ["--cert", account.certificate, "--key", account.key]
        argv += [] if account.secret else ["--login-options", "AUTH=EXTERNAL"]
    return account.run(*argv, "--upload-file", letter, f"smtps://localhost:{account.demo.port('submissions')}")


SENDERS: Mapping[str, Callable[[Account, str, str], Done]] = {
    "mutt": mutt_sends,
    "msmtp": msmtp,
    "swaks": swaks,
    "curl": curl_sends,
}


def sieve_connect(account: Account, *words: str) -> Done:
    """Do something with scripts; STARTTLS first, as the program insists."""
    argv = ["sieve-connect", "--server", "localhost", "--port", str(account.demo.port("sieve")), "--user", account.user]
    argv += ["--tlscafile", account.ca, "--passwordfd", "0"]
    if account.certified:
        argv += ["--clientcert", account.certificate, "--clientkey", account.key]
        argv += [] if account.secret else ["--authmech", "EXTERNAL"]
    return account.run(*argv, *words, said=f"{account.secret}\n")


NEEDED = ("curl", "mutt", "mbsync", "offlineimap", "fetchmail", "getmail", "msmtp", "swaks", "sieve-connect", "script")
