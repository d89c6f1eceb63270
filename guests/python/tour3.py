"""A small tour of HTTP for WASI 0.3: bodies are streams and trailers are futures, which pass from hand to hand."""

from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

import wit_world
from componentize_py_async_support import spawn
from componentize_py_async_support.streams import ByteStreamWriter
from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import client
from wit_world.imports.wasi_http_types import Fields, Request, Response, Scheme_Http, Scheme_Https

HELP = b"try /echo, /headers, /stream?count=10 or /outbound?url=https://...\n"


class Handler(exports.Handler):
    """What componentize-py looks for: the class with the name of the exported interface."""

    async def handle(self, request: Request) -> Response:
        target = urlsplit(request.get_path_with_query() or "/")
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
                return await outbound(query.get("url", [""])[0])
            case _:
                return text([HELP], status=404)


def echo(request: Request) -> Response:
    """Sends the request's body back as it comes, with its type and its trailers."""
    kept = some_of(request.get_headers(), "content-type", "trailer")
    body, trailers = Request.consume_body(request, all_is_well())
    return Response.new(kept, body, trailers)[0]


def headers(request: Request) -> Response:
    """Lists the request's headers, one a line."""
    return text(name.encode() + b": " + value + b"\n" for name, value in request.get_headers().copy_all())


def stream(count: int) -> Response:
    """Counts to `count`, one number a chunk."""
    return text(b"%d\n" % number for number in range(1, count + 1))


async def outbound(url: str) -> Response:
    """Fetches `url` and hands its answer on, whole."""
    target = urlsplit(url)
    request, _ = Request.new(Fields(), None, no_trailers(), None)
    request.set_scheme(Scheme_Http() if target.scheme == "http" else Scheme_Https())
    request.set_authority(target.netloc)
    request.set_path_with_query(target._replace(scheme="", netloc="", fragment="").geturl())
    try:
        return await client.send(request)
    except Err as error:
        return text([f"{url}: {error.value}\n".encode()], status=502)


def text(chunks: Iterable[bytes], status: int = 200) -> Response:
    """An answer of plain text, whose chunks are made while it is on its way."""
    writer, body = wit_world.byte_stream()
    spawn(write(chunks, writer))
    fields = Fields.from_list([("content-type", b"text/plain; charset=utf-8")])
    response, _ = Response.new(fields, body, no_trailers())
    response.set_status_code(status)
    return response


async def write(chunks: Iterable[bytes], writer: ByteStreamWriter) -> None:
    with writer:
        for chunk in chunks:
            await writer.write_all(chunk)
            if writer.reader_dropped:
                break  # Nobody reads any more.


def some_of(fields: Fields, *names: str) -> Fields:
    return Fields.from_list([(name, value) for name in names for value in fields.get(name)])


def no_trailers():
    """The future of a body that ends without trailers: it gives its default, since nobody writes to it."""
    return wit_world.result_option_wasi_http_types_fields_wasi_http_types_error_code_future(lambda: Ok(None))[1]


def all_is_well():
    """The future that tells the sender of a body that it was taken without an error."""
    return wit_world.result_unit_wasi_http_types_error_code_future(lambda: Ok(None))[1]
