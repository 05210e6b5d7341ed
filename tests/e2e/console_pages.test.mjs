// Every page of the console is accessible, fits into narrow windows, is visible in dark mode, and can be used with the keyboard.
import assert from 'node:assert/strict';
import { Browser, COLOUR_RULES, VIEWS, ZOOMED } from './lib/browser.mjs';
import { pageTest } from './lib/database.mjs';
import { UNLIMITED_RATES, expect, newEmail } from './lib/app.mjs';
import { ConsoleClient, ConsoleServer } from './lib/console.mjs';
import { assertColourScheme, assertKeyboardOrder } from './lib/page_checks.mjs';
import { openReview } from './lib/reviews.mjs';

/** Creates something to show on each page. Returns the paths of the pages by name. */
async function fill(server, client) {
	const name = 'a-tenant-with-a-name-of-sixty-three-characters-which-is-the-most';
	await server.command('tenant', 'add', name.slice(0, 63), '--display-name', 'متجر W'.padEnd(40, 'W'));
	await server.command('key', 'create', '--tenant', 'default', '--label', 'L'.repeat(64));
	const endpoint = JSON.parse(await server.command('endpoint', 'add', '--tenant', 'default', '--url', `http://127.0.0.1:9/${'p'.repeat(200)}`, '--type', '*', '--json')).id;
	for (let i = 0; i < 3; i++) expect(await server.call('POST', '/kyc/prepare', { body: { email: newEmail(), reference: `<b>${'r'.repeat(60)}</b>` } }), 201);
	const { path: review } = await openReview(server, client);
	assert.equal((await client.post(`${review}/claim`)).http, 303);
	const people = (await client.get('/console/people?tenant=default')).text;
	const person = /href="(\/console\/people\/[^"?]+usr_[0-9a-z]{26})"/.exec(people)?.[1];
	const event = /evt_[0-9a-z]{26}/.exec((await client.get(`/console/webhooks/${endpoint}`)).text)[0];
	assert.ok(person, 'the list of people has a link to a person');
	return {
		overview: '/console', people: '/console/people?tenant=default', person, endpoints: '/console/webhooks', endpoint: `/console/webhooks/${endpoint}`,
		event: `/console/webhooks/${endpoint}/${event}`, 'new endpoint': '/console/webhooks/new', 'change endpoint': `/console/webhooks/${endpoint}/change`, tenants: '/console/tenants', tenant: '/console/tenants/default', branding: '/console/tenants/default/branding', preview: '/console/tenants/default/preview', reviews: '/console/reviews', review, account: '/console/account', audit: '/console/audit', operators: '/console/operators', invite: '/console/operators/new', system: '/console/system',
		'step-up': '/console/step-up?back=/console/tenants', 'not found': '/console/people/nobody/usr_00000000000000000000000000',
	};
}

pageTest('every page of the console is accessible in each width and colour scheme', async (t) => {
	const server = await ConsoleServer.open(t, { ...UNLIMITED_RATES });
	const client = await ConsoleClient.ofDev(server);
	const pages = await fill(server, client);
	const browser = await Browser.open(t);
	const [cookieName, cookie] = client.cookie.split('=');
	const page = await browser.page({ ...VIEWS[0], allow: [server.site] });
	await page.context().addCookies([{ name: cookieName, value: cookie, url: server.site }]);
	// A page that replaced its content while it is looked at would lose the focus: its script gets no answer. console_live tests that.
	await page.route('**/console/changes', () => {});
	for (const [label, where] of Object.entries(pages)) {
		await t.test(label, async () => {
			const answer = await page.goto(server.site + where);
			assert.equal(answer.status(), label === 'not found' ? 404 : 200);
			// The zoomed window is as narrow as the phone, so axe-core would find the same.
			for (const view of [ZOOMED, ...VIEWS]) {
				const name = `${label}, ${view.name}`;
				await browser.show(page, view);
				if (process.env.SHOTS) await browser.saveView(page, `${process.env.SHOTS}/console ${name}.png`);
				if (view !== ZOOMED) assert.deepEqual(await browser.accessibilityErrors(page, view.dark ? COLOUR_RULES : {}), [], name);
				assert.equal(await browser.overflowWidth(page), 0, `${name}: the page is wider than the window`);
				await assertColourScheme(page, view.dark, name);
			}
			await browser.show(page, VIEWS[0]);
			await assertKeyboardOrder(page, label);
			assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []], label);
		});
	}
	await page.context().close();
	const signedOut = await browser.page({ allow: [server.site] });
	await signedOut.goto(`${server.site}/console/sign-in`);
	assert.deepEqual(await browser.accessibilityErrors(signedOut), []);
});

pageTest('answers of the console are not stored, and other sites learn nothing', async (t) => {
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	for (const where of ['/console', '/console/tenants', '/console/audit', '/console/sign-in']) {
		const { headers } = await client.get(where);
		assert.deepEqual([headers['cache-control'], headers['referrer-policy'], headers['x-content-type-options']], ['no-store', 'same-origin', 'nosniff'], where);
		assert.match(headers['content-security-policy'], /default-src 'none'.*form-action 'self'; frame-ancestors 'none'/, where);
	}
});
