"""The channels of a morning mail: an SNS topic for the text, SES for text and HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.common.errors import Unavailable
from chalicelib.mails.model import Mail
from chalicelib.notices.store import Publisher

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


@dataclass(frozen=True, slots=True)
class ByTopic:
    topic: Publisher

    def has_receiver(self) -> bool:
        return self.topic.has_receiver()

    def send(self, mail: Mail) -> None:
        self.topic.publish(mail.subject, mail.text)


@dataclass(frozen=True, slots=True)
class ByEmail:
    """SES; without a sender or recipients every mail stays unsent."""

    client: SESV2Client
    sender: str | None
    recipients: Sequence[str]

    def has_receiver(self) -> bool:
        return True

    def send(self, mail: Mail) -> None:
        if not self.sender or not self.recipients:
            message = "VOLTBOOK_MAIL_FROM and VOLTBOOK_MAIL_TO must both be set, or neither"
            raise Unavailable(message)
        try:
            self.client.send_email(
                FromEmailAddress=self.sender,
                Destination={"ToAddresses": list(self.recipients)},
                Content={
                    "Simple": {
                        "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                        "Body": {
                            "Text": {"Data": mail.text, "Charset": "UTF-8"},
                            "Html": {"Data": mail.html, "Charset": "UTF-8"},
                        },
                    }
                },
            )
        except (BotoCoreError, ClientError) as error:
            message = f"the e-mail could not be sent: {error}"
            raise Unavailable(message) from error
