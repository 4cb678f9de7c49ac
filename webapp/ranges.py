"""The parts of a file that a download asks for (RFC 9110, section 14), so that one that was cut off goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import parse_etags, quote_etag

_ONE_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.ASCII)


@dataclass(frozen=True)
class Span:
    """`length` bytes from byte `start` on."""

    start: int
    length: int


def wanted(request: HttpRequest, *, size: int, etag: str) -> Span | None:
    """What of the file is asked for; None where all of it is. A range past its end has no length.

    Of several ranges, of one that cannot be read, and of one of another state of the file (If-Range) nothing is made:
    the whole file answers them, as the RFC lets it.
    """
    found = _ONE_RANGE.fullmatch(request.headers.get("Range", "").strip())
    if found is None or request.headers.get("If-Range", quote_etag(etag)) != quote_etag(etag):
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        length = min(int(suffix), size)
        return Span(size - length, length)
    start, end = int(first), min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return None
    return Span(start, max(end - start + 1, 0))


def is_known(request: HttpRequest, etag: str) -> bool:
    """Whether whoever asks has the file in this state already (If-None-Match)."""
    return quote_etag(etag) in parse_etags(request.headers.get("If-None-Match", ""))


def answer(
    request: HttpRequest, *, name: str, size: int, etag: str, read: Callable[[int, int], Iterator[bytes]]
) -> HttpResponseBase:
    """The file, the part of it, or what HTTP says instead. `read` is not called where no byte is sent."""
    if is_known(request, etag):
        return HttpResponse(status=304, headers={"ETag": quote_etag(etag)})
    span = wanted(request, size=size, etag=etag)
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Accept-Ranges": "bytes",
        "ETag": quote_etag(etag),
    }
    if span and not span.length:
        # What goes on from the last byte has it all, and curl ends well only where this header does not contradict it.
        headers = {} if span.start == size else {"Content-Range": f"bytes */{size}"}
        return HttpResponse(status=416, headers=headers)
    if span:
        headers["Content-Range"] = f"bytes {span.start}-{span.start + span.length - 1}/{size}"
    start, length = (span.start, span.length) if span else (0, size)
    headers["Content-Length"] = str(length)
    status = 206 if span else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    return StreamingHttpResponse(read(start, length), status=status, headers=headers)
