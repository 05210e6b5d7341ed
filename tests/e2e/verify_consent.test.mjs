// The consent that a tenant asks for on the first page of a verification link.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { newEmail } from './lib/app.mjs';
import { Browser } from './lib/browser.mjs';
import { PHONE, createLink, openDevServer, post, sendCode, submit } from './lib/verification.mjs';

const TEXT = 'I agree that <b>Shop</b> checks my identity.';

async function setConsentText(server, text) {
	await writeFile(path.join(server.folder, 'consent.txt'), text);
	await server.run('tenant', 'set', 'default', '--consent-text', 'consent.txt', '--dev');
}

test('a person must tick the checkbox, without and with JavaScript, and the text is shown as text', async (t) => {
	const server = await openDevServer(t);
	await setConsentText(server, TEXT);
	const browser = await Browser.open(t);
	for (const scripts of [false, true]) {
		const page = await browser.page({ ...PHONE, scripts, allow: [server.base] });
		const link = await createLink(server);
		await page.goto(link.url);
		assert.equal(await page.locator('#consent-text').innerText(), TEXT);
		await submit(page, 'start');
		await page.locator('#consent[aria-invalid=true]').waitFor();
		assert.equal(await page.getByRole('alert').count(), 1);
		await page.locator('#consent').check();
		await submit(page, 'start');
		await sendCode(page, newEmail());
		assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []]);
	}
});

test('the consent to a text that was replaced meanwhile is not accepted', async (t) => {
	const server = await openDevServer(t);
	await setConsentText(server, TEXT);
	const link = await createLink(server);
	const digest = /name="text" value="([0-9a-f]{64})"/.exec((await server.call('GET', link.path)).text)[1];
	await setConsentText(server, 'Another text.');
	assert.match((await post(server, link, 'start', { consent: 'yes', text: digest })).headers.location, /error=consent_changed/);
	assert.match((await post(server, link, 'start', { text: digest })).headers.location, /error=consent_missing/);
	const current = /name="text" value="([0-9a-f]{64})"/.exec((await server.call('GET', link.path)).text)[1];
	assert.notEqual(current, digest);
	assert.doesNotMatch((await post(server, link, 'start', { consent: 'yes', text: current })).headers.location, /error=/);
});
