"""Thunderbird: preferences for a new profile, which log in by the certificate of its own store."""

import json

from agent.clients.account import Account

BY_CERTIFICATE = 5
"""nsMsgAuthMethod.External."""
BY_TLS = 3
"""nsMsgSocketType.SSL."""


def preferences(account: Account) -> str:
    """Return a user.js; the certificate is imported as ``configure browser`` shows, into the profile's own store."""
    account.demand_file_key("Thunderbird")
    imap, submission = account.place("imap"), account.place("submission")
    settings: dict[str, str | int | bool] = {
        "mail.accountmanager.accounts": "account1",
        "mail.accountmanager.defaultaccount": "account1",
        "mail.account.account1.server": "server1",
        "mail.account.account1.identities": "id1",
        "mail.identity.id1.useremail": account.user,
        "mail.identity.id1.smtpServer": "smtp1",
        "mail.server.server1.type": "imap",
        "mail.server.server1.name": account.user,
        "mail.server.server1.hostname": imap.host,
        "mail.server.server1.port": imap.port,
        "mail.server.server1.socketType": BY_TLS,
        "mail.server.server1.authMethod": BY_CERTIFICATE,
        "mail.server.server1.userName": account.user,
        "mail.smtpservers": "smtp1",
        "mail.smtp.defaultserver": "smtp1",
        "mail.smtpserver.smtp1.hostname": submission.host,
        "mail.smtpserver.smtp1.port": submission.port,
        "mail.smtpserver.smtp1.try_ssl": BY_TLS,
        "mail.smtpserver.smtp1.authMethod": BY_CERTIFICATE,
        "mail.smtpserver.smtp1.username": account.user,
        "security.default_personal_cert": "Select Automatically",
    }
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in settings.items()]
    return "\n".join(["// Put it as user.js into a new Thunderbird profile.", *lines, ""])
