// The way from a computer to a phone: the QR code on the page before the check, and the computer's page, which follows along.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { newEmail } from './lib/app.mjs';
import { Browser } from './lib/browser.mjs';
import { freePort } from './lib/http.mjs';
import { readQr } from './lib/qr.mjs';
import { PHONE, createLink, doCheck, openDevServer, proveByHttp, prove, readLink } from './lib/verification.mjs';
import { until } from './lib/wait.mjs';

const phone = { ...PHONE, scale: 2, touch: true };
const qr = (page) => page.locator('.qr');

test('a person begins on the computer, goes on by phone with the QR code, and both show the result', async (t) => {
	const server = await openDevServer(t);
	const browser = await Browser.open(t);
	const link = await createLink(server);
	const computer = await browser.page({ allow: [server.base] });
	await computer.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.base });
	await prove(server, computer, link, newEmail());

	assert.equal(await qr(computer).getAttribute('role'), 'img');
	assert.equal(await qr(computer).getAttribute('aria-label'), 'QR code with the link to this page');
	const url = readQr(await qr(computer).screenshot());
	assert.equal(url, link.url, 'the QR code is the link itself');
	await computer.getByRole('button', { name: 'Copy link' }).click();
	assert.equal(await computer.evaluate(() => navigator.clipboard.readText()), link.url);
	assert.deepEqual(await browser.accessibilityErrors(computer), []);

	const handheld = await browser.page({ ...phone, allow: [server.base] });
	await handheld.goto(url);
	await handheld.locator('form[action*="/check?"]').waitFor();
	assert.equal(await qr(handheld).isVisible(), false, 'a phone needs no way to a phone');
	await doCheck(handheld);
	await until('the link to be completed', async () => (await readLink(server, link)).state === 'completed');
	for (const page of [computer, handheld]) {
		// Before the approval, the page may say for a moment that the information is being checked.
		await page.locator('#result .mark.good').waitFor();
		assert.equal(await page.locator('h1').innerText(), 'Your identity is verified');
	}
	for (const page of [computer, handheld]) assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []]);
});

test('a phone reads the QR code of every length, in light and dark mode', async (t) => {
	const port = await freePort();
	const browser = await Browser.open(t);
	const longest = 512 - '/verify/'.length - 43;
	// Not the same few letters again and again: their modules can look like the corners of a code.
	const letters = createHash('sha512').update('path').digest('base64url').repeat(6);
	for (const length of [0, longest]) {
		const base = `http://127.0.0.1:${port}/`;
		const publicUrl = length ? base + letters.slice(0, length - base.length) : undefined;
		const server = await openDevServer(t, publicUrl && { KYCD_PUBLIC_URL: publicUrl });
		const link = await createLink(server);
		await proveByHttp(server, { ...link, path: `/verify/${link.url.split('/').at(-1)}` }, newEmail());
		assert.equal(link.url.length, length ? 512 : link.url.length);
		for (const dark of [false, true]) {
			const page = await browser.page({ scale: 2, dark, scripts: false, allow: [server.base] });
			await page.goto(`${server.base}/verify/${link.url.split('/').at(-1)}`);
			assert.equal(readQr(await qr(page).screenshot()), link.url, `${link.url.length} bytes${dark ? ', dark mode' : ''}`);
			await page.context().close();
		}
	}
});

test('without a script the computer offers the QR code, and the page says nothing that needs one', async (t) => {
	const server = await openDevServer(t);
	const browser = await Browser.open(t);
	const link = await createLink(server);
	await proveByHttp(server, link, newEmail());
	const page = await browser.page({ scripts: false, allow: [server.base] });
	await page.goto(link.url);
	assert.equal(readQr(await qr(page).screenshot()), link.url);
	assert.equal(await page.getByRole('button', { name: 'Copy link' }).count(), 0, 'a button without its script is hidden');
});
