// Forms of the console that are refused: they name the field, say why, and keep what was entered.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser } from './lib/browser.mjs';
import { newEmail } from './lib/app.mjs';
import { ConsoleClient, ConsoleServer, registerInBrowser } from './lib/console.mjs';

/** Whether a page shows the form again: the fault in the summary and at the field, and the value in it. */
function assertFault({ http, text }, name, message, value) {
	assert.equal(http, 400, text);
	assert.match(text, new RegExp(`role="alert"[^]*href="#${name}">[^<]*${message}`), name);
	assert.match(text, new RegExp(`id="${name}-error">[^<]*${message}`), name);
	if (value !== undefined) assert.match(text, new RegExp(`name="${name}" (value="${value}"[^>]*|rows[^>]*)aria-describedby="${name}-error[^>]*aria-invalid="true"`), name);
}

test('each refused form names its field and keeps what was entered', async (t) => {
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	await client.get('/console/tenants');
	const tenant = await client.post('/console/tenants', { name: 'Shop', display_name: 'My shop', monthly_quota: '1.000' });
	assertFault(tenant, 'name', 'must be 1 to 63', 'Shop');
	assertFault(tenant, 'monthly_quota', 'whole number', '1.000');
	assert.match(tenant.text, /name="display_name" value="My shop"/);
	assertFault(await client.post('/console/tenants', {}), 'name', 'must be 1 to 63', '');
	assertFault(await client.post('/console/tenants', { name: 'default' }), 'name', 'is the name of another tenant', 'default');
	assertFault(await client.post('/console/tenants/default/quota', { monthly_quota: 'many' }), 'monthly_quota', 'whole number', 'many');
	assertFault(await client.post('/console/tenants/default/branding', { colour: 'green' }), 'colour', 'must be #', 'green');
	await client.stepUp();
	const key = await client.post('/console/tenants/default/keys', { label: 'a"b', days: '0', allow_from: '10.0.0.0/33' });
	assertFault(key, 'label', 'double quotes', 'a&quot;b');
	assertFault(key, 'days', 'from 1 to 3650', '0');
	assertFault(key, 'allow_from', 'networks', '10.0.0.0/33');
	assertFault(key, 'scopes', 'at least one');
	assert.equal((await client.post('/console/tenants/nobody/keys', { label: '' })).http, 404);
});

test('a key gets scopes and IP networks, and its form is kept when the passkey is missing', async (t) => {
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	await client.get('/console/tenants/default');
	const fields = { label: 'till', scope_1: '1', allow_from: '192.0.2.0/24, 127.0.0.1\r\n2001:db8::1' };
	const asked = await client.post('/console/tenants/default/keys', fields);
	assert.equal(asked.http, 403);
	assert.match(asked.text, /needs your passkey/);
	assert.match(asked.text, /name="label" value="till"/);
	assert.match(asked.text, /name="scope_1" value="1" checked/);
	await client.stepUp();
	const made = await client.post('/console/tenants/default/keys', fields);
	assert.equal(made.http, 200);
	assert.match((await client.get('/console/tenants/default')).text, /only from 192\.0\.2\.0\/24,127\.0\.0\.1,2001:db8::1/);
	const [key] = JSON.parse(await server.command('key', 'list', '--json')).filter(({ label }) => label === 'till');
	assert.deepEqual([key.scopes, key.allow_from], [[/<span>([^<]+)<\/span>/.exec(asked.text)[1]], ['192.0.2.0/24', '127.0.0.1', '2001:db8::1']]);
});

test('a refused form is accessible, and of a lesser role not shown', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	const page = await registerInBrowser(browser, server, await server.addOperator(newEmail(), 'admin'));
	await page.goto(`${server.site}/console/tenants/default`);
	await page.getByLabel('Label').fill('a\\b');
	await page.getByLabel('IP networks').fill('everywhere');
	await page.getByRole('button', { name: 'Create key' }).click();
	await page.getByRole('alert').waitFor();
	assert.equal(await page.getByLabel('IP networks').inputValue(), 'everywhere');
	assert.deepEqual(await browser.accessibilityErrors(page), []);
	assert.equal(await browser.overflowWidth(page), 0);
	if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/form-faults.png`, fullPage: true });
	const viewer = await ConsoleClient.ofPage(server, await registerInBrowser(browser, server, await server.addOperator(newEmail('viewer'), 'viewer')));
	await viewer.get('/console');
	for (const [where, fields] of [['/console/tenants', { name: 'X' }], ['/console/tenants/default/quota', { monthly_quota: 'x' }], ['/console/tenants/default/keys', { label: '"' }]])
		assert.equal((await viewer.post(where, fields)).http, 403, where);
});
