// What every page has to keep to: nothing that axe calls serious, nothing wider than the window.
import AxeBuilder from '@axe-core/playwright';
import { picture } from './browser.mjs';

const LOOKS = [
  { colorScheme: 'dark', width: 1440, height: 900 },
  { colorScheme: 'light', width: 1440, height: 900 },
  { colorScheme: 'dark', width: 360, height: 740 },
  { colorScheme: 'light', width: 360, height: 740 },
];

/** Looks at the page as it stands in both themes and both widths; gives what is wrong with it. */
export async function lookAt(page, name) {
  const wrong = [];
  for (const { colorScheme, width, height } of LOOKS) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    const where = `${name}, ${colorScheme}, ${width} px`;
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const violation of violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))) {
      const places = violation.nodes.map((node) => `${node.target} (${node.any.map((check) => check.message).join('; ')})`);
      wrong.push(`${where}: ${violation.id}: ${violation.help}: ${places.join(', ')}`);
    }
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (beyond > 0) wrong.push(`${where}: ${beyond} px wider than the window`);
    await picture(page, `${name}-${colorScheme}-${width}`.replaceAll(' ', '-'));
  }
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 1440, height: 900 });
  return wrong;
}
