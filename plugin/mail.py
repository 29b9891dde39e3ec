"""How mail leaves: by SMTP, or into a folder for demonstrations and tests."""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from email.message import EmailMessage
from email.utils import make_msgid
from itertools import count
from pathlib import Path
from typing import Protocol

from .settings import Settings

TIMEOUT = 20


class Mailer(Protocol):
    """Delivers one message or raises."""

    def send(self, message: EmailMessage) -> None: ...


class SmtpMailer:
    """Delivers by SMTP, with STARTTLS unless that was switched off."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, message: EmailMessage) -> None:
        settings = self._settings
        assert settings.mail_server is not None
        with smtplib.SMTP(settings.mail_server, settings.mail_port, timeout=TIMEOUT) as smtp:
            if settings.mail_tls:
                smtp.starttls(context=ssl.create_default_context())
            if settings.mail_username is not None:
                smtp.login(settings.mail_username, settings.mail_password or "")
            smtp.send_message(message)


class FolderMailer:
    """Writes each message to a file ``<time>-<number>.eml``."""

    _numbers = count(1)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns():020d}-{next(self._numbers)}.eml"
        unfinished = self._folder / f".{name}"
        unfinished.write_bytes(message.as_bytes())
        unfinished.replace(self._folder / name)


class NoMailer:
    """Stands where no mail was configured: jobs wait and say why."""

    def send(self, message: EmailMessage) -> None:
        raise RuntimeError("no mail is configured: set MAIL_SERVER or MAIL_FOLDER")


def mailer_of(settings: Settings) -> Mailer:
    """The mailer that ``settings`` ask for; a folder wins, so that a trial never mails anybody."""
    if settings.mail_folder is not None:
        return FolderMailer(settings.mail_folder)
    return SmtpMailer(settings) if settings.mail_server is not None else NoMailer()


def compose(sender: str, to: str, subject: str, text: str, html: str) -> EmailMessage:
    """A message with a plain and an HTML part."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    # A header is one line, whatever a product's name holds.
    message["Subject"] = re.sub(r"\s+", " ", subject).strip()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message
