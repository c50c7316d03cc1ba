"""Puts the first letters into the demo's mailboxes, through the mail system's own SMTP port."""

import smtplib
from email.message import EmailMessage
from email.utils import formataddr, localtime, make_msgid

from gatepost.demo.people import DOMAIN, LETTERS, PEOPLE

BY_NAME = {person.name: person for person in PEOPLE}


def deliver(smtp: smtplib.SMTP) -> int:
    """Send every letter to everybody but its author, over a session that may send; return how many went.

    One by one: LMTP answers for each recipient, which ``smtplib`` does not read.
    """
    sent = 0
    for subject, author, text in LETTERS:
        others = [person.email for person in PEOPLE if person.name != author]
        letter = _letter(subject, author, text)
        for other in others:
            smtp.send_message(letter, BY_NAME[author].email, [other])
        sent += len(others)
    return sent


def _letter(subject: str, author: str, text: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = formataddr((BY_NAME[author].display_name, BY_NAME[author].email))
    letter["To"] = f"everybody@{DOMAIN}"
    letter["Subject"] = subject
    letter["Date"] = localtime()
    letter["Message-ID"] = make_msgid(domain=DOMAIN)
    letter.set_content(text)
    return letter
