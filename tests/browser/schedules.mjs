// Schedules and secrets in the console, in a real browser against a real platform: write, renew and delete a secret;
// give a function a schedule whose next runs are told while it is typed; run it now, pause it, read its ledger.
//
// Takes from the environment: SET_UP_LINK of a platform that nobody has set up, FIRST (a component that answers HTTP),
// POISON (one that takes events, and fails for the slot named `fail`), CHROMIUM. Ends with 1 and says why where a claim
// does not hold.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { stage } from './stage.mjs';

const { FIRST, POISON } = process.env;
const [first, poison] = await Promise.all([readFile(FIRST), readFile(POISON)]);
const { page, base, button, link, text, dialog, look, step, setUp, upload, end } = await stage();

/** Presses the keys one after the other. */
async function keys(...all) {
  for (const key of all) await page.keyboard.press(key);
}

await step('set up', setUp);

await step('no secret yet', async () => {
  await keys('g', 'e');
  await text('takes effect with the next deployment').waitFor();
  assert.match(page.url(), /\/projects\/demo\/secrets$/);
  await look('secrets, none yet');
});

await step('write a secret by keyboard', async () => {
  await button('New secret').focus();
  await page.keyboard.press('Enter');
  await dialog.getByLabel('Name').waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
  await page.keyboard.type('api-key');
  await keys('Tab');
  await page.keyboard.type('the first value');
  await dialog.getByText('no digit first').waitFor();
  assert.equal(await dialog.getByRole('button', { name: 'Write', exact: true }).isDisabled(), true);
  await look('secret, wrong name');
  await dialog.getByLabel('Name').fill('API_KEY');
  await dialog.getByLabel('Value').focus();
  await keys('Tab', 'Enter');
  await text('API_KEY has version 1').waitFor();
  await dialog.waitFor({ state: 'detached' });
  await text('no live function').waitFor();
});

await step('write its next version', async () => {
  await button('New value of API_KEY').click();
  await dialog.getByLabel('Value').fill('the second value');
  await look('secret, new value');
  await dialog.getByRole('button', { name: 'Write', exact: true }).click();
  await text('API_KEY has version 2').waitFor();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('1 older version').click();
  await look('secrets');
  assert.equal(await page.getByText('value', { exact: false }).filter({ hasText: /the (first|second) value/ }).count(), 0);
});

await step('no schedule yet', async () => {
  await keys('g', 'c');
  await text('Each time is a slot').waitFor();
  assert.match(page.url(), /\/projects\/demo\/schedules$/);
  await look('schedules, none yet');
});

await step('a schedule whose next runs are told while it is typed', async () => {
  await upload('hello', first, 1);
  await button('Deploy').click();
  await button('Deploy v1').click();
  await text(/^hello is on v1, live after/).waitFor();
  await page.goto(`${base}/functions/hello/triggers`);
  await button('Change triggers').click();
  await button('A schedule').click();
  await text('Next runs').waitFor();
  await page.getByLabel('Schedule', { exact: true }).fill('61 * * * *');
  await text('61').waitFor();
  await page.getByText('Next runs').waitFor({ state: 'detached' });
  await look('triggers, wrong schedule');
  await page.getByLabel('Schedule', { exact: true }).fill('30 2 * * mon-fri');
  await page.getByLabel('Time zone').fill('Europe/Berlin');
  await text('Next runs').waitFor();
  assert.equal(await page.locator('.runs li').count(), 3);
  await look('triggers, next runs');
});

await step('deploy what schedules run', async () => {
  await upload('report', poison, 1);
  const triggers = ['nightly', 'fail'].map((name) => ({ type: 'cron', name, schedule: '30 2 * * mon-fri', timezone: 'Europe/Berlin', retries: 0 }));
  const status = await page.evaluate(async (triggers) => {
    const session = await (await fetch('/api/v1/session')).json();
    const body = JSON.stringify({ versions: [{ version: 1, weight: 100 }], triggers });
    const headers = { 'content-type': 'application/json', 'x-csrf-token': session.csrf_token };
    return (await fetch('/api/v1/projects/demo/functions/report/deployments', { method: 'POST', headers, body })).status;
  }, triggers);
  assert.equal(status, 201);
  await page.goto(`${base}/functions/report/triggers`);
  await link('Ledger').first().click();
  await text('No slot was due yet').waitFor();
  assert.match(page.url(), /\/schedules\/report\/nightly$/);
  assert.equal(await page.locator('.runs li').count(), 5);
  await look('schedule, no slot yet');
});

await step('run it now by keyboard', async () => {
  await button('Run now').focus();
  await page.keyboard.press('Enter');
  await text('asked for by Ada Lovelace').waitFor();
  await page.getByText('ran', { exact: true }).waitFor();
  await page.getByText('Same as CLI').click();
  await text('dormouse cron run nightly --function report --project demo').waitFor();
});

await step('pause and resume it', async () => {
  await button('Pause').click();
  await text('is due no more').waitFor();
  await page.getByText('paused', { exact: true }).waitFor();
  await text('It is not due while it is paused').waitFor();
  await look('schedule, paused');
  await button('Resume').click();
  await text('is due again').waitFor();
  await page.getByText('on', { exact: true }).waitFor();
});

await step('a slot that fails', async () => {
  await page.goto(`${base}/schedules/report/fail`);
  await button('Run now').click();
  await page.getByText('failed', { exact: true }).waitFor();
  await text('attempt 1 failed as it should').waitFor();
  await look('schedule');
  await link('Schedules').first().click();
  await link('nightly').waitFor();
  await look('schedules');
});

await step('find them by the palette', async () => {
  await keys('Control+k');
  await page.getByRole('combobox').fill('secr');
  await keys('Enter');
  await page.getByRole('heading', { name: 'Secrets', level: 1 }).waitFor();
});

await step('delete a secret by its name', async () => {
  await button('Delete API_KEY').click();
  const remove = dialog.getByRole('button', { name: 'Delete', exact: true });
  assert.equal(await remove.isDisabled(), true);
  await dialog.getByLabel("The secret's name").fill('API_KEY');
  await look('secret, delete');
  await keys('Enter');
  await text('The secret is deleted').waitFor();
  await text('takes effect with the next deployment').waitFor();
});

await end('all of the schedules and secrets hold');
