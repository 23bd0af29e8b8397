"""Clients of AWS services, made at first use and kept for the life of the process.

botocore alone, since boto3 costs 100 ms of every cold start. Endpoints, region and credentials come from the
environment, as botocore reads them (`AWS_ENDPOINT_URL` locally).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import botocore.config
import botocore.session


@lru_cache(maxsize=1)
def _session() -> Any:
    return botocore.session.get_session()


def region() -> str:
    """The region that this process works in."""
    name: str = _session().get_config_variable("region")
    return name


@lru_cache(maxsize=8)
def client(service: str) -> Any:
    """A botocore client, such as `client("s3")`. SES is asked once: tried again, it could send a mail twice."""
    options = botocore.config.Config(
        connect_timeout=2,
        read_timeout=20,
        retries={"total_max_attempts": 1 if service == "sesv2" else 4, "mode": "standard"},
        signature_version="s3v4" if service == "s3" else None,
        s3={"addressing_style": "path"} if service == "s3" else None,
    )
    return _session().create_client(service, config=options)
