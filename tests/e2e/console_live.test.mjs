// Pages of the console that stay current: they change without being reloaded, but not while somebody uses them, and do not prolong the
// session.
import assert from 'node:assert/strict';
import { Browser } from './lib/browser.mjs';
import { pageTest } from './lib/database.mjs';
import { UNLIMITED_RATES, expect, newEmail } from './lib/app.mjs';
import { ConsoleClient, ConsoleServer } from './lib/console.mjs';

/** Opens a page of the console as the operator of development mode. Returns {server, client, page, prepare}. */
async function open(t, where, options = {}) {
	const server = await ConsoleServer.open(t, { ...UNLIMITED_RATES });
	const client = await ConsoleClient.ofDev(server);
	const browser = await Browser.open(t);
	const page = await browser.page({ allow: [server.site], ...options });
	const [name, value] = client.cookie.split('=');
	await page.context().addCookies([{ name, value, url: server.site }]);
	await page.goto(server.site + where);
	return { server, client, browser, page, prepare: async () => expect(await server.call('POST', '/kyc/prepare', { body: { email: newEmail() } }), 201) };
}

const pending = (page) => page.locator('.tile', { hasText: 'Pending' }).locator('.value');
const says = (page, text) => page.locator('#live-status', { hasText: text }).waitFor({ timeout: 60_000 });

pageTest('the overview shows a new person without being reloaded, and says so to screen readers', async (t) => {
	const { browser, page, prepare } = await open(t, '/console');
	await page.waitForResponse((response) => response.url().endsWith('/console/changes'));
	await page.evaluate(() => (window.isSame = true));
	await prepare();
	await pending(page).filter({ hasText: '1' }).waitFor({ timeout: 60_000 });
	await says(page, /^Updated at \d\d:\d\d:\d\d UTC\.$/);
	assert.equal(await page.getAttribute('#live-status', 'role'), 'status');
	assert.equal(await page.evaluate(() => window.isSame), true, 'the page was not reloaded');
	assert.deepEqual(await browser.accessibilityErrors(page), []);
	assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []]);
});

pageTest('content that has the keyboard is left alone until it is free again', async (t) => {
	const { page, prepare } = await open(t, '/console');
	await page.waitForResponse((response) => response.url().endsWith('/console/changes'));
	await page.locator('details summary').click();
	await prepare();
	await says(page, 'There is something new. Choose Refresh to see it.');
	assert.equal(await pending(page).textContent(), '0');
	await page.locator('h1').click();
	await prepare();
	await pending(page).filter({ hasText: '2' }).waitFor({ timeout: 60_000 });
	assert.equal(await page.evaluate(() => document.querySelector('#live details').open), true, 'what was opened stays open');
});

pageTest('a page whose session has ended says so', async (t) => {
	const { client, page } = await open(t, '/console/reviews');
	await page.waitForResponse((response) => response.url().endsWith('/console/changes'));
	await client.get('/console');
	assert.equal((await client.post('/console/sign-out')).http, 303);
	await says(page, 'Your session has ended. Choose Refresh to sign in.');
	await page.getByRole('link', { name: 'Refresh' }).click();
	await page.waitForURL(/\/console\/sign-in/);
});

pageTest('without scripts, the link Refresh reads the page again', async (t) => {
	const { page, prepare } = await open(t, '/console?tenant=default', { scripts: false });
	await prepare();
	await page.getByRole('link', { name: 'Refresh' }).click();
	assert.equal(new URL(page.url()).search, '?tenant=default');
	await pending(page).filter({ hasText: '1' }).waitFor();
});

pageTest('what the pages ask for changes with each event, and only for those who are signed in', async (t) => {
	const { server, client, prepare } = await open(t, '/console');
	const word = async () => (await client.get('/console/changes')).text;
	const before = await word();
	await prepare();
	assert.notEqual(await word(), before);
	assert.equal((await new ConsoleClient(server).get('/console/changes')).http, 303);
});
