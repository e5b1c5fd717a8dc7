"""Acceptance of a file over HTTP: what would change, and then just that."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from chalicelib.common.errors import ImportUnderWay
from chalicelib.common.names import DAILY_NAME
from chalicelib.feeds.receipt import FileState
from chalicelib.imports.waiting import pauses
from cli.client.http_import import PATIENCE_SECONDS
from cli.client.operation import not_over_http
from cli.output.json import Json

if TYPE_CHECKING:
    from cli.client.http_client import HttpApi


def accept_over_http(
    api: HttpApi, file_day: date, footer: bool, agrees: Callable[[list[str]], bool], feed: str | None = None
) -> Json | None:
    """Accept the open points of a file day and return its receipt; None if `agrees` refuses the steps.

    The API ends an import after 20 seconds; the same version is accepted again until it is imported.
    """
    if footer:
        raise not_over_http("a footer is accepted by the stage's operator, not over the API")
    path = f"/v2/files/{feed or DAILY_NAME}/{file_day}/acceptance"
    proposal = api.get_object(path, {})
    if not agrees(list(proposal["steps"])):
        return None
    version = proposal["version"]
    for pause in pauses(PATIENCE_SECONDS):
        receipt = api.send_object(path, {}, {"token": proposal["token"]})
        if receipt["state"] != FileState.IMPORTING:
            return receipt
        time.sleep(pause)
        proposal = api.get_object(path, {})
        if proposal["version"] != version:
            break
    raise ImportUnderWay(f"version {version} of the file of {file_day} is not imported whole yet; accept it again")
