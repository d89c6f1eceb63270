// The examples with WebSockets in a real browser against a real platform: two people chat with each other through the
// chat's own page, and watch the live counter.
//
// Takes from the environment: DATA_PORT of a platform whose project demo has the chat at /chat/{room} and the counter at
// /counter, CHROMIUM. Ends with 1 and says why where a claim does not hold.
import assert from 'node:assert/strict';
import { launch, open, picture } from './browser.mjs';
import { lookAt } from './manners.mjs';

const base = `http://demo.localhost:${process.env.DATA_PORT}`;
const browser = await launch();
const wrong = [];
const opened = [];

/** Someone with a browser window of their own. */
async function person() {
  const window = await open(browser);
  opened.push(window);
  const { page } = window;
  const log = page.getByRole('log');
  return {
    page,
    async enter(room, name) {
      await page.goto(`${base}/chat/${room}`);
      await page.getByLabel('Your name').fill(name);
      await page.getByRole('button', { name: 'Join' }).click();
    },
    async say(text) {
      await page.getByRole('textbox', { name: 'Message' }).fill(text);
      await page.keyboard.press('Enter');
    },
    hears: (text) => log.getByText(text, { exact: true }).waitFor(),
    present: () => page.getByRole('list', { name: 'Here now' }).getByRole('listitem').allInnerTexts(),
    said: () => log.getByRole('listitem').allInnerTexts(),
  };
}

async function step(name, act) {
  try {
    await act();
  } catch (error) {
    const pages = [];
    for (const { page, complaints } of opened.filter(({ page }) => !page.isClosed())) {
      pages.push(await page.locator('body').innerText(), ...complaints);
      await picture(page, `failed-${pages.length}`);
    }
    throw new Error(`${name}: ${error.message}\nThe pages say:\n${pages.join('\n')}`);
  }
  console.log(name);
}

const [ada, bob, eve] = [await person(), await person(), await person()];

await step('enter', async () => {
  await ada.page.goto(`${base}/chat/lobby`);
  await ada.page.getByLabel('Your name').waitFor();
  wrong.push(...(await lookAt(ada.page, 'chat, entrance')));
  await ada.enter('lobby', 'ada');
  await ada.hears('ada joined');
  assert.deepEqual(await ada.present(), ['ada']);
});

await step('another one comes', async () => {
  await bob.enter('lobby', 'ada');
  await bob.page.getByText('ada is here already; use another name').waitFor();
  await bob.page.getByLabel('Your name').fill('bob');
  await bob.page.getByRole('button', { name: 'Join' }).click();
  for (const someone of [ada, bob]) {
    await someone.hears('bob joined');
    assert.deepEqual(await someone.present(), ['ada', 'bob']);
  }
});

await step('they talk', async () => {
  await eve.enter('kitchen', 'eve');
  await eve.hears('eve joined');
  await bob.say('good morning, <b>ada</b> & all');
  for (const someone of [ada, bob]) await someone.hears('good morning, <b>ada</b> & all');
  for (let number = 0; number < 10; number += 1) await ada.say(`number ${number}`);
  for (const someone of [ada, bob]) {
    await someone.hears('number 9');
    const numbers = (await someone.said()).filter((line) => line.includes('number'));
    assert.deepEqual(numbers, Array.from({ length: 10 }, (_, number) => `ada\nnumber ${number}`));
  }
  assert.deepEqual(await eve.present(), ['eve']);
  assert.deepEqual(await eve.said(), ['eve joined']);
  wrong.push(...(await lookAt(ada.page, 'chat')));
});

await step('one goes, and comes again', async () => {
  await bob.page.reload();
  await ada.hears('bob left');
  assert.deepEqual(await ada.present(), ['ada']);
  await bob.enter('lobby', 'bob');
  await bob.hears('bob joined');
  assert.deepEqual(await bob.present(), ['ada', 'bob']);
  await bob.page.close();
  await ada.page.waitForFunction(() => document.querySelectorAll('#present li').length === 1);
});

await step('both see each click', async () => {
  for (const { page } of [ada, eve]) {
    await page.goto(`${base}/counter`);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.waitForFunction(() => document.getElementById('total').textContent === '0');
  }
  await ada.page.getByRole('button', { name: 'Click' }).click();
  for (const { page } of [ada, eve]) await page.waitForFunction(() => document.getElementById('total').textContent === '1');
  wrong.push(...(await lookAt(eve.page, 'live counter')));
});

await browser.close();
assert.deepEqual(wrong, []);
assert.deepEqual(opened.flatMap(({ complaints }) => complaints), []);
console.log('all of the chat holds');
