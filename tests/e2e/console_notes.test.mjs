// Notes that operators write about a person.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser } from './lib/browser.mjs';
import { newEmail } from './lib/app.mjs';
import { ConsoleClient, ConsoleServer, registerInBrowser } from './lib/console.mjs';

const HOSTILE = '"><script>alert(1)</script>\'=&';

async function register(server) {
	const email = newEmail();
	const { json } = await server.call('POST', '/kyc/prepare', { body: { email, include: 'user_id' } });
	return { email, path: `/console/people/default/${json.data.user_id}` };
}

test('a note is shown with author and time, its markup is text, and an erasure removes it', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	const author = newEmail('reviewer');
	const page = await registerInBrowser(browser, server, await server.addOperator(author, 'reviewer'));
	const person = await register(server);
	await page.goto(server.site + person.path);
	await page.getByLabel('New note').fill(`${HOSTILE}\nsecond line`);
	await page.getByRole('button', { name: 'Add note' }).click();
	await page.getByText('The note was added.').waitFor();
	const note = page.locator('.notes > li');
	assert.equal(await note.locator('.lines').innerText(), `${HOSTILE}\nsecond line`);
	assert.match(await note.innerText(), new RegExp(`${author}, 20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d`));
	assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []]);

	const admin = await ConsoleClient.ofDev(server);
	await admin.get(person.path);
	const long = '&'.repeat(3000);
	for (let i = 1; i < 100; i++) assert.equal((await admin.post(`${person.path}/notes`, { text: long })).http, 303);
	const full = await admin.get(person.path);
	assert.deepEqual([full.http, full.text.includes('New note'), full.text.split(long.replaceAll('&', '&amp;')).length], [200, false, 100]);
	assert.equal((await admin.post(`${person.path}/notes`, { text: 'one more' })).http, 409);
	const entries = await server.command('audit', 'list');
	assert.match(entries, /note_added +operator:op_[0-9a-z]{26}/);
	assert.ok(!entries.includes('second line') && !server.log.includes('second line'));

	await admin.get('/console/step-up');
	await admin.post('/console/step-up');
	const confirmation = await admin.get(`${person.path}/erase`);
	assert.match(confirmation.text, /notes of operators: 100</);
	assert.match((await admin.post(`${person.path}/erase`)).text, /notes: 100\./);
	assert.equal((await admin.post(`${person.path}/notes`, { text: 'late' })).http, 404);
});

test('malformed notes, other roles, other tenants and other sites are refused', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	await server.command('tenant', 'add', 'bank');
	const person = await register(server);
	const notes = `${person.path}/notes`;
	const admin = await ConsoleClient.ofDev(server);
	await admin.get(person.path);
	for (const fields of [{}, { text: '' }, { text: ' \r\n\t ' }, { text: 'x'.repeat(3001) }, { text: 'a\u0000b' }, { text: 'a\u001bb' }])
		assert.equal((await admin.post(notes, fields)).http, 400, JSON.stringify(fields));
	assert.equal((await admin.post(notes, { csrf: undefined, text: 'x' })).http, 403);
	assert.equal((await admin.post(notes, { text: 'x' }, { headers: { origin: 'https://evil.test' } })).http, 403);
	const viewer = await ConsoleClient.ofPage(server, await registerInBrowser(browser, server, await server.addOperator(newEmail('viewer'), 'viewer')));
	const seen = await viewer.get(person.path);
	assert.ok(!seen.text.includes('New note') && seen.text.includes('No note was written.'));
	assert.equal((await viewer.post(notes, { text: 'x' })).http, 403);
	const other = await ConsoleClient.ofPage(server, await registerInBrowser(browser, server, await server.addOperator(newEmail('admin'), 'admin', '--tenant', 'bank')));
	await other.get('/console/people');
	assert.equal((await other.post(notes, { text: 'x' })).http, 404);
	assert.doesNotMatch(await server.command('audit', 'list'), /note_added/);
});
