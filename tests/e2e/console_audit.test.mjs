// The console's page *Audit log*: filters by actor and day, the export, and what an operator of one tenant gets.
import assert from 'node:assert/strict';
import test from 'node:test';
import { expect, newEmail } from './lib/app.mjs';
import { Browser } from './lib/browser.mjs';
import { ConsoleClient, ConsoleServer, registerInBrowser } from './lib/console.mjs';

const PAGE = '/console/audit';

/** The actions in the table of a page. */
const actions = (text) => [...text.matchAll(/<\/time><\/td><td>(\w+)<\/td>/g)].map((match) => match[1]);

test('entries are filtered by actor and day, and exported with the same filters', async (t) => {
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	expect(await server.call('POST', '/kyc/prepare', { body: { email: newEmail() } }), 201);
	await server.command('tenant', 'add', 'bank');
	const list = async (query) => actions((await client.get(`${PAGE}?${query}`)).text);
	const operator = /actor_id=(op_[0-9a-z]{26})/.exec((await client.get(PAGE)).text)[1];
	assert.deepEqual(await list('actors=operators'), ['operator_signed_in']);
	assert.deepEqual(await list(`actor_id=${operator}`), ['operator_signed_in']);
	assert.ok((await list('actors=commands')).includes('tenant_added'));
	assert.ok(!(await list('actors=commands')).includes('operator_signed_in'));
	assert.ok((await list('actors=keys')).includes('prepared'));
	const today = new Date().toISOString().slice(0, 10);
	assert.ok((await list(`from=${today}&until=${today}`)).length > 0 || today !== new Date().toISOString().slice(0, 10));
	assert.deepEqual(await list('until=2020-01-01'), []);
	assert.deepEqual(await list('from=2099-01-01'), []);
	for (const wrong of ['actors=nobody', 'from=yesterday', 'until=2026-1-1', 'before=%27'])
		assert.equal((await client.get(`${PAGE}?${wrong}`)).http, 400, wrong);

	const fields = { actors: 'operators', action: 'operator_signed_in' };
	await client.get(PAGE);
	const refused = await client.post(`${PAGE}/export`, fields);
	assert.equal(refused.http, 403, 'signing in is not enough');
	assert.ok(refused.text.includes(encodeURIComponent(`${PAGE}?action=operator_signed_in&actors=operators`)), 'the way back keeps the filters');
	await client.stepUp();
	const file = await client.post(`${PAGE}/export`, fields);
	assert.deepEqual([file.http, file.headers['content-type'], file.headers['content-disposition']], [200, 'text/csv; charset=utf-8', 'attachment; filename="audit.csv"']);
	const lines = file.text.trimEnd().split('\r\n');
	assert.match(lines[0], /^"time","id","action","actor","actor_id","operator_email"/);
	assert.equal(lines.length, 2);
	assert.match(lines[1], new RegExp(`"operator_signed_in","operator","${operator}","[^"@]+@[^"]+"`));
	assert.equal((await client.post(`${PAGE}/export`, fields)).http, 403, 'a step-up is used up');
	assert.match((await client.get(`${PAGE}?action=list_exported`)).text, /<td>list_exported<\/td>.*>audit<.*<td>1<\/td>/);
});

test('a viewer cannot export the audit log, and an operator of one tenant exports only its entries', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	await server.command('tenant', 'add', 'bank');
	expect(await server.call('POST', '/kyc/prepare', { body: { email: newEmail() } }), 201);
	const of = async (role) => registerInBrowser(browser, server, await server.addOperator(newEmail(role), role, '--tenant', 'bank'));
	const viewer = await ConsoleClient.ofPage(server, await of('viewer'));
	await viewer.get('/console');
	assert.equal((await viewer.post(`${PAGE}/export`)).http, 403);
	const page = await of('reviewer');
	await page.goto(`${server.site}/console/step-up?back=${PAGE}`);
	await page.getByRole('button', { name: 'Use passkey' }).click();
	await page.waitForURL(/done=stepped-up/);
	const reviewer = await ConsoleClient.ofPage(server, page);
	await reviewer.get(PAGE);
	const file = await reviewer.post(`${PAGE}/export`);
	assert.equal(file.http, 200);
	assert.match(file.text, /"tenant_added"/);
	assert.doesNotMatch(file.text, /"prepared"|operator_signed_in/);
});
