"""A session of the AWS SDK that is configured by the variables of the local stack, and by no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from botocore.session import Session

_WITHOUT_PROXY = Config(proxies={})


class LocalSession(Session):
    """Reads no variable of the process: the operator's profile or endpoint would lead to their account."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        unread = {
            name: (key, None, default, convert) for name, (key, _, default, convert) in self.SESSION_VARIABLES.items()
        }
        super().__init__(session_vars=unread)
        self._variables = variables
        self.set_config_variable("region", variables.get("AWS_DEFAULT_REGION"))
        self.set_credentials(variables.get("AWS_ACCESS_KEY_ID", ""), variables.get("AWS_SECRET_ACCESS_KEY", ""))

    def create_client(  # type: ignore[override]  # takes by name what callers give by name
        self,
        service_name: str,
        region_name: str | None = None,
        *,
        endpoint_url: str | None = None,
        config: Config | None = None,
        **kwargs: Any,  # noqa: ANN401 - passed on
    ) -> Any:  # noqa: ANN401 - a client of any service
        own = self._variables.get(f"AWS_ENDPOINT_URL_{service_name.upper()}", self._variables["AWS_ENDPOINT_URL"])
        chosen = _WITHOUT_PROXY.merge(config) if config else _WITHOUT_PROXY
        return super().create_client(
            service_name, region_name, endpoint_url=endpoint_url or own, config=chosen, **kwargs
        )
