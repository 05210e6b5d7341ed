// A real Chromium for tests of pages and e-mails: narrow screens, dark mode, without scripts, and an accessibility checker
// (axe-core). It loads only the URLs that the test allows, and records the URLs that it blocked.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { chromium } from 'playwright-core';
import { until } from './wait.mjs';

const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync'];

/** The width in CSS pixels down to which a page must not need horizontal scrolling (WCAG 2.2, 1.4.10 Reflow). */
export const NARROW_WIDTH = 320;

export class Browser {
	/** `t`: the running test; the browser is closed when it ends. One browser serves any number of pages. */
	static async open(t) {
		const browser = new Browser();
		browser.chromium = await chromium.launch({ executablePath: PROGRAM, args: ARGS, timeout: 60_000 });
		t.after(() => browser.chromium.close());
		browser.axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
		return browser;
	}

	/**
	 * Opens a page in a new browser context, without cookies or history. `allow`: prefixes of the URLs that the page may load.
	 * `scripts`: whether JavaScript is enabled. The accessibility checker needs JavaScript, also for pages that have no scripts
	 * or whose content security policy blocks them. `touch`: a phone, whose pointer is a finger (`pointer: coarse`). Records `page.blockedUrls` and `page.consoleErrors`.
	 */
	async page({ width = 1024, height = 768, scale = 1, dark = false, scripts = true, touch = false, language = 'en', allow = [] } = {}) {
		const context = await this.chromium.newContext({
			viewport: { width, height },
			deviceScaleFactor: scale,
			colorScheme: dark ? 'dark' : 'light',
			javaScriptEnabled: scripts,
			locale: language,
			hasTouch: touch,
			isMobile: touch,
			serviceWorkers: 'block',
		});
		const page = await context.newPage();
		page.setDefaultTimeout(20_000);
		page.blockedUrls = [];
		page.consoleErrors = [];
		// Chromium logs an error for a page whose status is 4xx or 5xx, some time after it loaded the page. The tests check the status.
		const pageUrls = new Set();
		page.on('request', (request) => request.isNavigationRequest() && pageUrls.add(request.url()));
		const isStatusOfPage = (message) => message.text().startsWith('Failed to load resource: the server responded with a status of') && pageUrls.has(message.location().url);
		await page.route('**/*', (route) => {
			const url = route.request().url();
			if (allow.some((prefix) => url.startsWith(prefix))) return route.continue();
			page.blockedUrls.push(url);
			return route.abort();
		});
		page.on('console', (message) => message.type() === 'error' && !isStatusOfPage(message) && page.consoleErrors.push(message.text()));
		page.on('pageerror', (error) => page.consoleErrors.push(String(error)));
		return page;
	}

	/** Changes the window and the colour scheme of a page that stays as it is: loading it again for each view would take most of a test's time. */
	async show(page, { width, height, scale = 1, dark = false }) {
		await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
		page.devtools ??= await page.context().newCDPSession(page);
		await page.devtools.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: scale, mobile: false });
		const shown = () => page.evaluate(() => [innerWidth, innerHeight, devicePixelRatio, matchMedia('(prefers-color-scheme: dark)').matches]);
		// A busy browser applies the change some time after it has accepted the command.
		await until('the view to be shown', async () => isDeepStrictEqual(await shown(), [width, height, scale, dark]));
	}

	/** Writes the whole page to a file, as `show` has set its view. Playwright's own screenshot would reset it. */
	async saveView(page, file) {
		const { cssContentSize } = await page.devtools.send('Page.getLayoutMetrics');
		const { data } = await page.devtools.send('Page.captureScreenshot', { captureBeyondViewport: true, clip: { ...cssContentSize, scale: 1 } });
		await writeFile(file, Buffer.from(data, 'base64'));
	}

	/**
	 * Returns a line for each accessibility problem that axe-core finds. Lines that start with `?` are checks that it could not
	 * decide, except contrasts beside a number in a circle (a pseudo-element) or below another element: tests/unit/html/test_style.c
	 * computes the contrasts of all colours.
	 */
	async accessibilityErrors(page, options = {}) {
		if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(this.axe);
		// For a page that sets no background colour, axe-core assumes white even in dark mode. Set the browser's actual background.
		await page.evaluate(() => {
			const transparent = [document.documentElement, document.body].every((element) => getComputedStyle(element).backgroundColor === 'rgba(0, 0, 0, 0)');
			if (transparent) document.documentElement.style.backgroundColor = 'Canvas';
		});
		const results = await page.evaluate((axeOptions) => window.axe.run(document, { resultTypes: ['violations', 'incomplete'], ...axeOptions }), options);
		// axe-core cannot tell the background of a <textarea>, and says that another element covers it.
		const isUndecidable = (id, { html }) => id === 'color-contrast' && html.startsWith('<textarea');
		const lines = (mark, rows) => rows.flatMap(({ id, nodes }) => nodes.filter((node) => mark === '' || !isUndecidable(id, node)).map(({ target, failureSummary }) => `${mark}${id} at ${target.join(' ')}: ${failureSummary}`));
		assert.ok(results.passes.length > 0, 'axe-core checked at least one rule');
		const undecided = lines('? ', results.incomplete).filter((line) => !/^\? color-contrast .*(due to a pseudo element|partially obscured by another element)/s.test(line));
		return [...lines('', results.violations), ...undecided];
	}

	/**
	 * Returns by how many CSS pixels content extends beyond the right edge of the window. Content of scrollable elements is not
	 * counted.
	 */
	async overflowWidth(page) {
		return page.evaluate(() => {
			const width = document.documentElement.clientWidth;
			const isScrollable = (element) => element && (['auto', 'scroll'].includes(getComputedStyle(element).overflowX) || isScrollable(element.parentElement));
			const elements = [...document.querySelectorAll('body *')].filter((element) => !isScrollable(element.parentElement));
			return Math.max(0, document.documentElement.scrollWidth - width, ...elements.map((element) => Math.ceil(element.getBoundingClientRect().right - width)));
		});
	}
}

/**
 * Clicks a link and waits until its page is loaded. A click alone waits only until the browser begins to read the page, and what a
 * test then counts may be a part of it.
 */
export async function follow(page, link) {
	await Promise.all([page.waitForEvent('load'), link.click()]);
}

/** Options of Browser.page for the screens on which every page is tested. */
export const VIEWS = [
	{ name: 'phone', width: NARROW_WIDTH, height: 568, dark: false },
	{ name: 'phone, dark mode', width: NARROW_WIDTH, height: 568, dark: true },
	{ name: 'desktop', width: 1280, height: 800, dark: false },
	{ name: 'desktop, dark mode', width: 1280, height: 800, dark: true },
];

/** A desktop window of 1280 by 800 pixels at 400 % zoom, in CSS pixels (WCAG 2.2, 1.4.10). */
export const ZOOMED = { name: 'desktop at 400 %', width: NARROW_WIDTH, height: 200, scale: 4, dark: false };

/** Options of Browser.accessibilityErrors for a view whose page was checked by all rules in other colours: those that depend on colours. */
export const COLOUR_RULES = { runOnly: ['color-contrast', 'link-in-text-block'] };
