// What every page has to keep to: nothing that axe calls serious, nothing wider than the window.
import AxeBuilder from '@axe-core/playwright';
import { picture } from './browser.mjs';

// What of axe's rules depends on colours: the others find in one theme what they find in the other.
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

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
    // No page has frames, so axe need not gather what it finds in a page of its own.
    const axe = new AxeBuilder({ page }).setLegacyMode();
    const { violations } = await (colorScheme === 'dark' ? axe : axe.withRules(OF_COLOURS)).analyze();
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
