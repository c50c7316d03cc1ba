"""The system's store of certificates, from which browsers take theirs: the commands that put ours there."""

from agent.clients.account import Account


def commands(account: Account) -> str:
    """Return a script for this system's store. Nothing is put there without the person running it."""
    account.demand_file_key("The browser's store")
    key, certificate = account.key, account.certificate
    bundle = certificate.with_name("device.p12")
    export = f'openssl pkcs12 -export -in "{certificate}" -inkey "{key}" -name Gatepost -passout pass: -out "{bundle}"'
    if account.kernel == "Darwin":
        put = f'security import "{bundle}" -k ~/Library/Keychains/login.keychain-db -P "" -T /usr/bin/security'
    elif account.kernel == "Windows":
        return (
            f"@rem Run it in a command prompt; openssl comes with Git.\r\n{export}\r\n"
            f'certutil -user -p "" -importPFX "{bundle}" NoExport\r\ndel "{bundle}"\r\n'
        )
    else:
        put = (
            "mkdir -p ~/.pki/nssdb\n"
            "test -e ~/.pki/nssdb/cert9.db || certutil -N -d sql:$HOME/.pki/nssdb --empty-password\n"
            f'pk12util -i "{bundle}" -d sql:$HOME/.pki/nssdb -W ""'
        )
    return f'#!/bin/sh\nset -eu\numask 077\n{export}\n{put}\nrm -f "{bundle}"\n'
