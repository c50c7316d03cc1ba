"""mutt, isync and msmtp: each logs in by the device's certificate alone (SASL EXTERNAL)."""

from agent.clients.account import Account


def mutt(account: Account) -> str:
    """Return a muttrc."""
    account.demand_file_key("mutt")
    imap, submission = account.place("imap"), account.place("submission")
    both = account.certificate.with_name("device-both.pem")
    return f"""# Read by mutt: put it into ~/.muttrc, or name it with -F.
# mutt wants key and certificate in one file: (umask 077; cat {account.certificate} {account.key} > {both})
set from = "{account.user}"
set folder = "imaps://{account.user}@{imap.host}:{imap.port}/"
set spoolfile = "+INBOX"
set imap_user = "{account.user}"
set imap_authenticators = "external"
set smtp_url = "smtps://{account.user}@{submission.host}:{submission.port}/"
set smtp_authenticators = "external"
set ssl_client_cert = "{both}"
set certificate_file = "{account.trust()}"
set ssl_force_tls = yes
"""


def isync(account: Account) -> str:
    """Return an mbsyncrc that keeps ~/Mail the same as the mailbox."""
    imap = account.place("imap")
    return f"""# Read by mbsync: put it into ~/.mbsyncrc, or name it with -c.{_by_tpm(account)}
IMAPAccount gatepost
Host {imap.host}
Port {imap.port}
User {account.user}
Pass unused
AuthMechs EXTERNAL
SSLType IMAPS
CertificateFile {account.trust()}
ClientCertificate {account.certificate}
ClientKey {account.key}

IMAPStore gatepost-far
Account gatepost

MaildirStore gatepost-near
Path ~/Mail/
Inbox ~/Mail/INBOX
SubFolders Verbatim

Channel gatepost
Far :gatepost-far:
Near :gatepost-near:
Patterns *
Create Near
SyncState *
"""


def msmtp(account: Account) -> str:
    """Return an msmtprc."""
    account.demand_file_key("msmtp")
    submission = account.place("submission")
    return f"""# Read by msmtp: put it into ~/.msmtprc (mode 0600), or name it with -C.
account gatepost
host {submission.host}
port {submission.port}
from {account.user}
user {account.user}
auth external
tls on
tls_starttls off
tls_trust_file {account.trust()}
tls_cert_file {account.certificate}
tls_key_file {account.key}

account default : gatepost
"""


def _by_tpm(account: Account) -> str:
    if not account.in_tpm:
        return ""
    return f"\n# The key is in the TPM: run it with OPENSSL_CONF={account.key.with_name('openssl.cnf')}"
