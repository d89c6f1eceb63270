// Queues in the console, in a real browser against a real platform: create them, send by hand, look at messages,
// pause, move dead letters with progress, empty a queue; and the triggers of a function, of every kind.
//
// Takes from the environment: SET_UP_LINK of a platform that nobody has set up, FIRST (a component that answers
// HTTP), CHROMIUM. Ends with 1 and says why where a claim does not hold.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { stage } from './stage.mjs';

const component = await readFile(process.env.FIRST);
const { page, base, button, link, text, dialog, look, step, setUp, upload, end } = await stage();

async function create(name, letters) {
  await button('New queue').click();
  await dialog.getByLabel('Name').fill(name);
  if (letters) await dialog.getByLabel('Dead-letter queue').selectOption(letters);
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
}

async function send(body) {
  await button('Send a message').click();
  await dialog.getByLabel('Body').fill(body);
  await dialog.getByRole('button', { name: 'Send', exact: true }).click();
  await text('is on disk').waitFor();
  await dialog.waitFor({ state: 'detached' });
}

await step('set up', setUp);

await step('no queue yet', async () => {
  await page.keyboard.press('g');
  await page.keyboard.press('q');
  await text('Put aside').waitFor();
  assert.match(page.url(), /\/projects\/demo\/queues$/);
  await look('queues, none yet');
});

await step('create two queues', async () => {
  await create('orders-dlq');
  await link('Queues').first().click();
  await button('New queue').click();
  await dialog.getByLabel('Name').waitFor();
  await look('queue, new');
  await page.keyboard.press('Escape');
  await create('orders', 'orders-dlq');
  await text('No function consumes this queue').waitFor();
  await look('queue, empty');
});

await step('send by hand and look', async () => {
  await button('Send a message').click();
  await dialog.getByLabel('Body').waitFor();
  await look('queue, send');
  await page.keyboard.press('Escape');
  for (const number of [1, 2, 3]) await send(`{"order":${number},"lines":["lamp","bed"]}`);
  await page.getByRole('navigation', { name: 'Queue' }).getByRole('link', { name: 'Messages' }).click();
  await text('"order":3').waitFor();
  await look('queue, messages');
  await page.getByRole('link', { name: /^msg_/ }).first().click();
  await text('Where it stands').waitFor();
  await text('"lamp"').waitFor();
  await look('message');
});

await step('pause and resume', async () => {
  await button('Pause').click();
  await text('hands out none').waitFor();
  await page.getByText('paused', { exact: true }).waitFor();
  await button('Resume').click();
  await page.getByText('open', { exact: true }).waitFor();
});

await step('move messages, and stop', async () => {
  await page.goto(`${base}/queues/orders/redrives`);
  await page.getByLabel('Where to').selectOption('orders-dlq');
  await page.getByLabel('At most in a second').fill('1');
  await button('Move 3 messages').click();
  await text('Moving messages to orders-dlq').waitFor();
  await look('queue, redrive under way');
  await text('done').waitFor();
  await page.goto(`${base}/queues/orders-dlq/messages`);
  await text('"order":3').waitFor();
  await page.goto(`${base}/queues/orders/redrives`);
  await text('3 of 3').waitFor();
  await look('queue, redrives');
});

await step('empty a queue by its name', async () => {
  await page.goto(`${base}/queues/orders-dlq/settings`);
  await button('Empty the queue').click();
  const empty = dialog.getByRole('button', { name: 'Empty the queue', exact: true });
  assert.equal(await empty.isDisabled(), true);
  await dialog.getByLabel("The queue's name").fill('orders-dlq');
  await look('queue, purge');
  await empty.click();
  await text('3 messages deleted').waitFor();
  await look('queue, settings');
  await page.goto(`${base}/queues`);
  await link('orders').waitFor();
  await look('queues');
});

await step('a trigger of each kind', async () => {
  await upload('hello', component, 1);
  await button('Deploy').click();
  await button('Deploy v1').click();
  await text(/^hello is on v1, live after/).waitFor();
  await page.goto(`${base}/functions/hello/triggers`);
  await button('Change triggers').click();
  await button('HTTP requests').click();
  await page.getByLabel('Path').last().fill('/second/{id}');
  await button('Messages of a queue').click();
  await page.getByLabel('Queue', { exact: true }).fill('orders');
  await text('The queue is there').waitFor();
  await page.getByLabel('Queue', { exact: true }).fill('parcels');
  await text('deploying creates it').waitFor();
  await page.getByLabel('Batch').fill('101');
  await button('A schedule').click();
  await page.getByLabel('Schedule', { exact: true }).fill('*/5 * * * *');
  await button('Deploy these triggers').click();
  await text('use 1 to 100').waitFor();
  await look('triggers, changing');
  for (const left of [2, 1]) {
    await button('Remove this trigger').last().click();
    await page.waitForFunction((left) => document.querySelectorAll('.trigger-panel').length === left + 1, left);
  }
  await button('Deploy these triggers').click();
  await text('The new triggers are live').waitFor();
  await text('/second/{id}').waitFor();
  await look('triggers');
});

await end('all of the queues hold');
