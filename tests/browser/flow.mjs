// The way of a newcomer through the console, in a real browser against a real platform: set up, upload
// by drag and drop, deploy, call, upload and deploy another version, roll back, call again.
//
// Takes from the environment: SET_UP_LINK, DATA_PORT, FIRST and SECOND (components that answer
// differently), CHROMIUM. Ends with 1 and says why where a claim does not hold.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { drop, launch, open, picture } from './browser.mjs';
import { lookAt } from './manners.mjs';

const { SET_UP_LINK, DATA_PORT, FIRST, SECOND } = process.env;
const PASSWORD = 'a lamp in the night house';
const [first, second] = await Promise.all([readFile(FIRST), readFile(SECOND)]);

const browser = await launch();
const { page, complaints } = await open(browser);
const wrong = [];
const look = async (name) => wrong.push(...(await lookAt(page, name)));
const button = (name) => page.getByRole('button', { name, exact: true });
const link = (name) => page.getByRole('link', { name, exact: true });
const text = (words) => page.getByText(words).first();

/** Calls the function as the world does. */
function call() {
  const options = { host: '127.0.0.1', port: DATA_PORT, path: '/hello/', method: 'POST', headers: { host: `demo.localhost:${DATA_PORT}` } };
  return new Promise((resolve, reject) => {
    const request = http.request(options, async (answer) => {
      const parts = await answer.toArray();
      resolve(`${answer.statusCode} ${Buffer.concat(parts)}`);
    });
    request.on('error', reject).end('the second version echoes\n');
  });
}

async function step(name, act) {
  const started = performance.now();
  try {
    await act();
  } catch (error) {
    const said = await page.locator('body').innerText();
    await picture(page, 'failed');
    throw new Error(`${name}: ${error.message}\nThe page says:\n${said}\nThe browser said: ${complaints.join('\n')}`);
  }
  console.log(`${name}: ${Math.round(performance.now() - started)} ms`);
}

await step('set up', async () => {
  await page.goto(SET_UP_LINK);
  await page.getByLabel('Name').waitFor();
  await look('set-up');
  await page.getByLabel('Name').fill('Ada Lovelace');
  await page.getByLabel('Email').fill('ada@example.com');
  await page.getByLabel('Password').fill(PASSWORD);
  await button('Set up').click();
  await text('Drop a component here').waitFor();
  assert.match(page.url(), /\/projects\/demo\/functions$/);
  await look('functions, none yet');
});

await step('upload by drag and drop', async () => {
  await drop(page, 'hello.wasm', first);
  const panel = page.getByRole('region', { name: 'Upload' });
  assert.equal(await panel.getByLabel('Function').inputValue(), 'hello');
  await look('upload, naming');
  await panel.getByLabel('Message').fill('First light');
  await panel.getByLabel('Outgoing hosts').fill('api.example.com');
  await panel.getByText('write a scheme, a host').waitFor();
  await panel.getByLabel('Outgoing hosts').fill('https://api.example.com https://*.example.net');
  await panel.getByRole('button', { name: 'Upload', exact: true }).click();
  await text('hello v1 is ready').waitFor();
  await look('upload, ready');
});

await step('deploy', async () => {
  await button('Deploy').click();
  await page.getByRole('dialog', { name: 'Deploy hello v1' }).waitFor();
  await look('deploy dialog');
  await button('Deploy v1').click();
  await text(/^hello is on v1, live after/).waitFor();
});

let answer;
await step('call', async () => {
  answer = await call();
  assert.match(answer, /^200 Hello/);
  await link('Test').click();
  await button('Send').click();
  await page.getByRole('region', { name: 'Answer' }).getByText('Hello from /hello/').waitFor();
  await button('Save this request').click();
  await look('test');
});

await step('upload and deploy a second version', async () => {
  await link('Overview').click();
  await drop(page, 'echo.wasm', second);
  await text('hello v2 is ready').waitFor();
  await button('Deploy').click();
  await page.getByLabel('Message').fill('Echo instead');
  await button('Deploy v2').click();
  await text(/^hello is on v2, live after/).waitFor();
  assert.equal(await call(), '200 the second version echoes\n');
});

await step('roll back', async () => {
  await link('Deployments').click();
  await link('Roll back to this').click();
  const dialog = page.getByRole('dialog', { name: 'Roll back to v1' });
  await dialog.getByRole('row', { name: /Versions v2.* v1/ }).waitFor();
  await look('roll back dialog');
  await dialog.getByLabel('Message').fill('The echo was too loud');
  await dialog.getByRole('button', { name: 'Roll back to v1' }).click();
  await text(/^hello is back on v1, live after/).waitFor();
  assert.equal(await call(), answer);
});

await step('undo and roll back by keyboard alone', async () => {
  await button('Undo').click();
  await text('hello is on v2 again.').waitFor();
  assert.equal(await call(), '200 the second version echoes\n');
  await page.locator('main').focus();
  await page.keyboard.press('r');
  await page.getByRole('dialog', { name: 'Roll back to v1' }).getByLabel('Message').waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await call(), answer);
});

await step('find by the palette', async () => {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('tok');
  await look('palette');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Access' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await look('keys');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

await step('make a token and revoke it', async () => {
  await button('New token').click();
  await page.getByLabel('Name').fill('ci');
  await look('new token dialog');
  await button('Create').click();
  await text(/^dm_[0-9a-f]{64}$/).waitFor();
  await button('I have copied it').click();
  assert.equal(await page.getByText(/dm_[0-9a-f]{64}/).count(), 0);
  await button('Revoke ci').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await text('ci is revoked.').waitFor();
});

await step('lower the ceiling', async () => {
  await link('Settings').click();
  const memory = page.getByLabel('Memory');
  assert.equal(await memory.inputValue(), '4096');
  assert.equal(await button('Save').isDisabled(), true);
  await memory.fill('5000');
  await text('is 5000; use 1 to 4096').waitFor();
  assert.equal(await button('Save').isDisabled(), true);
  await look('settings of the project, out of bounds');
  await memory.fill('256');
  await page.getByText('Same as CLI').click();
  await text('dormouse limits memory_mib=256 --project demo').waitFor();
  await button('Save').click();
  await text('The ceiling is saved.').waitFor();
  await link('Access').click();
});

await step('invite', async () => {
  await link('Members').click();
  await button('Invite').click();
  await page.getByLabel('Email').fill('bob@example.com');
  await button('Invite').last().click();
  const invitation = await text(/\/join\?token=[0-9a-f]{64}$/).innerText();
  const guest = await open(browser);
  await guest.page.goto(invitation);
  await guest.page.getByLabel('Name').fill('Bob');
  wrong.push(...(await lookAt(guest.page, 'join')));
  await guest.page.getByLabel('Password').fill(PASSWORD);
  await guest.page.getByRole('button', { name: 'Join' }).click();
  await guest.page.getByRole('link', { name: 'hello', exact: true }).waitFor();
  complaints.push(...guest.complaints);
});

await step('every page in both themes and both widths', async () => {
  const base = new URL(SET_UP_LINK).origin;
  const hello = '/projects/demo/functions/hello';
  const pages = {
    functions: ['/projects/demo/functions', 'v2 not deployed'],
    overview: [hello, 'Addresses'],
    versions: [`${hello}/versions`, 'in the console'],
    version: [`${hello}/versions/1`, 'https://*.example.net'],
    compare: [`${hello}/versions/1/compare/2`, 'Component size'],
    deployments: [`${hello}/deployments`, 'rollback to deployment 1'],
    triggers: [`${hello}/triggers`, '/hello/{*rest}'],
    settings: [`${hello}/settings`, 'Description'],
    tokens: ['/projects/demo/access', 'New token'],
    'project settings': ['/projects/demo/settings', 'Of the whole project at once'],
    members: ['/projects/demo/access/members', 'ada@example.com'],
    nowhere: ['/nowhere', 'There is no such page'],
  };
  for (const [name, [path, words]] of Object.entries(pages)) {
    await page.goto(base + path);
    await text(words).waitFor();
    await look(name);
  }
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  console.log(`first contentful paint: ${Math.round(paint)} ms`);
});

await step('sign out and in', async () => {
  await page.goto(new URL('/', SET_UP_LINK).href);
  await button('Person: Ada Lovelace').click();
  await button('Sign out').click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await look('sign-in');
  await page.getByLabel('Email').fill('ada@example.com');
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await link('hello').waitFor();
});

await step('a refused file', async () => {
  await link('hello').click();
  await text('Addresses').waitFor();
  await drop(page, 'notes.wasm', Buffer.from('these are notes, not WebAssembly'));
  await text('hello v3 cannot run').waitFor();
  await look('upload, refused');
});

assert.deepEqual(complaints, [], 'the browser complained');
assert.deepEqual(wrong, [], 'pages against the rules');
await browser.close();
console.log('all of the flow holds');
