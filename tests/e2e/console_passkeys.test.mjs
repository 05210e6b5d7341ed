// The console: registration of a passkey, sign-in, step-up, and what is refused. Chromium has a virtual authenticator.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser } from './lib/browser.mjs';
import { newEmail } from './lib/app.mjs';
import { ConsoleClient, ConsoleServer, addAuthenticator, registerInBrowser } from './lib/console.mjs';
import { until } from './lib/wait.mjs';

const SIGN_IN = { name: 'Sign in with a passkey' };

async function signIn(page, server) {
	await page.goto(`${server.site}/console/sign-in`);
	await page.getByRole('button', SIGN_IN).click();
	await page.waitForURL(/\/console(\?|$)/);
}

const alert = (page) => page.locator('[role=alert]:not([hidden])').innerText();

test('an operator registers a passkey at a one-time link, signs out and signs in with it', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	const email = newEmail();
	const link = await server.addOperator(email, 'admin');

	const anyone = new ConsoleClient(server);
	assert.equal((await anyone.get(link)).http, 200, 'opening the link does not use it up');
	const page = await registerInBrowser(browser, server, link);
	assert.match(await page.locator('header').innerText(), new RegExp(email));
	assert.equal((await anyone.get(link)).http, 410, 'registering uses it up');

	const [cookie] = await page.context().cookies(server.site);
	assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, 'Lax', '/']);
	await page.getByRole('button', { name: 'Sign out' }).click();
	await page.waitForURL(/sign-in/);
	const signedOut = new ConsoleClient(server, `${cookie.name}=${cookie.value}`);
	assert.equal((await signedOut.get('/console/tenants')).headers.location, '/console/sign-in?back=%2Fconsole%2Ftenants', 'the session is gone on the server');

	await signIn(page, server);
	assert.match(await page.locator('header').innerText(), /admin/);
	const entries = (await server.command('audit', 'list')).split('\n').map((line) => line.split(/ +/)[1]);
	for (const action of ['operator_added', 'passkey_registered', 'operator_signed_in', 'operator_signed_out'])
		assert.ok(entries.includes(action), `${action} is in ${entries}`);
	assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []]);
});

test('a link that was replaced or whose operator is disabled registers nothing', async (t) => {
	const server = await ConsoleServer.open(t);
	const anyone = new ConsoleClient(server);
	const email = newEmail();
	const first = await server.addOperator(email, 'viewer');
	const second = await server.newLink(email);
	assert.equal((await anyone.get(first)).http, 410);
	assert.equal((await anyone.get(second)).http, 200);
	assert.equal((await anyone.post(`${first}/challenge`)).http, 404);
	await server.command('operator', 'disable', email);
	assert.equal((await anyone.get(second)).http, 410);
	assert.equal((await anyone.post(`${second}/challenge`)).http, 404);
});

test('a passkey answer is accepted once, from the console\'s own origin, and only with user verification', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	const page = await registerInBrowser(browser, server, await server.addOperator(newEmail(), 'admin'));

	// Record the form that the browser sends, and send it again without the browser.
	await page.getByRole('button', { name: 'Sign out' }).click();
	await page.waitForURL(/sign-in/);
	const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().includes('/console/sign-in?'));
	await page.getByRole('button', SIGN_IN).click();
	const fields = Object.fromEntries(new URLSearchParams((await sent).postData()));
	await page.waitForURL(/\/console(\?|$)/);
	const anyone = new ConsoleClient(server);
	const replayed = await anyone.post('/console/sign-in', fields);
	assert.deepEqual([replayed.http, replayed.headers.location, anyone.cookie], [303, '/console/sign-in?refused=late', undefined]);

	// A fresh challenge with the answer to another one.
	const { challenge } = (await anyone.post('/console/sign-in/challenge')).json;
	const mixed = await anyone.post('/console/sign-in', { ...fields, challenge });
	assert.equal(mixed.headers.location, '/console/sign-in?refused=refused');
	const unknown = await anyone.post('/console/sign-in', { ...fields, challenge: (await anyone.post('/console/sign-in/challenge')).json.challenge, credential_id: 'AAAA' });
	assert.equal(unknown.headers.location, '/console/sign-in?refused=unknown');

	for (const origin of ['http://evil.example', `http://127.0.0.1:${server.port}`, 'null', ''])
		assert.equal((await anyone.post('/console/sign-in', fields, { headers: { origin } })).http, 403, origin);
	assert.equal((await anyone.post('/console/sign-in', { challenge: 'x' })).http, 400);

	await page.getByRole('button', { name: 'Sign out' }).click();
	await page.waitForURL(/sign-in/);
	await page.authenticator.send('setUserVerified', { isUserVerified: false });
	await page.getByRole('button', SIGN_IN).click();
	assert.match(await alert(page), /No passkey was used/);
});

test('an authenticator whose counter goes back is refused as a copy', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	const page = await registerInBrowser(browser, server, await server.addOperator(newEmail(), 'admin'));
	for (let i = 0; i < 3; i++) {
		await page.getByRole('button', { name: 'Sign out' }).click();
		await page.waitForURL(/sign-in/);
		await signIn(page, server);
	}
	const { credentials: [credential] } = await page.authenticator.send('getCredentials');
	const copy = await browser.page({ allow: [server.site] });
	const other = await addAuthenticator(copy);
	await other.send('addCredential', { credential: { ...credential, signCount: 1 } });
	await copy.goto(`${server.site}/console/sign-in`);
	await copy.getByRole('button', SIGN_IN).click();
	await copy.waitForURL(/refused=cloned/);
	assert.match(await alert(copy), /may have been copied/);
	assert.match(await server.command('audit', 'list'), /operator_sign_in_refused .*counter_went_back/);
});

test('disabling an operator ends the session within a second', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	const email = newEmail();
	const page = await registerInBrowser(browser, server, await server.addOperator(email, 'admin'));
	const client = await ConsoleClient.ofPage(server, page);
	assert.equal((await client.get('/console/tenants')).http, 200);
	await server.command('operator', 'disable', email);
	const disabledAt = performance.now();
	assert.equal((await client.get('/console/tenants')).http, 303);
	assert.ok(performance.now() - disabledAt < 1_000);
	await page.goto(`${server.site}/console/sign-in`);
	await page.getByRole('button', SIGN_IN).click();
	await page.waitForURL(/refused=unknown/);
});

test('a form needs the token of its session', async (t) => {
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	assert.equal((await new ConsoleClient(server).get(await server.devLink())).http, 404, 'the link works once');
	await client.get('/console/tenants');
	const { csrf } = client;
	const name = 'shop-a';
	for (const [fields, headers] of [[{ csrf: undefined }], [{ csrf: csrf.replaceAll(/./g, '0') }], [{}, { origin: 'http://evil.example' }], [{}, { origin: '' }]]) {
		const answer = await client.post('/console/tenants', { name, ...fields }, { headers });
		assert.equal(answer.http, 403, JSON.stringify([fields, headers]));
		assert.match(answer.text, /Nothing was changed/);
	}
	assert.ok(!(await server.command('tenant', 'list')).includes(name));
	assert.equal((await client.post('/console/tenants', { csrf, name })).http, 303);
	assert.ok((await server.command('tenant', 'list')).includes(name));
});

test('each key needs a step-up of its own, and is shown once', async (t) => {
	const server = await ConsoleServer.open(t, { KYCD_API_KEYS: 'required' });
	const browser = await Browser.open(t);
	const page = await registerInBrowser(browser, server, await server.addOperator(newEmail(), 'admin'));
	const client = await ConsoleClient.ofPage(server, page);
	await client.get('/console/tenants');
	await client.post('/console/tenants', { name: 'shop' });
	await client.get('/console/tenants/shop');
	const key = { label: 'till', scope_1: '1' };
	assert.equal((await client.post('/console/tenants/shop/keys', key)).http, 403, 'signing in is not enough');

	await page.goto(`${server.site}/console/tenants/shop`);
	await page.getByRole('link', { name: 'Use passkey' }).click();
	await page.getByRole('button', { name: 'Use passkey' }).click();
	await page.waitForURL(/\/console\/tenants\/shop/);
	await page.getByLabel('Label').fill('till');
	await page.getByRole('button', { name: 'Create key' }).click();
	const text = await page.getByLabel('API key').inputValue();
	assert.equal((await client.get('/console/tenants/shop')).text.includes(text), false);
	const prepared = await server.call('POST', '/kyc/prepare', { body: { email: newEmail() }, headers: { 'x-api-key': text } });
	assert.equal(prepared.http, 201, prepared.text);
	assert.equal((await client.post('/console/tenants/shop/keys', key)).http, 403, 'a step-up is used up');

	const [, id] = /keys\/([a-zA-Z0-9]{8})\/revoke/.exec((await client.get('/console/tenants/shop')).text);
	assert.equal((await client.post(`/console/tenants/other/keys/${id}/revoke`)).http, 404);
	assert.equal((await client.post(`/console/tenants/shop/keys/${id}/revoke`)).http, 303);
	await until('the key to be refused', async () => (await server.call('POST', '/kyc/prepare', { body: { email: newEmail() }, headers: { 'x-api-key': text } })).http === 401);
});

test('the server refuses what a role may not do, and tenants that an operator may not see', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	for (const name of ['shop', 'bank']) await server.command('tenant', 'add', name);
	const viewerPage = await registerInBrowser(browser, server, await server.addOperator(newEmail('viewer'), 'viewer', '--tenant', 'shop'));
	const viewer = await ConsoleClient.ofPage(server, viewerPage);
	const list = await viewer.get('/console/tenants');
	assert.deepEqual([list.text.includes('/console/tenants/shop'), list.text.includes('bank')], [true, false]);
	assert.equal((await viewer.get('/console/tenants/bank')).http, 404);
	assert.equal((await viewer.get('/console/tenants/shop')).http, 200);
	assert.equal((await viewer.get('/console/audit')).http, 403);
	for (const [where, fields] of [['/console/tenants', { name: 'mine' }], ['/console/tenants/shop/quota', { monthly_quota: '1' }], ['/console/tenants/shop/keys', { scope_1: '1' }]])
		assert.equal((await viewer.post(where, fields)).http, 403, where);
	assert.equal((await viewer.post('/console/tenants/bank/quota', { monthly_quota: '1' })).http, 404);
	await server.waitForLog(/event=console_refused action=manage_tenants reason=role/);

	const limited = await ConsoleClient.ofPage(server, await registerInBrowser(browser, server, await server.addOperator(newEmail('admin'), 'admin', '--tenant', 'shop')));
	await limited.get('/console/tenants');
	assert.equal((await limited.post('/console/tenants', { name: 'mine' })).http, 403, 'an admin of one tenant adds none');
	assert.equal((await limited.post('/console/tenants/shop/quota', { monthly_quota: '7' })).http, 303);
	assert.equal((await limited.post('/console/tenants/bank/quota', { monthly_quota: '7' })).http, 404);
	const audit = await limited.get('/console/audit');
	assert.deepEqual([audit.http, /<td>tenant_changed</.test(audit.text), /<td>operator_added</.test(audit.text)], [200, true, false]);
});

test('markup in names is shown as text, and malformed input is refused', async (t) => {
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	await client.get('/console/tenants');
	const display_name = '<script>alert(1)</script>"\'&';
	assert.equal((await client.post('/console/tenants', { name: 'hostile', display_name })).http, 303);
	for (const where of ['/console/tenants', '/console/tenants/hostile'])
		assert.ok(!(await client.get(where)).text.includes('<script>alert'), where);
	for (const fields of [{}, { name: 'UPPER' }, { name: '../etc' }, { name: 'x'.repeat(64) }, { name: 'a', monthly_quota: '-1' }, { name: 'a', monthly_quota: '1e9' }, { name: 'hostile' }])
		assert.equal((await client.post('/console/tenants', fields)).http, 400, JSON.stringify(fields));
	assert.equal((await client.get('/console/tenants/%00')).http, 404);
	assert.equal((await client.get('/console/audit?before=nonsense')).http, 400);
	assert.equal((await client.get('/console/audit?subject=%3Cscript%3E')).http, 200);
	const anyone = new ConsoleClient(server, `kycd-console=${'a'.repeat(4000)}`);
	assert.equal((await anyone.get('/console/tenants')).http, 303);
	for (const back of ['//evil.example', 'https://evil.example', '/console\\evil', '/consoleevil', '/console/../x']) {
		const page = await anyone.get(`/console/sign-in?back=${encodeURIComponent(back)}`);
		assert.ok(!page.text.includes('evil'), back);
	}
});
