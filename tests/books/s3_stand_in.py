"""A stand-in that speaks as much of the S3 protocol as a client needs to keep and read objects.

Objects, ranges, multi-part uploads and listings over plain HTTP; signatures are not looked at.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


class _S3(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]
    parts: dict[str, dict[int, bytes]]

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._get(body=False)

    def do_GET(self) -> None:
        path, query = self._asked()
        if "list-type" in query or "/" not in path:
            self._list(path.partition("/")[0], query.get("prefix", [""])[0])
        else:
            self._get(body=True)

    def do_PUT(self) -> None:
        path, query = self._asked()
        data = self._content()
        if "uploadId" in query:
            self.parts[query["uploadId"][0]][int(query["partNumber"][0])] = data
        else:
            self.objects[path] = data
        self._answer(200, b"", ETag='"tag"')

    def do_POST(self) -> None:
        path, query = self._asked()
        self._content()
        if "uploads" in query:
            number = str(len(self.parts) + 1)
            self.parts[number] = {}
            text = f"<UploadId>{number}</UploadId>"
            self._xml("InitiateMultipartUploadResult", text)
            return
        parts = self.parts[query["uploadId"][0]]
        self.objects[path] = b"".join(parts[number] for number in sorted(parts))
        self._xml("CompleteMultipartUploadResult", "<ETag>tag</ETag>")

    def do_DELETE(self) -> None:
        self.objects.pop(self._asked()[0], None)
        self._answer(204, b"")

    def _asked(self) -> tuple[str, dict[str, list[str]]]:
        url = urlsplit(self.path)
        return unquote(url.path).strip("/"), parse_qs(url.query, keep_blank_values=True)

    def _content(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            data = b"".join(self._chunks())
        else:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "aws-chunked" in (self.headers.get("Content-Encoding") or ""):
            return b"".join(_unchunked(data))
        return data

    def _chunks(self) -> Iterator[bytes]:
        """The pieces of a chunked request."""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _get(self, *, body: bool) -> None:
        path, _ = self._asked()
        if path not in self.objects:
            is_bucket = "/" not in path
            self._answer(200 if is_bucket else 404, b"")
            return
        data, status = self.objects[path], 200
        more: dict[str, str] = {}
        if wanted := self.headers.get("Range"):
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            end = min(int(last) + 1 if last else len(data), len(data))
            more["Content-Range"] = f"bytes {first}-{end - 1}/{len(data)}"
            data, status = data[int(first) : end], 206
        self._answer(status, data, body=body, ETag='"tag"', **more)

    def _list(self, bucket: str, prefix: str) -> None:
        keys = [key.partition("/")[2] for key in self.objects if key.startswith(f"{bucket}/")]
        found = [key for key in keys if key.startswith(prefix)]
        rows = "".join(f"<Contents><Key>{key}</Key><Size>1</Size></Contents>" for key in found)
        told = f"<Name>{bucket}</Name><Prefix>{prefix}</Prefix><KeyCount>{len(found)}</KeyCount>"
        self._xml("ListBucketResult", f"{told}<IsTruncated>false</IsTruncated>{rows}")

    def _xml(self, name: str, inside: str) -> None:
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        text = f'<?xml version="1.0"?><{name} xmlns="{space}">{inside}</{name}>'
        self._answer(200, text.encode(), **{"Content-Type": "application/xml"})

    def _answer(self, status: int, data: bytes, *, body: bool = True, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if body:
            self.wfile.write(data)


def _unchunked(data: bytes) -> Iterator[bytes]:
    """The content of an aws-chunked body: sizes in hex before each piece, 0 at the end."""
    while data:
        head, _, data = data.partition(b"\r\n")
        size = int(head.partition(b";")[0], 16)
        if not size:
            return
        yield data[:size]
        data = data[size + 2 :]


@contextmanager
def s3() -> Iterator[tuple[str, dict[str, bytes]]]:
    """A running stand-in: its address as host:port, and what it holds."""
    handler = type("S3", (_S3,), {"objects": {}, "parts": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", handler.objects  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
