// The workloads for workerd, in one isolate that all requests share.
function xorshift(rounds) {
  let x = 0x9e3779b9 | 0;
  for (let i = 0; i < rounds; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  return x >>> 0;
}

// Set-up of about 40 ms: once, since the isolate stays.
let seed;

function hello(url) {
  return new Response(`Hello from ${url.pathname}\n`, {
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

export default {
  async fetch(request) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/echo/":
        return new Response(request.body);
      case "/socket/": {
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.addEventListener("message", (event) => server.send(event.data));
        return new Response(null, { status: 101, webSocket: client });
      }
      case "/cpu/":
        return new Response(`${xorshift(Number(url.searchParams.get("rounds")))}\n`);
      case "/heavy/":
        seed ??= xorshift(20000000);
        return hello(url);
      default:
        return hello(url);
    }
  },
};
