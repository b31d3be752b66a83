"""A bucket of any store that speaks S3 (Amazon, Cloudflare R2, MinIO, Ceph, Garage, Backblaze).

Give the store's address, the bucket, and a key that may read, write and delete in it. Have the bucket (or the network
in front of it) hand out index.html for a folder. Every request is signed and goes through the guarded client.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from quarterdeck.core.kernel.refused import Refused, bad

from ..safe_http import Reply, SafeClient, Unreached, parse_target
from .errand import MANIFEST, MANIFEST_BYTES, PUSH_SECONDS, TEST_FILE, Errand, Failed
from .headers import headers
from .order import Digests, away, checked, plan
from .sigv4 import signed

KIND = "s3"
NAME = "S3 bucket"
KEY_CALLED = "Secret key"
NEEDED = frozenset({"endpoint", "bucket", "region", "access_key", "secret"})
PLACE = frozenset({"endpoint", "bucket", "prefix"})
REFRESH = timedelta(0)
REQUEST_SECONDS = 20.0
AT_ONCE = 8
# What stores answer, in our words; anything else of an answer is never shown.
_SAID = {
    b"SignatureDoesNotMatch": "the secret key does not belong to the access key",
    b"InvalidAccessKeyId": "it does not know the access key",
    b"AccessDenied": "the key may not do this in the bucket",
    b"NoSuchBucket": "there is no such bucket",
    b"RequestTimeTooSkewed": "this machine's clock is wrong",
    b"SlowDown": "it asks for fewer requests",
    b"QuotaExceeded": "the bucket is full",
    b"AuthorizationHeaderMalformed": "the region is another one",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """`prefix` is a folder inside the bucket; "" for all of it."""

    endpoint: str = ""
    bucket: str = ""
    region: str = "us-east-1"
    access_key: str = ""
    prefix: str = ""


LABELS = {
    "endpoint": ("Address of the store", "Such as https://s3.eu-central-1.amazonaws.com"),
    "bucket": ("Bucket", ""),
    "region": ("Region", "us-east-1 where the store has none; auto at R2."),
    "access_key": ("Access key", ""),
    "prefix": ("Folder in the bucket", "Left empty, the page is the bucket's own start page."),
}


def check(settings: Settings, secret: str, http: SafeClient, local: tuple[str, ...]) -> None:
    """Refuses what cannot be a bucket."""
    http.check(settings.endpoint)
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,62}", settings.bucket):
        raise bad(
            "target.bucket",
            "This is no name of a bucket: small letters, digits, - and dots.",
            bucket="unusable",
        )
    if not re.fullmatch(r"[a-z0-9-]{1,40}", settings.region):
        raise bad("target.region", "A region is written as eu-central-1.", region="unusable")
    if not re.fullmatch(r"[!-~]{1,128}", settings.access_key):
        raise bad("target.access_key", "Give the access key of the bucket.", access_key="missing")
    parts = settings.prefix.removesuffix("/").split("/") if settings.prefix else []
    if not all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", part) for part in parts):
        raise bad("target.prefix", "A folder is written as status or pages/status.", prefix="unusable")
    if not secret:
        raise bad("target.secret", "Give the secret key of the bucket.", secret="missing")  # noqa: S106


def folder_here(settings: Settings, local: tuple[str, ...]) -> None:
    """It is never a folder of this machine."""


_digests: dict[str, Digests] = {}
# What got there in attempts that were not finished, by the manifest they began with.
_got: dict[Path, tuple[str, dict[str, str]]] = {}


def push(errand: Errand) -> int:
    """Brings the version there; answers how many objects were written or removed. Raises Failed."""
    bucket = _Bucket(errand.settings, errand.secret, errand.http, time.monotonic() + PUSH_SECONDS)
    wanted = _digests.setdefault(str(errand.scratch), Digests()).of(errand.version)
    told = bucket.get(MANIFEST)
    mark, got = _got.get(errand.scratch, ("", {}))
    got = got if mark == told else {}
    there = checked(_json(told)) | got
    todo = plan(there, wanted)
    if not todo.changes:
        return 0

    # Should it break off, the list names what may be there already, so that it can be taken away.
    if wanted.keys() - there.keys():
        told = bucket.put_manifest(dict.fromkeys(wanted, "") | there)
    _got[errand.scratch] = (told, got)

    def put(name: str) -> None:
        bucket.put(name, (errand.version / name).read_bytes(), headers(name))
        got[name] = wanted[name]

    for wave in todo.puts:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(put, name) for name in wave]:
                try:
                    done.result()
                except BaseException:
                    pool.shutdown(cancel_futures=True)
                    raise
    bucket.put_manifest(wanted | {n: there[n] for n in todo.removals} if todo.removals else wanted)
    for name in todo.removals:
        bucket.delete(name)
    if todo.removals:
        bucket.put_manifest(wanted)
    del _got[errand.scratch]
    return todo.changes


def take_away(errand: Errand) -> int:
    """Removes what the list there names as the page's, start pages first, and the list at last. Raises Failed."""
    bucket = _Bucket(errand.settings, errand.secret, errand.http, time.monotonic() + PUSH_SECONDS)
    waves = away(checked(_json(bucket.get(MANIFEST))))
    for wave in waves:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(bucket.delete, wave))
    bucket.delete(MANIFEST)
    _got.pop(errand.scratch, None)
    return sum(map(len, waves))


def test(errand: Errand) -> None:
    """Whether it can be read, written and deleted there. Raises Failed."""
    bucket = _Bucket(errand.settings, errand.secret, errand.http, time.monotonic() + REQUEST_SECONDS * 2)
    bucket.get(MANIFEST)
    bucket.put(TEST_FILE, b"Quarterdeck can write here.\n", headers(TEST_FILE))
    bucket.delete(TEST_FILE)


class _Bucket:
    def __init__(self, settings: Settings, secret: str, http: SafeClient, until: float) -> None:
        self._settings, self._secret, self._http, self._until = settings, secret, http, until
        target = parse_target(settings.endpoint)
        usual = {"https": 443, "http": 80}[target.scheme]
        self._host = target.host if target.port == usual else f"{target.host}:{target.port}"
        self._base = f"{target.scheme}://{self._host}"
        prefix = settings.prefix.strip("/")
        self._path = f"/{settings.bucket}/{prefix}/" if prefix else f"/{settings.bucket}/"

    def get(self, name: str) -> str:
        """The text of an object; "" when there is none."""
        reply = self._ask("GET", name, {}, b"", (200, 404))
        if reply.status == 404 and b"NoSuchBucket" in reply.body:
            raise Failed(f"{NAME}: {_SAID[b'NoSuchBucket']}.")
        return reply.body.decode("utf-8", "replace") if reply.status == 200 else ""

    def put(self, name: str, content: bytes, told: Mapping[str, str]) -> None:
        self._ask("PUT", name, told, content, (200, 201, 204))

    def put_manifest(self, files: Mapping[str, str]) -> str:
        """The list as it is there then."""
        told = json.dumps({"format": 1, "files": dict(files)}, sort_keys=True)
        self.put(MANIFEST, told.encode(), headers(MANIFEST) | {"cache-control": "no-store"})
        return told

    def delete(self, name: str) -> None:
        self._ask("DELETE", name, {}, b"", (200, 202, 204, 404))

    def _ask(
        self, method: str, name: str, told: Mapping[str, str], content: bytes, well: tuple[int, ...]
    ) -> Reply:
        left = self._until - time.monotonic()
        if left <= 0:
            raise Failed(f"{NAME}: it is so slow that the page could not be brought there in time.")
        path = self._path + name
        sent = signed(
            method, self._host, path, told, content, access_key=self._settings.access_key,
            secret_key=self._secret, region=self._settings.region, at=datetime.now(UTC),
        )  # fmt: skip
        try:
            reply = self._http.request(
                method, self._base + path, headers=sent, content=content,
                deadline_seconds=min(left, REQUEST_SECONDS), read_bytes=MANIFEST_BYTES,
            )  # fmt: skip
        except Unreached as e:
            raise Failed(f"{NAME}: {e.why}.") from None
        except Refused as e:
            raise Failed(f"{NAME}: {e.message}") from None
        if reply.status not in well:
            why = _why(reply)
            raise Failed(f"{NAME}: {why} ({method} {name}).", reply.retry_after_seconds)
        return reply


def _why(reply: Reply) -> str:
    # Which region it is instead is told beside the code, as nothing but a name may be.
    region = re.search(rb"<Region>([a-z0-9-]{1,40})</Region>", reply.body)
    if b"AuthorizationHeaderMalformed" in reply.body and region:
        return f"its region is {region[1].decode()}, not the one given"
    return next((text for code, text in _SAID.items() if code in reply.body), f"it answers {reply.status}")


def _json(text: str) -> object:
    try:
        return json.loads(text) if text else {}
    except ValueError:
        return {}
