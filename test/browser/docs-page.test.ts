import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { listen } from '../../publisher/http/listen.ts';
import { systemClock } from '../../publisher/system.ts';
import { publisher } from '../support/publisher.ts';

let browser: Browser;
beforeAll(async () => {
  const executablePath = process.env.DOORBELL_CHROMIUM ?? 'chromium';
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] });
});
afterAll(() => browser.close());

/** The page as a reader gets it, from a publisher that listens; what the browser complains of is collected. */
async function open(options: BrowserContextOptions): Promise<{ page: Page; complaints: string[] }> {
  const { app } = await publisher();
  const { port, close } = await listen(app, 0, '127.0.0.1', systemClock);
  const context = await browser.newContext(options);
  onTestFinished(async () => {
    await context.close();
    await close();
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('requestfailed', (request) => complaints.push(request.url()));
  await page.goto(`http://127.0.0.1:${port}/docs`);
  return { page, complaints };
}

const background = (page: Page) => page.evaluate('getComputedStyle(document.body).backgroundColor');
const isTooWide = (page: Page) => page.evaluate('document.documentElement.scrollWidth > innerWidth');

describe('the page of the API', () => {
  test('is styled under its own policy, and the browser has nothing to complain of', async () => {
    const { page, complaints } = await open({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
    expect(await background(page)).toBe('rgb(253, 252, 250)');
    expect(await page.getByRole('navigation').getByText('/shops/{shopId}/rollback').isVisible()).toBe(true);
    expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([]);
  });

  test('leads to an operation, and opens its answers', async () => {
    const { page } = await open({ viewport: { width: 1280, height: 800 } });
    await page.getByRole('navigation').getByRole('link', { name: '/shops/{shopId}/rollback' }).click();
    const operation = page.locator('#rollBack');
    expect(await operation.getByRole('heading', { level: 3 }).isVisible()).toBe(true);
    const answer = operation.locator('details', { hasText: 'version-conflict' });
    expect(await answer.locator('pre').isVisible()).toBe(false);
    await answer.locator('summary').click();
    expect(await answer.locator('pre').isVisible()).toBe(true);
  });

  test('is dark where the reader wants it dark', async () => {
    const { page } = await open({ colorScheme: 'dark' });
    expect(await background(page)).toBe('rgb(22, 23, 26)');
  });

  test('fits a phone, with its list of operations put away', async () => {
    const { page } = await open({ viewport: { width: 360, height: 700 } });
    const link = page.getByRole('navigation').getByText('/shops/{shopId}/rollback');
    expect([await isTooWide(page), await link.isVisible()]).toEqual([false, false]);
    await page.getByText('Operations', { exact: true }).click();
    expect(await link.isVisible()).toBe(true);
    await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })");
    expect(await isTooWide(page)).toBe(false);
  });
});
