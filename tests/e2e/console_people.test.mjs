// The console's pages of people: list, search, a person, and what operators may do to a person.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { Browser } from './lib/browser.mjs';
import { newEmail } from './lib/app.mjs';
import { pageTest } from './lib/database.mjs';
import { ConsoleClient, ConsoleServer, registerInBrowser } from './lib/console.mjs';
import { PageChecker } from './lib/page_checks.mjs';
import { until } from './lib/wait.mjs';

const HOSTILE = '"><script>alert(1)</script>\'=&';
const LIST = '/console/people';

/** Registers a person of the tenant `default`. Returns the e-mail address, the user id and the path of the person's page. */
async function register(server, fields = {}) {
	const email = newEmail();
	const { json } = await server.call('POST', '/kyc/prepare', { body: { email, include: 'user_id', ...fields } });
	assert.equal(json.statusCode, 201, JSON.stringify(json));
	return { email, id: json.data.user_id, path: `${LIST}/default/${json.data.user_id}` };
}

/** Verifies the address, and ends a check with this scenario of the sandbox. Returns the id of the session. */
async function decide(server, { email }, scenario) {
	const post = (where, body) => server.call('POST', where, { body });
	if ((await post('/security/email/send-otp', { email })).http === 201) {
		const { text } = await until('the e-mail in the inbox', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]);
		assert.equal((await post('/security/email/verify-otp', { email, code: /^\d{6}/.exec(text)[0] })).word, 'email_verified');
	}
	const { session_id, session_url } = (await post('/kyc/create/verify_public_kyc', { email })).json.data.session;
	await post(`${session_url.slice(server.base.length)}/submit`, { scenario });
	await until('the result of the check', async () => !['pending'].includes((await post('/kyc/status', { email })).json.data.status));
	return session_id;
}

const audit = (server) => server.command('audit', 'list');

test('an operator finds a person by everything that identifies them, and nothing of it is in a URL or the log', async (t) => {
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	const person = await register(server, { reference: HOSTILE });
	const session = await decide(server, person, 'approve');
	await register(server, { reference: 'twice' });
	await register(server, { reference: 'twice' });
	await client.get(LIST);
	for (const text of [person.email, ` ${person.email.toUpperCase()} `, person.id, person.id.toUpperCase(), person.id.slice(4), session, HOSTILE]) {
		const answer = await client.post(`${LIST}/search`, { text });
		assert.deepEqual([answer.http, answer.headers.location], [303, person.path], text);
	}
	const two = await client.post(`${LIST}/search`, { text: 'twice' });
	assert.deepEqual([two.http, two.text.match(/href="\/console\/people\/default\/usr_/g).length], [200, 2]);
	for (const text of [newEmail(), person.email.slice(1), `${person.id}x`, 'usr_', '<b>nobody</b>', '%', '0'.repeat(300)]) {
		const nobody = await client.post(`${LIST}/search`, { text });
		assert.deepEqual([nobody.http, /Nobody found/.test(nobody.text)], [200, true], text);
		assert.ok(nobody.text.includes(` value="${text.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}"`), `the field has the text again: ${text}`);
	}
	for (const fields of [{ text: '' }, { text: ' ' }, {}, { text: 'x'.repeat(400) }])
		assert.equal((await client.post(`${LIST}/search`, fields)).http, 400, JSON.stringify(fields));
	assert.ok(!server.log.includes(person.email) && !server.log.includes('twice'));
	for (const where of ['search', 'export']) assert.equal((await client.get(`${LIST}/${where}`)).headers.location, LIST, 'the address bar after a form');
});

test('the list has filters and pages, and refuses malformed ones', async (t) => {
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	const people = [];
	for (let i = 0; i < 52; i++) people.push(await register(server, { reference: `customer-${i}` }));
	await decide(server, people[0], 'decline');
	const ids = (text) => [...text.matchAll(/href="\/console\/people\/default\/(usr_[0-9a-z]{26})"/g)].map(([, id]) => id);
	const first = await client.get(LIST);
	assert.deepEqual(ids(first.text), people.slice(2).map(({ id }) => id).reverse());
	const older = /<a href="([^"]+)">Older people/.exec(first.text)[1].replaceAll('&amp;', '&');
	assert.deepEqual(ids((await client.get(older)).text), [people[1].id, people[0].id]);
	assert.deepEqual(ids((await client.get(`${LIST}?status=declined`)).text), [people[0].id]);
	const today = new Date().toISOString().slice(0, 10);
	assert.equal(ids((await client.get(`${LIST}?from=${today}&until=${today}`)).text).length, 50);
	assert.equal(ids((await client.get(`${LIST}?until=2020-01-01`)).text).length, 0);
	for (const query of ['status=nonsense', 'from=2026-13-01', 'until=yesterday', 'before=%27', 'before=usr_x', 'from=%00'])
		assert.equal((await client.get(`${LIST}?${query}`)).http, query === 'from=%00' ? 200 : 400, query);
	assert.equal((await client.get(`${LIST}?tenant=nobody`)).http, 404);
	for (const [, text] of first.text.matchAll(/(@example)/g)) assert.fail(`the list has an address: ${text}`);
});

test('a person\'s page says where they stand, shows the address once, and allows another try', async (t) => {
	const server = await ConsoleServer.open(t, { KYCD_TRIES: '1/30d' });
	const client = await ConsoleClient.ofDev(server);
	const person = await register(server, { reference: HOSTILE });
	const page = async () => (await client.get(person.path)).text;
	assert.match(await page(), /no code was requested for it yet/);
	await decide(server, person, 'decline_document_expired');
	assert.match(await page(), /The last check was declined: document expired\. The person may start another check now\. Tries after a decline within 30 days: 0 of 1 used/);
	const told = /^\| `document_expired` \| [^|]+ \| ([^|]+) \|/m.exec(readFileSync('../docs/reasons.md', 'utf8'))[1];
	assert.ok((await page()).includes(`<dd>${told}</dd>`), 'what support may tell the person');
	const session = await decide(server, person, 'decline');
	const refused = await page();
	assert.match(refused, /Tries after a decline within 30 days: 1 of 1 used\. Another check is refused until 20\d\d-\d\d-\d\d \d\d:\d\d UTC, or/);
	assert.match(refused, /accepted by the mail server/);
	assert.match(refused, /An e-mail address of the person was registered/);
	assert.ok(refused.includes('&lt;script&gt;') && !refused.includes('<script>alert'), 'markup in the reference is text');
	assert.ok(!refused.includes(person.email) && /\u2022\u2022\u2022@/.test(refused), 'the address is masked');

	const shown = await client.post(`${person.path}/show`);
	assert.deepEqual([shown.http, shown.text.includes(person.email), shown.headers['cache-control']], [200, true, 'no-store']);
	assert.ok(!(await page()).includes(person.email), 'only once');
	const allowed = await client.post(`${person.path}/reset-tries`);
	assert.deepEqual([allowed.http, allowed.headers.location], [303, `${person.path}?done=try-allowed`]);
	assert.match((await client.get(allowed.headers.location)).text, /may start another check now/);
	assert.equal((await client.post(`${person.path}/reset-tries`)).headers.location, `${person.path}?done=no-try-used`);
	const entries = await audit(server);
	for (const action of ['person_viewed', 'address_shown', 'tries_reset'])
		assert.match(entries, new RegExp(`${action} +operator:op_[0-9a-z]{26}`), action);
	assert.equal(entries.match(/address_shown/g).length, 1);
	const log = async (subject) => (await client.get(`/console/audit?subject=${encodeURIComponent(subject)}`)).text;
	for (const subject of [person.id, session]) assert.match(await log(subject), /address_shown<\/td><td><bdi>[^<@]+@[^<]+<\/bdi> <a class="id" href="[^"]+">op_/, `entries about ${subject}, with the operator's address`);
	for (const subject of ['x'.repeat(70), `${person.id}x`, '\'--']) assert.match(await log(subject), /No entry matches/, subject);
});

test('erasing needs a step-up and a confirmation, and leaves pages that are out of date', async (t) => {
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	const person = await register(server);
	const session = await decide(server, person, 'approve');
	await client.get(person.path);
	const refused = await client.post(`${person.path}/erase`);
	assert.equal(refused.http, 403);
	assert.match(refused.text, new RegExp(`href="/console/step-up\\?back=${encodeURIComponent(`${person.path}/erase`)}"`));
	await client.stepUp();
	const confirmation = await client.get(`${person.path}/erase`);
	assert.match(confirmation.text, /cannot be undone.*addresses: 1/s);
	assert.equal((await client.post(`${person.path}/erase`, { csrf: undefined })).http, 403);
	assert.equal((await client.get(person.path)).http, 200, 'nothing was erased yet');
	const erased = await client.post(`${person.path}/erase`, { csrf: /name="csrf" value="([0-9a-f]{64})"/.exec(confirmation.text)[1] });
	assert.deepEqual([erased.http, erased.text.includes(session)], [200, true], 'the page lists the sessions to delete at the provider');
	await client.stepUp();
	for (const action of ['erase', 'reset-tries', 'show']) assert.equal((await client.post(`${person.path}/${action}`)).http, 404, action);
	assert.equal((await client.get(person.path)).http, 404);
	assert.match((await client.post(`${LIST}/search`, { text: person.email })).text, /Nobody found/);
	assert.match(await audit(server), /user_erased +operator:op_[0-9a-z]{26}/);
});

test('the list is exported as CSV that a spreadsheet shows as text', async (t) => {
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	const person = await register(server, { reference: '=HYPERLINK("http://evil.test")' });
	await client.get(LIST);
	const fields = { tenant: 'default', status: 'pending' };
	assert.equal((await client.post(`${LIST}/export`, fields)).http, 403, 'signing in is not enough');
	await client.stepUp();
	const file = await client.post(`${LIST}/export`, fields);
	assert.deepEqual([file.http, file.headers['content-type'], file.headers['content-disposition']], [200, 'text/csv; charset=utf-8', 'attachment; filename="people.csv"']);
	const lines = file.text.split('\r\n');
	assert.match(lines[0], /^"user_id","reference","status"/);
	assert.ok(lines[1].startsWith(`"${person.id}","'=HYPERLINK(""http://evil.test"")","pending","no","no",`), lines[1]);
	assert.ok(!file.text.includes(person.email));
	assert.equal((await client.post(`${LIST}/export`, fields)).http, 403, 'a step-up is used up');
	for (const wrong of [{}, { tenant: 'default', status: 'x' }]) assert.equal((await client.post(`${LIST}/export`, wrong)).http, 400);
	assert.match(await audit(server), /list_exported +operator:op_[0-9a-z]{26}/);
});

test('a viewer sees no address and no action, an operator of another tenant nobody', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	await server.command('tenant', 'add', 'bank');
	const person = await register(server, { reference: HOSTILE.repeat(4) });
	await decide(server, person, 'decline_document_expired');
	const viewer = await ConsoleClient.ofPage(server, await registerInBrowser(browser, server, await server.addOperator(newEmail('viewer'), 'viewer', '--tenant', 'default')));
	const list = await viewer.get(LIST);
	const page = await viewer.get(person.path);
	assert.deepEqual([list.http, page.http], [200, 200]);
	assert.ok(!/Export as CSV/.test(list.text) && !/Show the addresses|Allow another try|\/erase/.test(page.text), 'no buttons');
	for (const action of ['show', 'reset-tries', 'erase']) assert.equal((await viewer.post(`${person.path}/${action}`)).http, 403, action);
	assert.equal((await viewer.get(`${person.path}/erase`)).http, 403);
	assert.equal((await viewer.post(`${LIST}/export`, { tenant: 'default' })).http, 403);
	assert.equal((await viewer.post(`${LIST}/search`, { text: person.email })).http, 303);

	const other = await ConsoleClient.ofPage(server, await registerInBrowser(browser, server, await server.addOperator(newEmail('admin'), 'admin', '--tenant', 'bank')));
	await other.get(LIST);
	for (const where of [person.path, person.path.replace('default', 'bank'), `${person.path}/erase`, `${LIST}?tenant=default`, `${LIST}/default/nonsense`, `${LIST}/%00/${person.id}`])
		assert.equal((await other.get(where)).http, 404, where);
	for (const action of ['show', 'reset-tries', 'erase']) assert.equal((await other.post(`${person.path}/${action}`)).http, 404, action);
	assert.match((await other.post(`${LIST}/search`, { text: person.email })).text, /Nobody found/);
	assert.equal((await other.post(`${LIST}/export`, { tenant: 'default' })).http, 404);
	await server.waitForLog(/event=console_refused action=show_address reason=role/);
	assert.doesNotMatch(await audit(server), /address_shown|list_exported|tries_reset/);

});

// console_pages.test.mjs checks the list and the person.
pageTest('the pages that follow a search, *Show* and *Erase* pass the checks of every page', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	const person = await register(server, { reference: HOSTILE.repeat(4) });
	await decide(server, person, 'decline_document_expired');
	const admin = await ConsoleClient.ofDev(server);
	const checker = await PageChecker.open(t, browser, 'en', [server.site]);
	const [name, value] = admin.cookie.split('=');
	await checker.page.context().addCookies([{ name, value, url: server.site }]);
	const check = (where, options) => checker.check(server.site + where, { light: false, ...options });
	/** Presses the button and waits until the next page, which has the text, is loaded with its style. */
	const follow = (button, text) => async (view) => {
		await view.getByRole('button', { name: button, exact: true }).click();
		await view.getByText(text).first().waitFor();
		await view.waitForLoadState('load');
	};
	await check(person.path, { label: 'shown', open: follow('Show the addresses', 'shown this once') });
	await check(LIST, { label: 'nobody', open: async (view) => {
		await view.getByLabel('Find a person').fill('nobody');
		await follow('Find', 'Check the spelling')(view);
	} });
	await admin.stepUp();
	await check(`${person.path}/erase`);
});
