// Node's own WebSocket against a real platform: echoes, subprotocols, refusals, closings from both sides, and the chat.
//
// Takes from the environment: DATA_PORT of a platform whose project demo has ws-echo at /ws and the chat at /chat/{room}.
// Ends with 1 and says why where a claim does not hold.
import assert from 'node:assert/strict';
import dns from 'node:dns';

// Names below localhost are this machine (RFC 6761, section 6.3), which not every resolver knows.
dns.lookup = (host, options, done) => {
  const address = { address: '127.0.0.1', family: 4 };
  setImmediate(() => (options.all ? done(null, [address]) : done(null, address.address, address.family)));
};

const base = `ws://demo.localhost:${process.env.DATA_PORT}`;
const sum = (bytes) => bytes.reduce((sum, byte) => (sum * 31 + byte) % 1_000_003, 0);

/** A connection, with what it heard and how it ended. */
function connect(path, subprotocols = []) {
  const socket = new WebSocket(base + path, subprotocols);
  socket.binaryType = 'arraybuffer';
  const heard = [];
  const waiting = [];
  socket.onmessage = ({ data }) => (waiting.length ? waiting.shift()(data) : heard.push(data));
  const closed = new Promise((resolve) => (socket.onclose = ({ code, reason, wasClean }) => resolve({ code, reason, wasClean })));
  const opened = new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`${path} was not opened`));
  });
  const next = () => (heard.length ? Promise.resolve(heard.shift()) : new Promise((resolve) => waiting.push(resolve)));
  return { socket, opened, closed, next, told: async () => JSON.parse(await next()), tell: (message) => socket.send(JSON.stringify(message)) };
}

async function step(name, act) {
  try {
    await act();
  } catch (error) {
    throw new Error(`${name}: ${error.message}`);
  }
  console.log(name);
}

await step('echo', async () => {
  const echo = connect('/ws', ['chat.v2', 'chat.v1']);
  await echo.opened;
  assert.equal(echo.socket.protocol, 'chat.v1');
  for (const text of ['grüße', '', 'x'.repeat(70_000)]) {
    echo.socket.send(text);
    assert.equal(await echo.next(), text);
  }
  const bytes = Uint8Array.from({ length: 1 << 20 }, (_, index) => index % 251);
  echo.socket.send(bytes);
  const back = new Uint8Array(await echo.next());
  assert.deepEqual([back.length, sum(back)], [bytes.length, sum(bytes)]);
  for (let number = 0; number < 100; number += 1) echo.socket.send(`${number}`);
  for (let number = 0; number < 100; number += 1) assert.equal(await echo.next(), `${number}`);
  echo.socket.close(3000, 'done');
  assert.deepEqual(await echo.closed, { code: 3000, reason: 'done', wasClean: true });
});

await step('closed by the function', async () => {
  const echo = connect('/ws?hello=there');
  await echo.opened;
  assert.equal(await echo.next(), 'there');
  echo.socket.send('close 4001 bye');
  assert.deepEqual(await echo.closed, { code: 4001, reason: 'bye', wasClean: true });
});

await step('closed by a trap', async () => {
  const echo = connect('/ws');
  await echo.opened;
  echo.socket.send('trap');
  assert.equal((await echo.closed).code, 1011);
});

await step('refused', async () => {
  // Node 20 tells of the error alone, and not that the connection is closed.
  await assert.rejects(connect('/ws?refuse=403').opened);
});

await step('chat', async () => {
  const [ada, bob] = [connect('/chat/lobby'), connect('/chat/lobby')];
  await Promise.all([ada.opened, bob.opened]);
  ada.tell({ type: 'join', name: 'ada' });
  assert.deepEqual((await ada.told()).present, ['ada']);
  bob.tell({ type: 'join', name: 'bob' });
  for (const guest of [ada, bob]) assert.deepEqual((await guest.told()).present, ['ada', 'bob']);
  bob.tell({ type: 'say', text: 'good morning' });
  for (const guest of [ada, bob]) assert.deepEqual(await guest.told(), { type: 'said', name: 'bob', text: 'good morning' });
  bob.socket.close();
  await bob.closed;
  assert.equal((await ada.told()).left, 'bob');
  ada.socket.close(1000);
  assert.deepEqual(await ada.closed, { code: 1000, reason: '', wasClean: true });
});

console.log("all of Node's WebSocket holds");
