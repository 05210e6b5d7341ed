// The console's pages of webhook endpoints: the list, the deliveries with their answers, payloads, resending and test events.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import test from 'node:test';
import { newEmail } from './lib/app.mjs';
import { ConsoleClient, ConsoleServer } from './lib/console.mjs';
import { until } from './lib/wait.mjs';

/** Starts a receiver of events that answers with `receiver.status`. */
async function startReceiver(t) {
	const receiver = { status: 500, ids: [] };
	const server = createServer((request, response) => {
		request.resume().on('end', () => {
			receiver.ids.push(request.headers['webhook-id']);
			response.writeHead(receiver.status).end();
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

	assert.equal((await client.post(`${page}/test`)).headers.location, `${page}?tested=ok`);
	receiver.status = 404;
	assert.equal((await client.post(`${page}/test`)).headers.location, `${page}?tested=failed`);
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
