"""A small store that speaks S3 over HTTP and believes no request whose signature (SigV4) is not right.

The check is written from the specification, apart from the product's own signing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

ACCESS, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-central-1"
_AUTH = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)"
)


class Store:
    """`objects` by path; `asked` is what came, in order. `refuse(method, path)` answers a status to refuse with, or 0."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.asked: list[tuple[str, str]] = []
        self.refuse: Callable[[str, str], int] = lambda method, path: 0
        self.wait = threading.Event()
        self.wait.set()
        self.url = ""
        self.lock = threading.Lock()

    def names(self, method: str) -> list[str]:
        return [path for asked, path in self.asked if asked == method]


def _wrong(method: str, path: str, headers: dict[str, str], body: bytes) -> str:
    """The error code of S3 for a request that is not signed as it must be; "" when it is."""
    found = _AUTH.fullmatch(headers.get("authorization", ""))
    if not found:
        return "AccessDenied"
    access, day, region, names, signature = found.groups()
    if access != ACCESS:
        return "InvalidAccessKeyId"
    if region != REGION:
        return "AuthorizationHeaderMalformed"
    signed = names.split(";")
    if signed != sorted(signed) or not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(signed):
        return "AccessDenied"
    digest = hashlib.sha256(body).hexdigest()
    canonical = f"{method}\n{path}\n\n" + "".join(f"{n}:{headers[n]}\n" for n in signed)
    canonical += f"\n{names}\n{digest}"
    scope = f"{day}/{region}/s3/aws4_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{scope}\n{hashed}"

    def mac(key: bytes, said: str) -> bytes:
        return hmac.new(key, said.encode(), hashlib.sha256).digest()

    key = mac(mac(mac(mac(b"AWS4" + SECRET.encode(), day), region), "s3"), "aws4_request")
    right = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    if right != signature or headers["x-amz-content-sha256"] != digest:
        return "SignatureDoesNotMatch"
    return ""


@contextmanager
def s3_store() -> Iterator[Store]:
    store = Store()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _any(self) -> None:
            store.wait.wait(30)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {k.lower(): v for k, v in self.headers.items()}
            with store.lock:
                store.asked.append((self.command, self.path))
                wrong = _wrong(self.command, self.path, headers, body)
                refused = store.refuse(self.command, self.path)
                if wrong or refused:
                    malformed = wrong == "AuthorizationHeaderMalformed"
                    more = f"<Region>{REGION}</Region>" if malformed else ""
                    text = f"<Error><Code>{wrong or 'SlowDown'}</Code>{more}</Error>".encode()
                    return self._answer(400 if malformed else 403 if wrong else refused, text)
                path = unquote(self.path)
                if not path.startswith("/pages/"):
                    return self._answer(404, b"<Error><Code>NoSuchBucket</Code></Error>")
                if self.command == "PUT":
                    store.objects[path] = (body, headers)
                    return self._answer(200)
                if self.command == "DELETE":
                    store.objects.pop(path, None)
                    return self._answer(204)
                if path in store.objects:
                    return self._answer(200, store.objects[path][0])
                return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

        do_GET = do_PUT = do_DELETE = _any  # noqa: N815 - as http.server calls them

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    store.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield store
    finally:
        store.wait.set()
        server.shutdown()
        server.server_close()
