// Greets whoever asks, with the word in the variable `GREETING` if it is set.
import { getEnvironment } from 'wasi:cli/environment@0.2.10';

addEventListener('fetch', (event) => event.respondWith(greet(event.request)));

function greet(request) {
  // Asked for at each request: what is read at the top level is read once, when the component is built.
  const variables = new Map(getEnvironment());
  const greeting = variables.get('GREETING') ?? 'Hello';
  const { pathname } = new URL(request.url);
  return new Response(`${greeting} from ${pathname}\n`, { headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
