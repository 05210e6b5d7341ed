// The page *Account*: an operator adds another passkey, signs in with it, and removes one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser, follow } from './lib/browser.mjs';
import { newEmail } from './lib/app.mjs';
import { ConsoleClient, ConsoleServer, addAuthenticator, registerInBrowser } from './lib/console.mjs';

const PAGE = '/console/account';

/** Uses the passkey again, at the link of the page. */
async function stepUp(page, server) {
	await page.goto(server.site + PAGE);
	await page.getByRole('link', { name: 'Use passkey' }).click();
	await page.getByRole('button', { name: 'Use passkey', exact: true }).click();
	await page.waitForURL(/\/console\/account\?done=stepped-up/);
}

/** Adds a passkey of a second device. Returns the fields of the form that the browser sent. */
async function addPasskey(page) {
	await page.authenticator.send('removeVirtualAuthenticator');
	page.second = await addAuthenticator(page);
	const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/account/passkeys'));
	await page.getByRole('button', { name: 'Add a passkey' }).click();
	const fields = Object.fromEntries(new URLSearchParams((await sent).postData()));
	await page.getByText('The passkey was added.').waitFor();
	return fields;
}

test('an operator adds a second passkey, signs in with it, and removes the first', async (t) => {
	const server = await ConsoleServer.open(t);
	await server.command('tenant', 'add', 'bank');
	const browser = await Browser.open(t);
	const page = await registerInBrowser(browser, server, await server.addOperator(newEmail(), 'viewer', '--tenant', 'bank'));
	await follow(page, page.getByRole('link', { name: 'Account' }));
	assert.equal(await page.getByRole('button', { name: /Add a passkey|Remove/ }).count(), 0, 'signing in is not enough');
	await stepUp(page, server);
	assert.equal(await page.getByRole('button', { name: /Remove/ }).count(), 0, 'the last passkey cannot be removed');
	await addPasskey(page);
	assert.equal(await page.locator('tbody tr').count(), 2);
	assert.equal(await page.getByRole('button', { name: /Add a passkey|Remove/ }).count(), 0, 'the step-up is used up');
	const client = await ConsoleClient.ofPage(server, page);

	await page.getByRole('button', { name: 'Sign out' }).click();
	await page.waitForURL(/sign-in/);
	await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
	await page.waitForURL(/\/console(\?|$)/);
	assert.equal((await client.get(PAGE)).http, 303, 'the session of before has ended');

	await stepUp(page, server);
	await follow(page, page.getByRole('button', { name: /Remove passkey/ }).first());
	await page.getByText('The passkey was removed.').waitFor();
	assert.equal(await page.locator('tbody tr').count(), 1);
	const entries = await server.command('audit', 'list');
	assert.match(entries, /passkey_registered +operator:op_[0-9a-z]{26}.*[0-9a-f]{8}/);
	assert.match(entries, /passkey_removed +operator:op_[0-9a-z]{26}.*[0-9a-f]{8}/);
	assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []]);
});

test('replayed and foreign registrations are refused, and nobody removes the passkeys of others', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	const page = await registerInBrowser(browser, server, await server.addOperator(newEmail(), 'admin'));
	const ana = await ConsoleClient.ofPage(server, page);
	assert.equal((await ana.get(PAGE)).http, 200);
	assert.equal((await ana.post(`${PAGE}/passkeys/challenge`)).http, 403, 'without a step-up');
	await stepUp(page, server);
	const fields = await addPasskey(page);
	await ana.get(PAGE);
	const { csrf, ...answer } = fields;
	assert.equal((await ana.post(`${PAGE}/passkeys`, answer)).http, 403, 'the step-up was used up');
	await stepUp(page, server);
	const replayed = await ana.post(`${PAGE}/passkeys`, answer);
	assert.equal(replayed.headers.location, `${PAGE}?refused=late`);
	assert.match((await ana.get(replayed.headers.location)).text, /role="alert"><p>This took too long/);
	const challenge = async (client) => (await client.post(`${PAGE}/passkeys/challenge`)).json.challenge;
	assert.equal((await ana.post(`${PAGE}/passkeys`, { ...answer, challenge: await challenge(ana) })).headers.location, `${PAGE}?refused=refused`, 'the answer to another challenge');

	const dev = await ConsoleClient.ofDev(server);
	await dev.get('/console/step-up');
	await dev.post('/console/step-up');
	await dev.get(PAGE);
	assert.equal((await dev.post(`${PAGE}/passkeys`, { ...answer, challenge: await challenge(ana) })).headers.location, `${PAGE}?refused=late`, 'a challenge of another operator');
	const [, digest] = /passkeys\/([0-9a-f]{64})\/remove/.exec((await ana.get(PAGE)).text);
	for (const name of [digest, digest.slice(2), 'x', '0'.repeat(64)]) assert.equal((await dev.post(`${PAGE}/passkeys/${name}/remove`)).http, 404, name);
	for (const where of ['passkeys', 'passkeys/challenge', `passkeys/${digest}/remove`]) {
		assert.equal((await ana.post(`${PAGE}/${where}`, { ...answer, csrf: undefined })).http, 403, where);
		assert.equal((await ana.post(`${PAGE}/${where}`, answer, { headers: { origin: 'https://evil.test' } })).http, 403, where);
	}
	assert.equal((await ana.get(PAGE)).text.match(/<tr><td class="id">/g).length, 2);
	const entries = await server.command('audit', 'list');
	assert.deepEqual([entries.match(/passkey_registered/g).length, /passkey_removed/.test(entries)], [2, false]);
	await server.waitForLog(/event=passkey_refused/);
});
