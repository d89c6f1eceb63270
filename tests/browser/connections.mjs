// Connections in the console, in a real browser against a real platform: see who is connected, watch what passes over
// one with its contents hidden and shown, send to it, close it with a code.
//
// Takes from the environment: SET_UP_LINK of a platform that nobody has set up, DATA_PORT, ECHO (a component that sends
// each WebSocket message back), CHROMIUM. Ends with 1 and says why where a claim does not hold.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { stage } from './stage.mjs';

const { DATA_PORT, ECHO } = process.env;
const echo = await readFile(ECHO);
const { page, base, button, text, dialog, look, step, setUp, upload, end } = await stage();

await step('set up', setUp);

await step('no connection yet', async () => {
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await text('The host holds it').waitFor();
  assert.match(page.url(), /\/projects\/demo\/connections$/);
  await look('connections, none yet');
});

const client = await page.context().newPage();
await step('connect', async () => {
  await upload('echo', echo, 1);
  const status = await page.evaluate(async () => {
    const session = await (await fetch('/api/v1/session')).json();
    const triggers = [{ type: 'websocket', path: '/chat' }];
    const body = JSON.stringify({ versions: [{ version: 1, weight: 100 }], triggers });
    const headers = { 'content-type': 'application/json', 'x-csrf-token': session.csrf_token };
    return (await fetch('/api/v1/projects/demo/functions/echo/deployments', { method: 'POST', headers, body })).status;
  });
  assert.equal(status, 201);
  await client.goto(`http://demo.localhost:${DATA_PORT}/`);
  const said = await client.evaluate(async (port) => {
    window.heard = [];
    window.socket = new WebSocket(`ws://demo.localhost:${port}/chat?group=lobby&attach=a+lamp&hello=welcome`);
    window.socket.onclose = (event) => window.heard.push(`closed ${event.code} ${event.reason}`);
    window.socket.onmessage = (event) => window.heard.push(event.data);
    await new Promise((open, failed) => {
      window.socket.onopen = open;
      window.socket.onerror = failed;
    });
    return window.socket.readyState;
  }, DATA_PORT);
  assert.equal(said, 1);
});

await step('see it', async () => {
  await page.goto(`${base}/connections`);
  await text('1 open now').waitFor();
  await text('lobby').waitFor();
  await look('connections');
  await page.getByLabel('Function').selectOption('echo');
  await page.waitForURL(/\?function=echo$/);
  await page.getByRole('link', { name: /^con_/ }).click();
  await text('a lamp').waitFor();
  await page.getByText('watching', { exact: true }).waitFor();
});

await step('watch what passes', async () => {
  await client.evaluate(() => window.socket.send('{"from":"the client"}'));
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
  await client.waitForFunction(() => window.heard.includes('good night'));
});

await step('close it with a code', async () => {
  await button('Close').click();
  await dialog.getByLabel('Code').fill('4001');
  await dialog.getByLabel('Reason').fill('lights out');
  await look('connection, close');
  await dialog.getByRole('button', { name: 'Close the connection' }).click();
  await client.waitForFunction(() => window.heard.includes('closed 4001 lights out'));
  await page.getByText('closed', { exact: true }).waitFor();
  await page.goto(`${base}/connections?function=echo`);
  await text('0 open now').waitFor();
  await look('connections, none of the function');
});

await end('all of the connections hold');
