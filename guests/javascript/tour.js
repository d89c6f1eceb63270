// A small tour of HTTP as a `fetch` handler, as it is written for browsers' service workers and for edges.

const HELP = 'try /echo, /headers, /stream?count=10 or /outbound?url=https://…\n';
const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

addEventListener('fetch', (event) => event.respondWith(answer(event.request)));

async function answer(request) {
  const { pathname, searchParams } = new URL(request.url);
  // Where the tour lies is the business of its routes: the last part of the path decides.
  switch (pathname.split('/').pop()) {
    case 'echo':
      return echo(request);
    case 'headers':
      return headers(request);
    case 'stream':
      return stream(Number(searchParams.get('count') ?? 10));
    case 'outbound':
      return outbound(searchParams.get('url'));
    default:
      return new Response(HELP, { status: 404, headers: TEXT });
  }
}

// Sends the request's body back as it comes: a stream is handed on, not read.
function echo(request) {
  return new Response(request.body, { headers: contentType(request) });
}

// Lists the request's headers, one a line.
function headers(request) {
  const lines = [...request.headers].map(([name, value]) => `${name}: ${value}\n`);
  return new Response(lines.join(''), { headers: TEXT });
}

// Counts to `count`, one number a chunk. `pull` is called when the caller has taken the last one.
function stream(count) {
  const encoder = new TextEncoder();
  let number = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (number < count) {
        number += 1;
        controller.enqueue(encoder.encode(`${number}\n`));
      } else {
        controller.close();
      }
    },
  });
  return new Response(body, { headers: TEXT });
}

// Fetches `url` and hands its answer on.
async function outbound(url) {
  try {
    const fetched = await fetch(url);
    return new Response(fetched.body, { status: fetched.status, headers: contentType(fetched) });
  } catch (error) {
    return new Response(`${url}: ${error.message}\n`, { status: 502, headers: TEXT });
  }
}

function contentType(message) {
  return { 'content-type': message.headers.get('content-type') ?? 'application/octet-stream' };
}
