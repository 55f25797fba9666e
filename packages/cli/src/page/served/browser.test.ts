import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpHandler } from '../../http/handler.ts';
import { type Listening, listen } from '../../http/listen.ts';
import { type DutyWorld, endedIncident, startDuty, startDutyWorld, until, waitingIncident } from '../../testing/duty-world.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
const TOKEN = 'a-token-that-a-person-pastes';

describe.skipIf(CHROMIUM === undefined)('in a browser (needs Chromium)', () => {
  let world: DutyWorld;
  let server: Listening;
  let browser: Browser;
  let duty: ReturnType<typeof startDuty>;
  const complaints: string[] = [];
  const serveOn = (at: string) => {
    const tokens = [{ name: world.approver, scopes: ['read', 'approve', 'operate'] as const, token: TOKEN }];
    return listen(createHttpHandler({ duty: duty.duty, tokens, version: '0.0.0' }), at, { hasTokens: true });
  };
  const signIn = async (): Promise<Page> => {
    const page = await (await browser.newContext({ viewport: { width: 390, height: 800 } })).newPage();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('response', (answer) => answer.status() === 404 && complaints.push(`404 ${answer.url()}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${server.url}/login`);
    await page.getByLabel('Token').fill(TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${server.url}/`);
    return page;
  };

  beforeAll(async () => {
    world = await startDutyWorld('bad-image');
    duty = startDuty(world.config());
    server = await serveOn('127.0.0.1:0');
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] });
    await until(() => waitingIncident(duty.duty), 'a pull request', 120);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await duty?.stop();
    await world?.close();
  });

  test('two people look at once, a connection is lost, one approves, the other sees it end without reloading', async () => {
    const [first, second] = [await signIn(), await signIn()];
    for (const page of [first, second]) {
      await page.locator('a.card').click();
      await page.getByRole('heading', { name: 'Your decision is asked' }).waitFor();
      // Nothing wider than the screen but what scrolls by itself.
      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
    }
    const { port } = new URL(server.url);
    await server.close();
    await second.getByText('connection lost').waitFor();
    server = await serveOn(`127.0.0.1:${port}`);
    // Sessions ended with the process: the page leads to where one signs in, and back.
    await second.waitForURL(/\/login\?next=/, { timeout: 30_000 });
    for (const page of [first, second]) {
      await page.goto(`${server.url}/login?next=/incidents/${waitingIncident(duty.duty)?.state.incident}`);
      await page.getByLabel('Token').fill(TOKEN);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Your decision is asked' }).waitFor();
    }
    await first.getByRole('button', { name: 'Reject' }).click();
    await first.getByText('A rejection needs a reason').waitFor();
    // By keyboard: the reason, then the button behind it.
    await first.getByLabel('Reason').fill('read and agreed');
    await first.keyboard.press('Tab');
    await first.keyboard.press('Enter');
    await until(() => (waitingIncident(duty.duty) === undefined ? true : undefined), 'the decision');
    await until(() => endedIncident(duty.duty), 'the end', 120);
    await second.locator('header .pill', { hasText: 'resolved' }).waitFor({ timeout: 30_000 });
    expect(await second.getByRole('heading', { name: 'Your decision is asked' }).count()).toBe(0);
    await second.goto(`${server.url}/`);
    await second.getByText('Earlier').waitFor();
    expect(complaints.filter((text) => !/net::ERR_|401/.test(text))).toEqual([]);
  }, 240_000);

  test('a pause is seen by everybody, and ended by who may', async () => {
    const [first, second] = [await signIn(), await signIn()];
    await first.getByLabel('Why').fill('a migration runs');
    await first.getByRole('button', { name: 'Pause tier0' }).click();
    await first.getByText('Everything stands still').waitFor();
    await second.getByText('Everything stands still').waitFor();
    await second.getByRole('button', { name: 'Go on' }).click();
    await first.getByText('Everything stands still').waitFor({ state: 'detached' });
    expect(duty.duty.paused).toBeUndefined();
  }, 60_000);
});
