// The documentation at /docs for everyone: accessibility, narrow screens, zoom, dark mode and keyboard. axe-core would check
// the whole reference for minutes; of parts that have the same markup, it therefore checks a few.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser, VIEWS, ZOOMED } from './lib/browser.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { assertColourScheme, assertKeyboardOrder } from './lib/page_checks.mjs';

const [PHONE, PHONE_DARK, DESKTOP, DESKTOP_DARK] = VIEWS;

/** Cells outside of the visible part of a table that scrolls: axe-core cannot see them. The wide views show them. */
const isHiddenCell = (line) => /^\? color-contrast at .*\b(td|th)\b/.test(line);

/** The text that a textarea begins with: axe-core looks for it at a wrong place. The field has the colours of the others. */
const isTextarea = (line) => /^\? color-contrast at #\w+--body:/.test(line);

const openAll = (page) => page.evaluate(() => document.querySelectorAll('main details').forEach((details) => (details.open = true)));

/** Removes the calls and rows of tables that have the same markup as others. */
const KEPT = ['start', 'prepareKyc', 'createKycSession', 'createWebhookEndpoint', 'getUser'];
const shorten = (page) => page.evaluate((kept) => {
	for (const call of document.querySelectorAll('.call')) if (!kept.includes(call.id)) call.remove();
	for (const row of document.querySelectorAll('tr:nth-child(n + 5)')) row.remove();
	for (const answer of document.querySelectorAll('.answer:nth-of-type(n + 5)')) answer.remove();
}, KEPT);

test('the documentation is accessible, reflows at 320 px and 400 % zoom, is light and dark, and works by keyboard', async (t) => {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'] });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	await server.start();
	const browser = await Browser.open(t);
	const rows = [
		{ path: '/docs/reasons', view: PHONE, axe: true, keyboard: true },
		{ path: '/docs', view: PHONE_DARK, axe: true },
		{ path: '/docs/reasons', view: PHONE_DARK },
		{ path: '/docs', view: PHONE },
		{ path: '/docs', view: ZOOMED },
		{ path: '/docs/operating', view: ZOOMED },
		{ path: '/docs/reasons', view: DESKTOP, axe: true },
		{ path: '/docs', view: DESKTOP_DARK, axe: true, open: true },
	];
	for (const { path, view, axe, keyboard, open } of rows) {
		const label = `${path}, ${view.name}`;
		const page = await browser.page({ ...view, allow: [server.base] });
		await page.goto(server.base + path);
		if (keyboard) await assertKeyboardOrder(page, label);
		await assertColourScheme(page, view.dark, label);
		if (open) await openAll(page);
		if (axe) {
			if (path === '/docs') await shorten(page);
			const problems = await browser.accessibilityErrors(page);
			assert.deepEqual(problems.filter((line) => !isTextarea(line) && !(view.width <= PHONE.width && isHiddenCell(line))), [], label);
		}
		await openAll(page);
		assert.equal(await browser.overflowWidth(page), 0, label);
		assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []], label);
		await page.context().close();
	}
});
