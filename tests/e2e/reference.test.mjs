// The API reference at /docs in a real browser: navigation, tabs of samples, and forms that send a call.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser } from './lib/browser.mjs';
import { App, UNLIMITED_RATES, expect, newEmail } from './lib/app.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';

async function startDevServer(t, settings = {}) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: { ...UNLIMITED_RATES, ...settings } });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	return server.start();
}

test('the reference has every call of the API description, also without scripts', async (t) => {
	const server = await startDevServer(t);
	const document = (await server.call('GET', '/openapi.json')).json;
	const browser = await Browser.open(t);
	const page = await browser.page({ scripts: false, allow: [server.base] });
	await page.goto(`${server.base}/docs`);
	for (const [path, operations] of Object.entries(document.paths))
		for (const [verb, { operationId }] of Object.entries(operations)) {
			assert.equal((await page.locator(`#${operationId} .route`).innerText()).replace('\n', ' '), `${verb.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`);
			assert.equal(await page.locator(`nav a[href="#${operationId}"]`).count(), 1);
		}
	const text = await page.textContent('main');
	for (const word of ['otp_max_attempts', 'kyc_session_created', 'verify_quota_exceeded', 'unsupported_media_type', 'http_version']) assert.ok(text.includes(word), word);
	const call = page.locator('#verifyEmailOtp');
	assert.match(await call.locator('figure pre').innerText(), /^\{\n {2}"statusCode": 200,\n {2}"success": true,\n {2}"status": "email_verified",/);
	assert.ok(await call.locator('.sample[data-language=curl] pre').isVisible());
	await call.locator('.sample[data-language=python] summary').click();
	assert.match(await call.locator('.sample[data-language=python] pre').innerText(), /^import json\n/);
	assert.equal(await call.locator('.try').isVisible(), false, 'a form needs a script');
	await page.locator('.menu a[href="#getQuota"]').click();
	assert.ok(page.url().endsWith('#getQuota'));
	assert.deepEqual(page.blockedUrls, [], 'nothing is loaded from elsewhere');
});

test('the page sends the headers of a page for people', async (t) => {
	const server = await startDevServer(t);
	for (const path of ['/docs', '/docs/integrating']) {
		const { headers } = await server.call('GET', path);
		assert.match(headers['content-security-policy'], /^default-src 'none'; style-src 'self'; script-src 'self';/);
		assert.doesNotMatch(headers['content-security-policy'], /unsafe/);
		assert.equal(headers['referrer-policy'], 'no-referrer');
		assert.equal(headers['cache-control'], 'no-store');
		assert.equal(headers['content-language'], 'en');
	}
});

test('the chosen language of the samples holds for every call and for the next visit', async (t) => {
	const server = await startDevServer(t);
	const browser = await Browser.open(t);
	const page = await browser.page({ allow: [server.base] });
	await page.goto(`${server.base}/docs`);
	const tab = (operation, name) => page.locator(`#${operation}`).getByRole('tab', { name });
	const shown = (operation) => page.locator(`#${operation} [role=tabpanel]:visible`).getAttribute('data-language');
	assert.deepEqual([await shown('prepareKyc'), await tab('prepareKyc', 'curl').getAttribute('aria-selected')], ['curl', 'true']);
	await tab('prepareKyc', 'Python').click();
	assert.deepEqual([await shown('prepareKyc'), await shown('getQuota')], ['python', 'python']);
	await page.keyboard.press('ArrowLeft');
	assert.equal(await shown('getQuota'), 'node');
	await page.reload();
	assert.equal(await shown('prepareKyc'), 'node');
});

test('the navigation marks what is being read, and is closed on a narrow screen until it is used', async (t) => {
	const server = await startDevServer(t);
	const browser = await Browser.open(t);
	const wide = await browser.page({ width: 1440, height: 900, allow: [server.base] });
	await wide.goto(`${server.base}/docs`);
	await wide.locator('.menu a[href="#getQuota"]').click();
	await wide.locator('.menu a[href="#getQuota"][aria-current=true]').waitFor();
	assert.ok((await wide.locator('.menu').boundingBox()).y >= -1, 'it stays in view');
	const [about, code] = await Promise.all(['.about', '.code'].map((part) => wide.locator(`#getQuota ${part}`).boundingBox()));
	assert.ok(code.x >= about.x + about.width, 'samples stand beside the description');

	const narrow = await browser.page({ width: 320, height: 568, allow: [server.base] });
	await narrow.goto(`${server.base}/docs`);
	const link = narrow.locator('.menu a[href="#getQuota"]');
	assert.equal(await link.isVisible(), false);
	await narrow.locator('.menu > summary').click();
	await link.click();
	assert.equal(await link.isVisible(), false, 'following a link closes it');
	assert.ok(await narrow.locator('#getQuota h3').isVisible());
});

test('Try it sends the call and shows status and body', async (t) => {
	const server = await startDevServer(t);
	const browser = await Browser.open(t);
	const page = await browser.page({ allow: [server.base] });
	await page.goto(`${server.base}/docs`);
	const email = newEmail('try');
	const send = async (operation, fill) => {
		const form = page.locator(`#${operation} form.try`);
		if (!(await form.locator('button[type=submit], button:not([type])').isVisible())) await form.locator('summary').click();
		await fill?.(form);
		// The result of an earlier call must not be taken for that of this one.
		await form.locator('.result').evaluate((result) => result.replaceChildren());
		await form.getByRole('button', { name: /^Send / }).click();
		await form.locator('.result', { hasText: / ms$/ }).waitFor();
		return { status: await form.locator('.result').innerText(), text: await form.locator('.received').textContent() };
	};
	const prepared = await send('prepareKyc', (form) => form.getByLabel('Body').fill(JSON.stringify({ email })));
	assert.match(prepared.status, /^201 Created, \d+ ms$/);
	assert.equal(JSON.parse(prepared.text).status, 'user_prepared');
	assert.match((await send('getKycStatus', (form) => form.getByLabel('email').fill(email))).text, /"kyc_not_found"/);
	const created = await send('createKycSession', async (form) => {
		await form.getByLabel('kyc_type').fill('verify_public_kyc');
		await form.getByLabel('Body').fill(JSON.stringify({ email }));
	});
	assert.match(created.status, /^403 /);
	const people = await send('listUsers');
	assert.match(people.status, /^200 OK/);
	const [{ user_id }] = JSON.parse(people.text).data.users;
	assert.match((await send('getUser', (form) => form.getByLabel('user_id').fill(user_id))).status, /^200 OK/);
	assert.match((await send('prepareKyc', (form) => form.getByLabel('Body').fill('{'))).status, /^400 /);
	assert.deepEqual([page.consoleErrors.filter((line) => !/status of 4\d\d/.test(line)), page.blockedUrls], [[], []]);
});

test('outside of development mode there is no form, and with a required key the form has a field for it', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DOCS: '1' } });
	assert.doesNotMatch((await app.call('GET', '/docs', { key: null })).text, /class="try"/);
	const server = await startDevServer(t, { KYCD_API_KEYS: 'required' });
	const browser = await Browser.open(t);
	const page = await browser.page({ allow: [server.base] });
	await page.goto(`${server.base}/docs`);
	await page.locator('#getMe form.try summary').click();
	await page.locator('#getMe').getByLabel('API key').fill('kycd_wrong');
	await page.locator('#getMe').getByRole('button', { name: /^Send / }).click();
	await page.locator('#getMe .result', { hasText: /^401 / }).waitFor();
});

test('outside of development mode /docs does not exist without KYCD_DOCS', async (t) => {
	const app = await App.open(t);
	for (const method of ['GET', 'POST']) expect(await app.call(method, '/docs', { key: null }), 404, 'route_not_found');
	expect(await app.prepare(newEmail()), 201);
});
