// The console's page *Operators*: invitations, new links, and disabling, for admins of all tenants.
import assert from 'node:assert/strict';
import test from 'node:test';
import { newEmail } from './lib/app.mjs';
import { Browser } from './lib/browser.mjs';
import { ConsoleClient, ConsoleServer, registerInBrowser } from './lib/console.mjs';

const PAGE = '/console/operators';
const linkOf = (server, text) => {
	const url = /value="(http:[^"]+)"/.exec(text)[1];
	assert.ok(url.startsWith(`${server.site}/console/register/`), url);
	return url.slice(server.site.length);
};

test('an admin invites an operator, makes a new link and disables them', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	const admin = await ConsoleClient.ofDev(server);
	await server.command('tenant', 'add', 'bank');
	const email = newEmail('invited');
	const fields = { email, role: 'reviewer', tenants: 'default, bank' };
	await admin.get(`${PAGE}/new`);
	for (const [wrong, name, message] of [[{ email: 'nobody' }, 'email', 'must be an e-mail address'], [{ tenants: 'nowhere' }, 'tenants', '&quot;nowhere&quot; is none'], [{ tenants: 'bank '.repeat(17) }, 'tenants', 'at most 16']]) {
		const answer = await admin.post(`${PAGE}/new`, { ...fields, ...wrong });
		assert.equal(answer.http, 400, name);
		assert.match(answer.text, new RegExp(`role="alert"[^]*href="#${name}">[^<]*${message}`));
	}
	const asked = await admin.post(`${PAGE}/new`, fields);
	assert.deepEqual([asked.http, asked.text.includes(`value="${email}"`)], [403, true]);
	await admin.stepUp();
	const first = linkOf(server, (await admin.post(`${PAGE}/new`, fields)).text);
	await admin.stepUp();
	const again = await admin.post(`${PAGE}/new`, fields);
	assert.equal(again.http, 400);
	assert.match(again.text, /is that of an operator already/);
	const list = (await admin.get(PAGE)).text;
	const id = new RegExp(`${email}[^]*?(op_[0-9a-z]{26})[^]*?<td>reviewer</td><td><span class="badge wait">invited</span></td><td>default, bank</td>`).exec(list)[1];

	assert.equal((await admin.post(`${PAGE}/${id}/link`)).http, 403, 'each change needs a step-up');
	await admin.stepUp();
	const second = linkOf(server, (await admin.post(`${PAGE}/${id}/link`)).text);
	assert.equal((await admin.get(first)).http, 410, 'a newer link voids the older one');
	const operator = await ConsoleClient.ofPage(server, await registerInBrowser(browser, server, second));
	assert.equal((await operator.get('/console')).http, 200);
	assert.match((await admin.get(PAGE)).text, new RegExp(`${email}[^]*?badge good">active`));
	assert.equal((await operator.get(PAGE)).http, 403);
	await admin.stepUp();
	await admin.get(PAGE);
	assert.equal((await admin.post(`${PAGE}/${id}/disable`)).headers.location, `${PAGE}?done=operator-disabled`);
	assert.equal((await operator.get('/console')).http, 303, 'the session has ended');
	await admin.stepUp();
	assert.equal((await admin.post(`${PAGE}/${id}/link`)).http, 409);
	const self = new RegExp('admin@localhost[^]*?(op_[0-9a-z]{26})').exec((await admin.get(PAGE)).text.split('<tbody>')[1])[1];
	await admin.stepUp();
	assert.equal((await admin.post(`${PAGE}/${self}/disable`)).http, 409, 'nobody disables themselves');
	const log = await server.command('audit', 'list');
	for (const action of ['operator_added', 'operator_link_created', 'operator_disabled']) assert.match(log, new RegExp(`${action} +operator:op_`), action);
	assert.ok(!log.includes(email) && !server.log.includes(email));
});

test('an admin who is limited to tenants, and lesser roles, change no operator', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	const { id } = JSON.parse(await server.command('operator', 'list', '--json'))[0] ?? {};
	for (const [role, ...args] of [['reviewer'], ['admin', '--tenant', 'default']]) {
		const client = await ConsoleClient.ofPage(server, await registerInBrowser(browser, server, await server.addOperator(newEmail(role), role, ...args)));
		await client.get('/console');
		for (const where of [PAGE, `${PAGE}/new`]) assert.equal((await client.get(where)).http, 403, where);
		assert.equal((await client.post(`${PAGE}/new`, { email: newEmail(), role: 'admin' })).http, 403);
		for (const action of ['link', 'disable']) assert.equal((await client.post(`${PAGE}/${id ?? 'op_00000000000000000000000001'}/${action}`)).http, 403, action);
	}
	assert.equal(JSON.parse(await server.command('operator', 'list', '--json')).filter(({ state }) => state !== 'active' && state !== 'no_passkey').length, 0);
});
