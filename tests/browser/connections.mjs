// Connections in the console, in a real browser against a real platform: see who is connected, on which version and for
// how long, find some of them, watch what passes over one with its contents hidden and shown, send to it and to a group,
// close one with a code.
//
// Takes from the environment: SET_UP_LINK of a platform that nobody has set up, DATA_PORT, ECHO (a component that sends
// each WebSocket message back), CHROMIUM. Ends with 1 and says why where a claim does not hold.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { stage } from './stage.mjs';

const { DATA_PORT, ECHO } = process.env;
const echo = await readFile(ECHO);
const { page, base, button, link, text, dialog, look, step, setUp, upload, refused, away, end } = await stage();

await step('set up', setUp);

await step('no connection yet', async () => {
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await text('The host holds it').waitFor();
  assert.match(page.url(), /\/projects\/demo\/connections$/);
  await look('connections, none yet');
  await away('The host holds it');
});

const client = await page.context().newPage();

/** Deploys a version of the function `echo`. */
async function deploy(version) {
  const status = await page.evaluate(async (version) => {
    const session = await (await fetch('/api/v1/session')).json();
    const triggers = [{ type: 'websocket', path: '/chat' }];
    const body = JSON.stringify({ versions: [{ version, weight: 100 }], triggers });
    const headers = { 'content-type': 'application/json', 'x-csrf-token': session.csrf_token };
    return (await fetch('/api/v1/projects/demo/functions/echo/deployments', { method: 'POST', headers, body })).status;
  }, version);
  assert.equal(status, 201);
}

/** Opens a connection as the client's `name`; `heard` of it is what it is sent. */
async function connect(name, query) {
  const state = await client.evaluate(
    async ([name, url]) => {
      const socket = new WebSocket(url);
      socket.binaryType = 'arraybuffer';
      const heard = [];
      window[name] = { socket, heard };
      socket.onclose = (event) => heard.push(`closed ${event.code} ${event.reason}`);
      socket.onmessage = ({ data }) => heard.push(typeof data === 'string' ? data : `${data.byteLength} bytes`);
      await new Promise((open, failed) => {
        socket.onopen = open;
        socket.onerror = failed;
      });
      return socket.readyState;
    },
    [name, `ws://demo.localhost:${DATA_PORT}/chat?${query}`],
  );
  assert.equal(state, 1);
}

const hears = (name, words) => client.waitForFunction(([name, words]) => window[name].heard.includes(words), [name, words]);
const chart = (words) => page.getByRole('img', { name: `Connections of echo within the last hour: ${words}`, exact: true });

await step('connect', async () => {
  await upload('echo', echo, 1);
  await deploy(1);
  await client.goto(`http://demo.localhost:${DATA_PORT}/`);
  await connect('first', 'group=lobby&attach=a+lamp&hello=welcome');
});

await step('see it, and the versions side by side after a deployment', async () => {
  await page.goto(`${base}/connections`);
  await text('1 open now').waitFor();
  await page.getByRole('cell', { name: 'lobby' }).waitFor();
  await chart('at most 1 at once, now v1 1').waitFor();
  await upload('echo', echo, 2);
  await deploy(2);
  await connect('second', 'group=kitchen&hello=welcome');
  await page.goto(`${base}/connections`);
  await chart('at most 2 at once, now v2 1, v1 1').waitFor();
  const lines = await chart('at most 2 at once, now v2 1, v1 1').locator('.line').evaluateAll((all) => all.map((line) => line.getAttribute('d')));
  assert.equal(lines.length, 2);
  for (const line of lines) assert.match(line, /^M\d+ \d+(L\d+ \d+)*L3600 \d+$/);
  await text('v2 1').waitFor();
  await look('connections');
});

await step('find some of them, and go back', async () => {
  const rows = page.getByRole('link', { name: /^con_/ });
  const seen = (count) => page.waitForFunction((count) => document.querySelectorAll('tbody tr').length === count, count);
  await seen(2);
  await page.getByLabel('Version').selectOption('v1');
  await page.waitForURL(/\?version=1$/);
  await seen(1);
  await page.getByLabel('Function').selectOption('echo');
  await page.waitForURL(/\?function=echo&version=1$/);
  await page.getByLabel('Group').fill('no such');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\?function=echo&version=1&group=no%20such$/);
  await text('No open connection is like that').waitFor();
  await look('connections, none like that');
  await page.goBack();
  await seen(1);
  assert.equal(await page.getByLabel('Group').inputValue(), '');
  await page.reload();
  await seen(1);
  assert.equal(await page.getByLabel('Version').inputValue(), '1');
  await rows.click();
  await text('a lamp').waitFor();
  await page.goBack();
  await page.waitForURL(/\?function=echo&version=1$/);
  await seen(1);
  await link('Show all').waitFor({ state: 'detached' });
  await refused(422, async () => {
    await page.goto(`${base}/connections?version=none`);
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Version').selectOption('all versions');
    await seen(2);
  });
});

await step('publish to a group', async () => {
  await page.goto(`${base}/connections?group=lobby`);
  await button('Publish to a group').click();
  const send = dialog.getByRole('button', { name: 'Publish', exact: true });
  const group = dialog.getByLabel('Group');
  assert.equal(await group.inputValue(), 'lobby');
  await group.fill('lobbby');
  await dialog.getByLabel('Body').fill('doors close at ten');
  await send.click();
  await dialog.getByText('Nobody is in lobbby').waitFor();
  await group.fill('lobby');
  await dialog.getByText('Same as CLI').click();
  await dialog.getByText("dormouse connections publish lobby 'doors close at ten' --project demo").waitFor();
  await send.click();
  await text('Sent to 1 connection of lobby.').waitFor();
  await hears('first', 'doors close at ten');
  await button('Publish to a group').click();
  await dialog.getByLabel('base64').focus();
  await page.keyboard.press('Space');
  await dialog.getByLabel('Body').fill('*');
  await refused(422, async () => {
    await send.click();
    await dialog.getByText('is not base64').first().waitFor();
  });
  assert.equal(await dialog.getByLabel('Body').getAttribute('aria-invalid'), 'true');
  await look('connections, publish');
  await dialog.getByLabel('Body').fill('AAEC');
  await send.click();
  await dialog.waitFor({ state: 'detached' });
  await hears('first', '3 bytes');
  assert.deepEqual(await client.evaluate(() => window.second.heard), ['welcome']);
});

await step('look at one', async () => {
  await page.goto(`${base}/connections?group=lobby`);
  await page.getByRole('link', { name: /^con_/ }).click();
  await text('a lamp').waitFor();
  await page.getByText('watching', { exact: true }).waitFor();
});

await step('watch what passes', async () => {
  await client.evaluate(() => window.first.socket.send('{"from":"the client"}'));
  const log = page.getByRole('list', { name: 'Messages, the latest first' });
  await log.getByText('text, 21 B').first().waitFor();
  assert.equal(await log.getByText('the client').count(), 0);
  await page.getByLabel('Show what they carry').focus();
  await page.keyboard.press('Space');
  await log.getByText('"from":"the client"').first().waitFor();
  assert.equal(await log.getByRole('listitem').count(), 2);
  await look('connection');
});

await step('send to it by keyboard', async () => {
  await page.getByLabel('Text').focus();
  await page.keyboard.type('good night');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await text('waits to be sent').waitFor();
  await page.getByRole('list', { name: 'Messages, the latest first' }).getByText('good night').waitFor();
  await hears('first', 'good night');
});

await step('close it with a code', async () => {
  await button('Close').click();
  await dialog.getByLabel('Code').fill('4001');
  await dialog.getByLabel('Reason').fill('lights out');
  await look('connection, close');
  await dialog.getByRole('button', { name: 'Close the connection' }).click();
  await hears('first', 'closed 4001 lights out');
  await page.getByText('closed', { exact: true }).waitFor();
  await client.evaluate(() => window.second.socket.close());
  await page.goto(`${base}/connections`);
  await text('0 open now').waitFor();
  await text('No connection is open now').waitFor();
  await chart('at most 2 at once, now v2 0, v1 0').waitFor();
  await look('connections, none any more');
});

await end('all of the connections hold');
