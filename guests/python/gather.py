"""Fetches several addresses at the same time, for WASI 0.2 with asyncio.

`/?url=https://...&url=https://...` answers with the SHA-256 of each, the fastest first.
"""

import asyncio
import hashlib
from urllib.parse import parse_qs, urlsplit

import poll_loop  # comes with componentize-py: asyncio on the pollables of WASI 0.2
from componentize_py_types import Err, Ok
from poll_loop import PollLoop, Sink, Stream
from wit_world import exports
from wit_world.imports.types import (
    Fields,
    IncomingRequest,
    OutgoingRequest,
    OutgoingResponse,
    ResponseOutparam,
    Scheme_Http,
    Scheme_Https,
)


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        loop = PollLoop()
        asyncio.set_event_loop(loop)
        loop.run_until_complete(answer(request, response_out))


async def answer(request: IncomingRequest, response_out: ResponseOutparam) -> None:
    urls = parse_qs(urlsplit(request.path_with_query() or "/").query).get("url", [])
    response = OutgoingResponse(Fields.from_list([("content-type", b"text/plain; charset=utf-8")]))
    body = response.body()
    ResponseOutparam.set(response_out, Ok(response))
    sink = Sink(body)
    for ready in asyncio.as_completed([digest(url) for url in urls]):
        await sink.send(await ready)
    sink.close()


async def digest(url: str) -> bytes:
    """One line: the digest of what `url` answers with, or why there is none."""
    target = urlsplit(url)
    request = OutgoingRequest(Fields())
    request.set_scheme(Scheme_Http() if target.scheme == "http" else Scheme_Https())
    request.set_authority(target.netloc)
    request.set_path_with_query(target._replace(scheme="", netloc="", fragment="").geturl())
    try:
        response = await poll_loop.send(request)
    except Err as error:
        return f"{url}: {error.value}\n".encode()
    content, stream = hashlib.sha256(), Stream(response.consume())
    while (chunk := await stream.next()) is not None:
        content.update(chunk)
    return f"{url}: {content.hexdigest()}\n".encode()
