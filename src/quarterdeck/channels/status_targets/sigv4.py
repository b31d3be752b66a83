"""AWS Signature Version 4 for S3, as every store that speaks S3 checks it. Pure: the time is an argument."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


def signed(
    method: str, host: str, path: str, headers: Mapping[str, str], content: bytes, *,
    access_key: str, secret_key: str, region: str, at: datetime,
) -> dict[str, str]:  # fmt: skip
    """The headers to send: those given and the signature over them. `path` is not escaped yet; there is no query."""
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(content).hexdigest()
    sent = {k.lower(): v.strip() for k, v in headers.items()}
    sent |= {"x-amz-content-sha256": digest, "x-amz-date": stamp}
    named = dict(sorted((sent | {"host": host}).items()))
    names = ";".join(named)
    lines = "".join(f"{k}:{v}\n" for k, v in named.items())
    request = "\n".join((method, quote(path, safe="/-_.~"), "", lines, names, digest))
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    to_sign = "\n".join((_ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"AWS4{secret_key}".encode()
    for part in (stamp[:8], region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    told = f"{_ALGORITHM} Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return sent | {"authorization": told}
