"""Reading the mails that the plugin put into a folder instead of sending them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

#: As :class:`insurance_reviews.plugin.mail.FolderMailer` names them: nanoseconds, then a number.
_NAME = re.compile(r"([0-9]{20})-[0-9]+\.eml")
_ADDRESS = re.compile(r"(https?://[^\s<>，。；]+)")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, as a mailbox shows it."""

    name: str
    sent_at: datetime
    sender: str
    subject: str
    text: str

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """The text cut at its links: each part, and whether it is one."""
        cut = _ADDRESS.split(self.text)
        return [(part, index % 2 == 1) for index, part in enumerate(cut) if part]

    @property
    def invitation(self) -> str | None:
        """The link to the review form, where the mail has one."""
        return next((part for part, link in self.parts if link and "/i/" in part), None)


def read_inbox(folder: Path, addresses: set[str]) -> list[Mail]:
    """The mails to these addresses, newest first."""
    mails = []
    for path in sorted(folder.glob("*.eml"), reverse=True) if addresses else ():
        written = _NAME.fullmatch(path.name)
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        if written and str(message["To"]).casefold() in addresses:
            mails.append(_mail(path.name, int(written[1]), message))
    return mails


def _mail(name: str, nanoseconds: int, message: EmailMessage) -> Mail:
    body = message.get_body(("plain",))
    assert body is not None, "the plugin writes a plain part into every mail"
    text: str = body.get_content()
    sent_at = datetime.fromtimestamp(nanoseconds / 10**9, UTC)
    return Mail(name, sent_at, str(message["From"]), str(message["Subject"]), text.strip())
