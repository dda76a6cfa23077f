// Bundles the page, serves it beside a Prometheus, opens each dashboard in Chromium and writes its
// picture.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { build, preview } from 'vite';

const DASHBOARDS = resolve(import.meta.dirname, '../../dashboards');
const WIDTH = 1600;
const FIRST_HEIGHT = 1000;
/** Six times what the slowest dashboard needs on two cores that others use too. */
const DEADLINE_MS = 60_000;
const COLOURS = 128;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    prometheus: { type: 'string' },
    now: { type: 'string' },
    'scrape-interval': { type: 'string', default: '15s' },
    to: { type: 'string' },
    theme: { type: 'string', default: 'dark' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
if (!options.prometheus || !options.now || !options.to) {
  console.error('usage: node shoot.mjs --prometheus URL --now UNIX_SECONDS --to FOLDER [--scrape-interval 15s] [--theme light] [DASHBOARD.json]...');
  process.exit(64);
}

const configFile = join(import.meta.dirname, 'vite.config.mjs');
await build({ configFile });
const server = await preview({ configFile, preview: { proxy: { '/api/v1': options.prometheus } } });
const address = server.resolvedUrls.local[0];
const profile = mkdtempSync(join(tmpdir(), 'pictures-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: options.chromium,
  headless: true,
  chromiumSandbox: false,
  viewport: { width: WIDTH, height: FIRST_HEIGHT },
  timezoneId: 'UTC',
  args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
mkdirSync(options.to, { recursive: true });
try {
  const files = positionals.length ? positionals : readdirSync(DASHBOARDS).filter((file) => file.endsWith('.json'));
  for (const file of files) {
    await picture(file);
  }
} finally {
  await browser.close();
  await server.close();
  rmSync(profile, { recursive: true });
}
/** Writes the picture of one dashboard and names its panels that show nothing. */
async function picture(file) {
  const page = await browser.newPage();
  page.on('console', (message) => message.type() === 'error' && console.error(`  ${message.text()}`));
  page.on('pageerror', (error) => console.error(`  ${error.stack}`));
  await page.clock.setFixedTime(Number(options.now) * 1000);
  const asked = { dashboard: file, theme: options.theme, scrapeInterval: options['scrape-interval'] };
  await page.goto(`${address}?${new URLSearchParams(asked)}`);
  await page.waitForFunction(finished, undefined, { timeout: DEADLINE_MS });
  const height = await page.evaluate(() => Math.ceil(document.querySelector('main').getBoundingClientRect().bottom));
  await page.setViewportSize({ width: WIDTH, height });
  await page.waitForFunction(finished, undefined, { timeout: DEADLINE_MS });
  await settled(page);
  const panels = (await page.evaluate(() => window.panels())).filter(({ shown }) => shown);
  const failed = panels.filter(({ error }) => error).map(({ title, error }) => `${title}: ${error}`);
  if (failed.length) {
    throw new Error(`${file} is not photographed, panels of it failed:\n${failed.join('\n')}`);
  }
  const path = join(options.to, `${basename(file, '.json')}.png`);
  const { size } = await sharp(await page.screenshot()).png({ palette: true, colours: COLOURS, dither: 0, effort: 10 }).toFile(path);
  console.log(`${path}: ${WIDTH} x ${height}, ${Math.ceil(size / 1024)} KiB, ${panels.length} panels`);
  panels.filter(({ empty }) => empty).forEach(({ title }) => console.log(`  no data: ${title}`));
  await page.close();
}

/** In the page: there are panels, and each that is shown has what it asked for. */
function finished() {
  const panels = window.panels?.().filter(({ shown }) => shown) ?? [];
  return panels.length > 0 && panels.every(({ done }) => done);
}

/** Waits until two pictures in a row are the same: plots are drawn, fonts and icons are there. */
async function settled(page) {
  const deadline = Date.now() + DEADLINE_MS;
  for (let last; Date.now() < deadline; ) {
    const now = (await page.screenshot()).toString('base64');
    if (now === last) {
      return;
    }
    last = now;
  }
  throw new Error(`${page.url()} is still changing after ${DEADLINE_MS / 1000} s`);
}
