// What the flows behind the newcomer's begin and end with: a platform that is set up, ways to find things on the
// page, steps that tell where they failed, and the end, where nothing may have gone wrong.
import assert from 'node:assert/strict';
import { drop, launch, open, picture } from './browser.mjs';
import { lookAt } from './manners.mjs';

/** Opens a page of the platform whose set-up link `SET_UP_LINK` is. */
export async function stage() {
  const browser = await launch();
  const { page, complaints } = await open(browser);
  const wrong = [];
  const base = new URL('/projects/demo', process.env.SET_UP_LINK).href;
  const button = (name) => page.getByRole('button', { name, exact: true });
  const text = (words) => page.getByText(words).first();

  async function step(name, act) {
    try {
      await act();
    } catch (error) {
      const said = await page.locator('body').innerText();
      await picture(page, 'failed');
      throw new Error(`${name}: ${error.message}\nThe page says:\n${said}\nThe browser said: ${complaints.join('\n')}`);
    }
    console.log(name);
  }

  /** Makes Ada the owner of the project `demo`. */
  async function setUp() {
    await page.goto(process.env.SET_UP_LINK);
    await page.getByLabel('Name').fill('Ada Lovelace');
    await page.getByLabel('Email').fill('ada@example.com');
    await page.getByLabel('Password').fill('a lamp in the night house');
    await button('Set up').click();
    await text('Drop a component here').waitFor();
  }

  /** Uploads a component by drag and drop as the next version of the function `name`. */
  async function upload(name, component, version) {
    await page.goto(`${base}/functions`);
    await page.getByRole('heading', { name: 'Functions', level: 1 }).waitFor();
    await drop(page, `${name}.wasm`, component);
    await page.getByRole('region', { name: 'Upload' }).getByRole('button', { name: 'Upload', exact: true }).click();
    await text(`${name} v${version} is ready`).waitFor();
  }

  /** Does what the server refuses with `status`; that the browser says so is no complaint. */
  async function refused(status, act) {
    const before = complaints.length;
    await act();
    const said = complaints.splice(before);
    assert.ok(said.length > 0 && said.every((words) => words.includes(`status of ${status}`)), `refused with ${status}: ${said}`);
  }

  /** Has the server not answer until the page says so above `words`, which it goes on to show, and then answer again. */
  async function away(words) {
    const [before, api, notice] = [complaints.length, '**/api/**', text('The server does not answer')];
    await page.route(api, (route) => route.abort());
    await notice.waitFor();
    await text(words).waitFor();
    await page.unroute(api);
    await notice.waitFor({ state: 'hidden' });
    const said = complaints.splice(before);
    assert.ok(said.length > 0 && said.every((line) => line.includes('ERR_FAILED')), `not answered: ${said}`);
  }

  /** Holds that nothing was wrong on any page, and says `words`. */
  async function end(words) {
    assert.deepEqual(complaints, [], 'the browser complained');
    assert.deepEqual(wrong, [], 'pages against the rules');
    await browser.close();
    console.log(words);
  }

  return {
    page,
    base,
    button,
    text,
    step,
    setUp,
    upload,
    refused,
    away,
    end,
    link: (name) => page.getByRole('link', { name, exact: true }),
    dialog: page.getByRole('dialog'),
    look: async (name) => wrong.push(...(await lookAt(page, name))),
  };
}
