// The branding of a tenant in the console: form, refusals beside the fields, and preview.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser, follow } from './lib/browser.mjs';
import { newEmail } from './lib/app.mjs';
import { ConsoleClient, ConsoleServer, registerInBrowser } from './lib/console.mjs';

const TENANT = '/console/tenants/default';
const BRANDING = `${TENANT}/branding`;
const VALID = { colour: '#00AA33', support_url: 'https://help.test/a?b=c', privacy_url: 'https://help.test/privacy', consent_text: 'I agree <b>fully</b>.' };

test('an admin changes the branding, sees it in the preview, and corrects what is refused', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	const page = await registerInBrowser(browser, server, await server.addOperator(newEmail(), 'admin', '--tenant', 'default'));
	await page.goto(server.site + TENANT);
	await page.getByRole('link', { name: 'Change the branding' }).click();
	await page.getByLabel('Colour').fill('green');
	await page.getByLabel('Support page').fill('ftp://help.test');
	await page.getByLabel('Consent text').fill(VALID.consent_text);
	await page.getByRole('button', { name: 'Change branding' }).click();
	const summary = page.getByRole('alert');
	await summary.waitFor();
	assert.match(await summary.innerText(), /Colour must be # and six hexadecimal digits[^]*Support page must be/);
	assert.match(await page.title(), /^Problem/);
	for (const [label, value] of [['Colour', 'green'], ['Support page', 'ftp://help.test'], ['Consent text', VALID.consent_text]]) {
		const field = page.getByLabel(label);
		assert.equal(await field.inputValue(), value, 'what was typed is kept');
		assert.equal(await field.getAttribute('aria-invalid'), label === 'Consent text' ? null : 'true');
	}
	assert.equal(await page.locator('#colour-error').count(), 1);
	assert.match(await page.getByLabel('Colour').getAttribute('aria-describedby'), /^colour-error /);
	assert.deepEqual(await browser.accessibilityErrors(page), []);
	if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/branding-faults.png`, fullPage: true });

	await page.getByLabel('Colour').fill(VALID.colour);
	await page.getByLabel('Support page').fill(VALID.support_url);
	await page.getByLabel('Privacy page').fill(VALID.privacy_url);
	await page.getByRole('button', { name: 'Change branding' }).click();
	await page.getByText('The branding is stored.').waitFor();
	assert.match(await page.locator('#colour-hint').innerText(), /Used now: #[0-9a-f]{6} on a light background/);
	await follow(page, page.getByRole('link', { name: 'Preview' }));
	assert.equal(await page.getByText(VALID.consent_text).count(), 1, 'markup is text');
	assert.equal(await page.locator('footer a').count(), 2);
	const colour = await page.locator('.button').evaluate((element) => getComputedStyle(element).backgroundColor);
	const [red, green] = colour.match(/\d+/g).map(Number);
	assert.ok(green > 2 * red, `a green button: ${colour}`);
	assert.deepEqual([page.blockedUrls, page.consoleErrors.filter((text) => !/400/.test(text))], [[], []]);
	assert.match(await server.command('audit', 'list'), /tenant_changed +operator:op_[0-9a-z]{26}.*branding/);
	const [stored] = JSON.parse(await server.command('tenant', 'list', '--json')).filter(({ name }) => name === 'default');
	assert.deepEqual([stored.colour, stored.support_url, stored.consent_text], ['#00aa33', VALID.support_url, VALID.consent_text]);
});

test('other roles, other tenants and other sites change nothing', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	await server.command('tenant', 'add', 'bank');
	const admin = await ConsoleClient.ofDev(server);
	await admin.get(BRANDING);
	for (const fields of [{ colour: '#12345' }, { colour: 'x'.repeat(64) }, { support_url: 'javascript:alert(1)' }, { privacy_url: `https://a.test/${'a'.repeat(600)}` }, { consent_text: 'a\r\n\r\nb' }, { consent_text: 'a'.repeat(2001) }])
		assert.equal((await admin.post(BRANDING, { ...VALID, ...fields })).http, 400, JSON.stringify(fields).slice(0, 60));
	const hostile = await admin.post(BRANDING, { ...VALID, colour: '"><script>alert(1)</script>' });
	assert.ok(hostile.text.includes('&lt;script&gt;') && !hostile.text.includes('<script>alert'));
	assert.equal((await admin.post(BRANDING, { ...VALID, csrf: undefined })).http, 403);
	assert.equal((await admin.post(BRANDING, VALID, { headers: { origin: 'https://evil.test' } })).http, 403);
	for (const where of ['/console/tenants/nobody/branding', '/console/tenants/nobody/preview']) assert.equal((await admin.get(where)).http, 404, where);
	for (const [role, tenant, http] of [['reviewer', 'default', 403], ['admin', 'bank', 404]]) {
		const client = await ConsoleClient.ofPage(server, await registerInBrowser(browser, server, await server.addOperator(newEmail(role), role, '--tenant', tenant)));
		await client.get('/console');
		assert.equal((await client.get(BRANDING)).http, http, role);
		assert.equal((await client.get(`${TENANT}/preview`)).http, http, role);
		assert.equal((await client.post(BRANDING, VALID)).http, http, role);
	}
	assert.doesNotMatch(await server.command('audit', 'list'), /tenant_changed/);
});
