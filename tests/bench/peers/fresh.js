// A fresh isolate for each request, by workerd's loader of dynamic workers. The path /heavy/ loads a
// worker that sets itself up for about 40 ms first.
const hello = `
  export default {
    fetch(request) {
      return new Response("Hello from " + new URL(request.url).pathname + "\\n", {
        headers: { "content-type": "text/plain; charset=utf-8" },
      });
    },
  };`;

const heavy = `
  let x = 0x9e3779b9 | 0;
  for (let i = 0; i < 20000000; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  globalThis.seed = x;
  ${hello}`;

export default {
  fetch(request, env) {
    const code = new URL(request.url).pathname === "/heavy/" ? heavy : hello;
    const worker = env.LOADER.load({
      compatibilityDate: "2026-01-01",
      mainModule: "main.js",
      modules: { "main.js": code },
    });
    return worker.getEntrypoint().fetch(request);
  },
};
