// A real Chromium that looks at what people are shown: on a narrow phone, in the dark, without scripts, with a checker of
// accessibility. It reaches nothing but the addresses that the story allows; what it was refused is kept.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync'];

/** The narrowest screen that must do without scrolling sideways (WCAG 2.2, 1.4.10 Reflow). */
export const NARROW = 320;

export class Browser {
	/** `t`: the running test, which closes it at its end. One browser does for many pages. */
	static async open(t) {
		const browser = new Browser();
		browser.chromium = await chromium.launch({ executablePath: PROGRAM, args: ARGS, timeout: 60_000 });
		t.after(() => browser.chromium.close());
		browser.axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
		return browser;
	}

	/**
	 * A page of its own, of nobody's history. `allow`: beginnings of the addresses it may load. `scripts`: whether those of the
	 * page run (the checker needs it: then the page's own must be kept out by its policy, or there are none). Kept with it:
	 * `page.strangers`, what it wanted to load from elsewhere; `page.complaints`, what it said to the console as an error.
	 */
	async page({ width = 1024, height = 768, scale = 1, dark = false, scripts = true, language = 'en', allow = [] } = {}) {
		const context = await this.chromium.newContext({
			viewport: { width, height },
			deviceScaleFactor: scale,
			colorScheme: dark ? 'dark' : 'light',
			javaScriptEnabled: scripts,
			locale: language,
			serviceWorkers: 'block',
		});
		const page = await context.newPage();
		page.setDefaultTimeout(20_000);
		page.strangers = [];
		page.complaints = [];
		await page.route('**/*', (route) => {
			const url = route.request().url();
			if (allow.some((start) => url.startsWith(start))) return route.continue();
			page.strangers.push(url);
			return route.abort();
		});
		page.on('console', (said) => said.type() === 'error' && page.complaints.push(said.text()));
		page.on('pageerror', (trouble) => page.complaints.push(String(trouble)));
		return page;
	}

	/** What axe-core finds, one line each; nothing is what one wants. What it cannot tell is there too, marked with a `?`. */
	async findings(page, options = {}) {
		await page.evaluate(this.axe);
		// A page without a ground of its own stands on the browser's, which the checker takes for white even in the dark.
		await page.evaluate(() => {
			const bare = [document.documentElement, document.body].every((one) => getComputedStyle(one).backgroundColor === 'rgba(0, 0, 0, 0)');
			if (bare) document.documentElement.style.backgroundColor = 'Canvas';
		});
		const found = await page.evaluate((given) => window.axe.run(document, { resultTypes: ['violations', 'incomplete'], ...given }), options);
		const lines = (mark, rows) => rows.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${mark}${id} at ${target.join(' ')}: ${failureSummary}`));
		assert.ok(found.passes.length > 0, 'it looked at something');
		return [...lines('', found.violations), ...lines('? ', found.incomplete)];
	}

	/** How many CSS pixels stick out of the window: nobody should have to scroll sideways. What scrolls in a box of its own may. */
	async sticksOut(page) {
		return page.evaluate(() => {
			const wide = document.documentElement.clientWidth;
			const boxed = (one) => one && (['auto', 'scroll'].includes(getComputedStyle(one).overflowX) || boxed(one.parentElement));
			const free = [...document.querySelectorAll('body *')].filter((one) => !boxed(one.parentElement));
			return Math.max(0, document.documentElement.scrollWidth - wide, ...free.map((one) => Math.ceil(one.getBoundingClientRect().right - wide)));
		});
	}
}

/** The widths and colours that a page must bear: what the stories walk through. */
export const VIEWS = [
	{ says: 'a phone', width: NARROW, height: 568, dark: false },
	{ says: 'a phone in the dark', width: NARROW, height: 568, dark: true },
	{ says: 'a desk', width: 1280, height: 800, dark: false },
	{ says: 'a desk in the dark', width: 1280, height: 800, dark: true },
];

/** A desk's window of 1280 by 800 at 400 %: so many CSS pixels are left of it (WCAG 2.2, 1.4.10). */
export const ZOOMED = { says: 'a desk at 400 %', width: NARROW, height: 200, scale: 4, dark: false };
