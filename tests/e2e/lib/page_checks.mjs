// What every page that a person sees has to satisfy, checked in a real Chromium: accessibility, narrow screens, zoom, dark mode,
// keyboard, weight, time until it is visible on a slow connection, and what it sends to whom.
import assert from 'node:assert/strict';
import { COLOUR_RULES, VIEWS, ZOOMED } from './browser.mjs';

/** Largest sum of the bytes that a page transfers, and of its requests; /favicon.ico is not counted. */
const MAX_BYTES = 40 * 1024;
const MAX_REQUESTS = 4;

/** A slow connection: 400 ms latency, 400 kbit/s. */
const SLOW = { offline: false, latency: 400, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 };
const MAX_FIRST_PAINT_MS = 1500;
/** On a busy machine a measurement can be too slow by chance. The best one counts. */
const PAINT_ATTEMPTS = 8;

/** Asserts that the text of the page is light on a dark background, or the other way round. */
export async function assertColourScheme(page, dark, label) {
	const luminance = await page.evaluate(() => {
		const transparent = 'rgba(0, 0, 0, 0)';
		const background = [document.body, document.documentElement].map((element) => getComputedStyle(element).backgroundColor).find((colour) => colour !== transparent);
		return [background ?? 'rgb(255, 255, 255)', getComputedStyle(document.body).color].map((colour) => {
			const [r, g, b] = colour.match(/[\d.]+/g).map(Number);
			return 0.2126 * r + 0.7152 * g + 0.0722 * b;
		});
	});
	assert.equal(luminance[0] < luminance[1], dark, `${label}: background and text have the luminance ${luminance}`);
}

/**
 * Asserts that the Tab key reaches every link, button and field of the page in the order of the document, and that each shows that
 * it has the focus. Of a group of radio buttons, the key reaches one.
 */
export async function assertKeyboardOrder(page, label) {
	const expected = await page.evaluate(() => {
		const isVisible = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.getClientRects().length > 0;
		const elements = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')];
		window.focusable = elements.filter((element) => isVisible(element) && !element.disabled && element.type !== 'hidden' && element.tabIndex >= 0);
		document.body.tabIndex = -1; // the Tab key then starts at the beginning of the document
		document.body.focus();
		document.body.removeAttribute('tabindex');
		const groups = new Set();
		return window.focusable.map((element, i) => ({ i, group: element.type === 'radio' ? `${element.form?.action} ${element.name}` : null }))
			.filter(({ group }) => group === null || (!groups.has(group) && groups.add(group)))
			.length;
	});
	const visited = [];
	for (let n = 0; n < expected; n++) {
		await page.keyboard.press('Tab');
		const focus = await page.evaluate(() => {
			const element = document.activeElement;
			const { outlineStyle, outlineWidth } = getComputedStyle(element);
			return { i: window.focusable.indexOf(element), what: element.outerHTML.slice(0, 80), hasOutline: outlineStyle !== 'none' && outlineWidth !== '0px' };
		});
		assert.ok(focus.hasOutline, `${label}: no visible focus on ${focus.what}`);
		visited.push(focus.i);
	}
	assert.deepEqual(visited, [...visited].sort((a, b) => a - b), `${label}: the focus follows the order of the page`);
	assert.ok(!visited.includes(-1) && new Set(visited).size === expected, `${label}: the Tab key reaches ${visited} of ${expected} elements`);
}

/**
 * Loads the page without a cache. Returns the number of requests without the favicon, the bytes that they transferred, the time
 * until the first text was visible in milliseconds, and all requests as {url, referer}. `slow`: emulate a slow connection.
 */
export async function measureLoad(browser, url, { language = 'en', slow = true } = {}) {
	const context = await browser.chromium.newContext({ locale: language, viewport: { width: 390, height: 844 } });
	try {
		const page = await context.newPage();
		const session = await context.newCDPSession(page);
		const urls = new Map(), requests = [];
		let bytes = 0, count = 0;
		session.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url));
		session.on('Network.requestWillBeSentExtraInfo', ({ requestId, headers }) => requests.push({ requestId, referer: headers.Referer ?? headers.referer }));
		session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
			if (new URL(urls.get(requestId)).pathname === '/favicon.ico') return;
			bytes += encodedDataLength;
			count += 1;
		});
		await session.send('Network.enable');
		await session.send('Network.setCacheDisabled', { cacheDisabled: true });
		if (slow) await session.send('Network.emulateNetworkConditions', SLOW);
		await page.goto(url, { waitUntil: 'load', timeout: 30_000 });
		const firstPaint = await page.evaluate(() => new Promise((resolve) => {
			new PerformanceObserver((list) => {
				const entry = list.getEntriesByName('first-contentful-paint')[0];
				if (entry) resolve(entry.startTime);
			}).observe({ type: 'paint', buffered: true });
		}));
		return { bytes, requests: count, firstPaint, sent: requests.map(({ requestId, referer }) => ({ url: urls.get(requestId), referer })) };
	} finally {
		await context.close();
	}
}

/** Asserts the weight of the page, how soon it is visible, that it calls only its own host, and that no request has a referrer. */
export async function assertLight(browser, url, label, options = {}) {
	let best;
	for (let i = 0; i < PAINT_ATTEMPTS && !(best?.firstPaint < MAX_FIRST_PAINT_MS); i++) {
		const load = await measureLoad(browser, url, options);
		if (!best || load.firstPaint < best.firstPaint) best = load;
	}
	assert.ok(best.bytes <= MAX_BYTES, `${label}: ${best.bytes} bytes`);
	assert.ok(best.requests <= MAX_REQUESTS, `${label}: ${best.requests} requests: ${best.sent.map((request) => request.url)}`);
	assert.ok(best.firstPaint < MAX_FIRST_PAINT_MS, `${label}: visible after ${best.firstPaint} ms`);
	for (const request of best.sent) {
		assert.equal(new URL(request.url).host, new URL(url).host, `${label}: a request to another host`);
		assert.equal(request.referer, undefined, `${label}: ${request.url} was requested with a referrer`);
	}
	return best;
}

/**
 * What is checked in each view; the views need not repeat what another one shows. The keyboard is last, because it moves the focus.
 */
const CHECKS = [
	{ view: VIEWS[2] },
	{ view: ZOOMED },
	{ view: VIEWS[1], axe: COLOUR_RULES },
	{ view: VIEWS[0], axe: {}, keyboard: true },
];

/** Opens pages in one language and checks each in every view. */
export class PageChecker {
	static async open(t, browser, language, allow) {
		const checker = new PageChecker();
		Object.assign(checker, { browser, language, page: await browser.page({ ...CHECKS[0].view, language, allow }) });
		return checker;
	}

	/**
	 * Checks a page in every view. `open(page)` goes to the page and may act on it; by default it loads `url`. `status`: the HTTP
	 * status of `url`. `light`: also measure weight and time of `url`.
	 */
	async check(url, { open, status = 200, light = true, label = url } = {}) {
		const { page } = this;
		await this.browser.show(page, CHECKS[0].view);
		const answer = await page.goto(url);
		assert.equal(answer.status(), status, label);
		await open?.(page);
		for (const { view, axe, keyboard } of CHECKS) {
			const name = `${label}, ${this.language}, ${view.name}`;
			await this.browser.show(page, view);
			if (axe) assert.deepEqual(await this.browser.accessibilityErrors(page, axe), [], name);
			assert.equal(await this.browser.overflowWidth(page), 0, `${name}: the page is wider than the window`);
			assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []], name);
			await assertColourScheme(page, view.dark, name);
			const { lang, dir } = await page.evaluate(() => ({ lang: document.documentElement.lang, dir: document.documentElement.dir }));
			assert.deepEqual({ lang, dir }, { lang: this.language, dir: this.language === 'ar' ? 'rtl' : 'ltr' }, name);
			if (keyboard) await assertKeyboardOrder(page, name);
		}
		if (light) await assertLight(this.browser, url, label, { language: this.language });
	}
}
