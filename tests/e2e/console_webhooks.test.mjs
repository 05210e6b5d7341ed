// The console's pages of webhook endpoints: the list, the deliveries with their answers, payloads, resending and test events.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import test from 'node:test';
import { newEmail } from './lib/app.mjs';
import { Browser } from './lib/browser.mjs';
import { ConsoleClient, ConsoleServer, registerInBrowser } from './lib/console.mjs';
import { until } from './lib/wait.mjs';

/** Starts a receiver of events that answers with `receiver.status`. */
async function startReceiver(t) {
	const receiver = { status: 500, ids: [] };
	const server = createServer((request, response) => {
		request.resume().on('end', () => {
			receiver.ids.push(request.headers['webhook-id']);
			response.writeHead(receiver.status, { 'content-type': 'text/plain' }).end(receiver.status === 404 ? 'No such hook <b>' : undefined);
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.after(() => server.closeAllConnections?.() ?? server.close());
	t.after(() => server.close());
	receiver.url = `http://127.0.0.1:${server.address().port}/`;
	return receiver;
}

test('an operator finds a failed delivery, reads its payload, and sends it again', async (t) => {
	const receiver = await startReceiver(t);
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	const id = JSON.parse(await server.command('endpoint', 'add', '--tenant', 'default', '--url', receiver.url, '--type', 'user.*', '--description', '<script>alert(1)</script>', '--json')).id;
	assert.equal((await server.call('POST', '/kyc/prepare', { body: { email: newEmail() } })).http, 201);
	await until('the event to be delivered once', () => receiver.ids.length > 0);

	assert.match((await client.get('/console/webhooks')).text, new RegExp(`href="/console/webhooks/${id}"`));
	const page = `/console/webhooks/${id}`;
	const listed = await until('the answer to be stored', async () => {
		const { text } = await client.get(page);
		return text.includes('500') && text;
	});
	assert.deepEqual([listed.includes('<script>alert'), listed.includes('&lt;script')], [false, true], 'markup in the description is text');
	assert.match(listed, /<td>user\.prepared<\/td>.*500/);
	assert.doesNotMatch((await client.get(`${page}?state=delivered`)).text, /user\.prepared/);
	const event = /evt_[0-9a-z]{26}/.exec(listed)[0];
	assert.match((await client.get(`${page}/${event}`)).text, /&quot;type&quot;:&quot;user\.prepared&quot;/);

	receiver.status = 204;
	await client.get(page);
	const again = await client.post(`${page}/${event}/resend`);
	assert.deepEqual([again.http, again.headers.location], [303, `${page}?done=event-queued`]);
	await until('the event to be accepted', async () => (await client.get(`${page}?state=delivered`)).text.includes(event));
	assert.deepEqual(new Set(receiver.ids).size, 1, 'the same event');

	assert.match((await client.post(`${page}/test`)).text, /accepted the test event[^]*<dd>204<\/dd>/);
	receiver.status = 404;
	const tested = await client.post(`${page}/test`);
	assert.match(tested.text, /did not accept the test event[^]*<dd>404<\/dd>/);
	assert.ok(!tested.text.includes('No such hook'), 'the text of a server in the operator\'s network is not shown');
	const tests = /href="(\/console\/audit[^"]+)"/.exec(tested.text)[1].replaceAll('&amp;', '&');
	assert.equal((await client.get(tests)).text.match(/<td>webhook_endpoint_tested<\/td>/g).length, 2);
	assert.equal((await client.post(`${page}/disable`)).http, 303);
	assert.match((await client.get(page)).text, /disabled/);
	assert.equal((await client.post(`${page}/${event}/resend`)).http, 409);
	assert.equal((await client.post(`${page}/enable`)).http, 303);
	assert.match(await server.command('audit', 'list'), /webhook_endpoint_changed +operator:op_[0-9a-z]{26}/);
});

test('unknown endpoints and events, and malformed filters, are refused', async (t) => {
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	const id = JSON.parse(await server.command('endpoint', 'add', '--tenant', 'default', '--url', 'http://127.0.0.1:9/', '--type', '*', '--json')).id;
	for (const where of ['/console/webhooks/we_00000000000000000000000000', '/console/webhooks/x', `/console/webhooks/${id}/evt_00000000000000000000000000`, `/console/webhooks/${id}/nonsense`])
		assert.equal((await client.get(where)).http, 404, where);
	for (const query of ['state=nonsense', 'after=%27'])
		assert.equal((await client.get(`/console/webhooks/${id}?${query}`)).http, 400, query);
	await client.get('/console/webhooks');
	assert.equal((await client.post(`/console/webhooks/${id}/evt_00000000000000000000000000/resend`)).http, 404);
});

test('an admin adds an endpoint, changes it, replaces its secret and removes it', async (t) => {
	const receiver = await startReceiver(t);
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	const fields = { tenant: 'default', url: receiver.url, types: 'user.*, kyc.approved', description: 'shop' };
	const form = await client.get('/console/webhooks/new');
	assert.match(form.text, /<option value="default"/);
	for (const [wrong, name, message] of [
		[{ url: 'ftp://shop.test' }, 'url', 'does not begin with https'],
		[{ url: '' }, 'url', 'must not be empty'],
		[{ url: 'https://10.0.0.1/' }, 'url', 'may not call this address'],
		[{ types: 'kyc.approved, nonsense' }, 'types', '&quot;nonsense&quot; is none of them'],
		[{ types: ' , ' }, 'types', 'must be types'],
		[{ description: 'd'.repeat(513) }, 'description', 'at most 512 bytes'],
	]) {
		const answer = await client.post('/console/webhooks/new', { ...fields, ...wrong });
		assert.equal(answer.http, 400, JSON.stringify(wrong));
		assert.match(answer.text, new RegExp(`role="alert"[^]*href="#${name}">[^<]*${message}`));
	}
	const asked = await client.post('/console/webhooks/new', fields);
	assert.deepEqual([asked.http, asked.text.includes(`value="${receiver.url}"`)], [403, true], 'what was entered is kept while the passkey is used');
	await client.stepUp();
	const made = await client.post('/console/webhooks/new', fields);
	const secret = /value="(whsec_[A-Za-z0-9+/]{43}=)"/.exec(made.text)[1];
	const page = /href="(\/console\/webhooks\/we_[0-9a-z]{26})"/.exec(made.text)[1];
	assert.ok(!(await client.get(page)).text.includes(secret), 'shown once');
	assert.match((await client.get(page)).text, /user\.\*,kyc\.approved/);

	assert.match((await client.get(`${page}/change`)).text, new RegExp(`name="url" value="${receiver.url}"`));
	const changed = await client.post(`${page}/change`, { ...fields, types: '*', description: 'all' });
	assert.equal(changed.headers.location, `${page}?done=endpoint-changed`);
	assert.match((await client.get(page)).text, /<dd>\*<\/dd>[^]*<dd><bdi>all<\/bdi><\/dd>/);
	assert.equal((await client.post(`${page}/change`, { ...fields, url: 'nonsense' })).http, 400);

	assert.equal((await client.post(`${page}/rotate`)).http, 403, 'each secret needs a step-up');
	await client.stepUp();
	const rotated = await client.post(`${page}/rotate`);
	const next = /value="(whsec_[A-Za-z0-9+/]{43}=)"/.exec(rotated.text)[1];
	assert.notEqual(next, secret);
	assert.match(rotated.text, /secret of before until <time/);
	assert.equal((await client.post(`${page}/remove`)).headers.location, '/console/webhooks?done=endpoint-removed');
	assert.equal((await client.get(page)).http, 404);
	const log = await server.command('audit', 'list');
	for (const action of ['webhook_endpoint_created', 'webhook_endpoint_changed', 'webhook_secret_rotated', 'webhook_endpoint_deleted'])
		assert.match(log, new RegExp(`${action} +operator:op_`), action);
	assert.ok(!log.includes('whsec_') && !server.log.includes(secret));
});

test('everything that failed is sent again at once', async (t) => {
	const receiver = await startReceiver(t);
	const server = await ConsoleServer.open(t);
	const client = await ConsoleClient.ofDev(server);
	const id = JSON.parse(await server.command('endpoint', 'add', '--tenant', 'default', '--url', receiver.url, '--type', 'user.*', '--json')).id;
	const page = `/console/webhooks/${id}`;
	for (let i = 0; i < 3; i++) assert.equal((await server.call('POST', '/kyc/prepare', { body: { email: newEmail() } })).http, 201);
	await until('the events to be tried', () => receiver.ids.length >= 3);
	await client.get(page);
	// Disabling ends the deliveries that wait as failed.
	assert.equal((await client.post(`${page}/disable`)).http, 303);
	assert.equal((await client.post(`${page}/resend-failed`)).http, 409, 'a disabled endpoint gets nothing');
	assert.equal((await client.post(`${page}/enable`)).http, 303);
	receiver.status = 204;
	const again = await client.post(`${page}/resend-failed`);
	assert.equal(again.headers.location, `${page}?resent=3`);
	assert.match((await client.get(again.headers.location)).text, /sent again: 3\./);
	await until('the events to be delivered', async () => (await client.get(`${page}?state=delivered`)).text.match(/>delivered<\/span>/g)?.length === 3);
	assert.equal((await client.post(`${page}/resend-failed`)).headers.location, `${page}?resent=0`);
});

test('a lesser role and an operator of another tenant change no endpoint', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	await server.command('tenant', 'add', 'bank');
	const id = JSON.parse(await server.command('endpoint', 'add', '--tenant', 'default', '--url', 'http://127.0.0.1:9/', '--type', '*', '--json')).id;
	const of = async (role, ...args) => ConsoleClient.ofPage(server, await registerInBrowser(browser, server, await server.addOperator(newEmail(role), role, ...args)));
	const fields = { tenant: 'default', url: 'http://127.0.0.1:9/', types: '*' };
	for (const [client, expected] of [[await of('reviewer'), 403], [await of('admin', '--tenant', 'bank'), 404]]) {
		await client.get('/console/webhooks');
		assert.equal((await client.post('/console/webhooks/new', fields)).http, expected);
		for (const action of ['change', 'remove', 'rotate', 'resend-failed'])
			assert.equal((await client.post(`/console/webhooks/${id}/${action}`, fields)).http, expected, action);
		assert.equal((await client.get(`/console/webhooks/${id}/change`)).http, expected);
	}
	assert.doesNotMatch(await server.command('audit', 'list'), /webhook_(endpoint_(changed|deleted)|secret_rotated)/);
});
