"""A small tour of HTTP for WASI 0.2.

An instance answers one request at a time, so waiting may block: no event loop is needed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import outgoing_handler
from wit_world.imports.streams import StreamError_Closed
from wit_world.imports.types import (
    Fields,
    IncomingBody,
    IncomingRequest,
    IncomingResponse,
    OutgoingBody,
    OutgoingRequest,
    OutgoingResponse,
    ResponseOutparam,
    Scheme_Http,
    Scheme_Https,
)

HELP = b"try /echo, /headers, /stream?count=10 or /outbound?url=https://...\n"

TEXT = (("content-type", b"text/plain; charset=utf-8"),)

# The most that `blocking-write-and-flush` takes at once.
CHUNK_BYTES = 4096


@dataclass
class Answer:
    """What goes back to the caller. The trailers are asked for when all chunks have been sent."""

    chunks: Iterable[bytes]
    status: int = 200
    headers: Sequence[tuple[str, bytes]] = TEXT
    trailers: Callable[[], Fields | None] = lambda: None


class IncomingHandler(exports.IncomingHandler):
    """What componentize-py looks for: the class with the name of the exported interface."""

    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        answer = route(request)
        response = OutgoingResponse(Fields.from_list(list(answer.headers)))
        response.set_status_code(answer.status)
        body = response.body()
        # The head leaves here; the body follows as it is made.
        ResponseOutparam.set(response_out, Ok(response))
        with body.write() as stream:
            for chunk in answer.chunks:
                stream.blocking_write_and_flush(chunk)
        OutgoingBody.finish(body, answer.trailers())


def route(request: IncomingRequest) -> Answer:
    target = urlsplit(request.path_with_query() or "/")
    query = parse_qs(target.query)
    # Where the tour lies is the business of its routes: the last part of the path decides.
    match target.path.rpartition("/")[2]:
        case "echo":
            return echo(request)
        case "headers":
            return headers(request)
        case "stream":
            return stream(int(query.get("count", ["10"])[0]))
        case "outbound":
            return outbound(query.get("url", [""])[0])
        case _:
            return Answer([HELP], status=404)


def echo(request: IncomingRequest) -> Answer:
    """Sends the request's body back as it comes, with its type and its trailers."""
    body = request.consume()
    kept = some_of(request.headers(), "content-type", "trailer")
    return Answer(read(body), headers=kept, trailers=lambda: trailers(body))


def headers(request: IncomingRequest) -> Answer:
    """Lists the request's headers, one a line."""
    return Answer(name.encode() + b": " + value + b"\n" for name, value in request.headers().entries())


def stream(count: int) -> Answer:
    """Counts to `count`, one number a chunk."""
    return Answer(b"%d\n" % number for number in range(1, count + 1))


def outbound(url: str) -> Answer:
    """Fetches `url` and hands its answer on."""
    target = urlsplit(url)
    request = OutgoingRequest(Fields())
    request.set_scheme(Scheme_Http() if target.scheme == "http" else Scheme_Https())
    request.set_authority(target.netloc)
    request.set_path_with_query(target._replace(scheme="", netloc="", fragment="").geturl())
    try:
        response = send(request)
    except Err as error:
        return Answer([f"{url}: {error.value}\n".encode()], status=502)
    return Answer(read(response.consume()), response.status(), some_of(response.headers(), "content-type"))


def send(request: OutgoingRequest) -> IncomingResponse:
    """Sends a request without a body and waits for the answer's head."""
    future = outgoing_handler.handle(request, None)
    future.subscribe().block()
    match future.get():
        case Ok(Ok(response)):
            return response
        case Ok(error) | error:
            raise error


def read(body: IncomingBody) -> Iterator[bytes]:
    """The body's bytes as they come, in chunks that fit into one write."""
    with body.stream() as source:
        try:
            while True:
                yield source.blocking_read(CHUNK_BYTES)
        except Err as error:
            if not isinstance(error.value, StreamError_Closed):
                raise


def trailers(body: IncomingBody) -> Fields | None:
    """The trailers of a body that was read to its end."""
    future = IncomingBody.finish(body)
    future.subscribe().block()
    match future.get():
        case Ok(Ok(fields)):
            return fields
        case Ok(error) | error:
            raise error


def some_of(fields: Fields, *names: str) -> list[tuple[str, bytes]]:
    return [(name, value) for name in names for value in fields.get(name)]
