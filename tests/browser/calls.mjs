// Asynchronous calls in the console, in a real browser against a real platform: make one and follow it to its answer,
// make one that fails and cancel it while it waits for its next attempt.
//
// Takes from the environment: SET_UP_LINK of a platform that nobody has set up, POISON (a component that answers calls
// by name, and fails those that begin with `fail`), CHROMIUM. Ends with 1 and says why where a claim does not hold.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { stage } from './stage.mjs';

const poison = await readFile(process.env.POISON);
const { page, base, button, link, text, look, step, setUp, upload, end } = await stage();
const becomes = page.getByRole('region', { name: 'What becomes of it' });

await step('set up', setUp);

await step('make a call by keyboard', async () => {
  await upload('report', poison, 1);
  await page.goto(`${base}/functions/report/test`);
  await link('Asynchronous call').click();
  await text('is on disk before you are told so').waitFor();
  await look('call, none yet');
  await page.getByLabel('Version').selectOption('1');
  await page.getByLabel('Content type').fill('application/json');
  await page.getByLabel('Payload').focus();
  await page.keyboard.type('{"lamp":"lit"}');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await becomes.getByText('succeeded', { exact: true }).waitFor();
  await becomes.getByText('"lamp": "lit"').waitFor();
  assert.match(page.url(), /test\/call\?id=inv_/);
  await look('call, succeeded');
});

await step('cancel a call that waits for its next attempt', async () => {
  await page.getByLabel('Payload').fill('fail order-7');
  await button('Call later').click();
  await becomes.getByText('The last attempt failed').waitFor();
  await becomes.getByText('pending', { exact: true }).waitFor();
  await look('call, pending');
  await button('Cancel the call').click();
  await becomes.getByText('cancelled', { exact: true }).waitFor();
  await becomes.getByText('Same as CLI').click();
  await text(/^dormouse calls show inv_/).waitFor();
  await look('call, cancelled');
});

await step('the address brings the call back', async () => {
  await page.goBack();
  await becomes.getByText('succeeded', { exact: true }).waitFor();
});

await end('all of the calls hold');
