// Webhook endpoints: the routes below /v1/webhook-endpoints, and the commands `kycd endpoint` and `kycd event resend`.
import assert from 'node:assert/strict';
import { readFile, readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { Webhook } from 'standardwebhooks';
import { App, expect, newEmail } from './lib/app.mjs';
import { sqliteTest } from './lib/database.mjs';
import { run } from './lib/kycd.mjs';

const ROUTE = '/v1/webhook-endpoints';
const URL_TEXT = 'https://planted-host.example.com/planted-path?planted=query';
const ALL_SCOPES = ['kyc:write', 'webhooks:write', 'users:address'].flatMap((scope) => ['--scope', scope]);

async function open(t, settings = {}) {
	const app = await App.open(t, { settings });
	app.key = await app.addKey('shop', ...ALL_SCOPES);
	return app;
}

const create = async (app, fields = {}, options) => expect(await app.post(ROUTE, { url: URL_TEXT, types: ['kyc.*'], ...fields }, options), 201, 'webhook_endpoint_created').data;
const auditOf = async (app) => (await app.server.run('audit', 'list', '--json')).split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter(({ action }) => /webhook|resent/.test(action));

test('an endpoint is created, read, changed, rotated and deleted; each change is in the audit log', async (t) => {
	const app = await open(t);
	const { secret, ...created } = await create(app, { description: 'café', include: ['address', 'session_url'] });
	const where = `${ROUTE}/${created.id}`;

	assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
	assert.match(created.id, /^we_[0-9a-z]{26}$/);
	assert.deepEqual(created, { id: created.id, url: URL_TEXT, types: ['kyc.*'], description: 'café', include: ['address', 'session_url'], state: 'enabled', last_success_at: null, failing_since: null, pending: 0 });
	assert.deepEqual(expect(await app.call('GET', where), 200, 'webhook_endpoint_retrieved').data, created);
	assert.deepEqual(expect(await app.call('GET', ROUTE), 200, 'webhook_endpoints_retrieved').data, { webhook_endpoints: [created], next_after: null, has_more: false });
	const changed = expect(await app.call('PATCH', where, { body: { types: ['user.erased'], description: '', disabled: true } }), 200, 'webhook_endpoint_updated').data;
	assert.deepEqual(changed, { ...created, types: ['user.erased'], description: null, state: 'disabled' });
	expect(await app.post(`${where}/resend`, { since: '2026-01-01T00:00:00Z' }), 409, 'webhook_endpoint_disabled');
	expect(await app.call('PATCH', where, { body: { disabled: false } }), 200);
	const rotated = expect(await app.post(`${where}/rotate-secret`, {}), 200, 'webhook_endpoint_updated').data;
	assert.deepEqual(Object.keys(rotated), ['id', 'secret']);
	assert.notEqual(rotated.secret, secret);
	assert.deepEqual(expect(await app.call('GET', `${where}/deliveries`), 200, 'deliveries_retrieved').data, { deliveries: [], next_after: null, has_more: false });
	expect(await app.post(`${where}/resend`, { event_id: 'evt_01kb7m3p9t2hj4k5m6n7p8q9rs' }), 404, 'event_not_found');
	expect(await app.call('DELETE', where), 200, 'webhook_endpoint_deleted');
	for (const [method, suffix, body] of [['GET', ''], ['PATCH', '', { types: ['*'] }], ['DELETE', ''], ['GET', '/deliveries'], ['POST', '/rotate-secret', {}], ['POST', '/resend', { since: '2026-01-01T00:00:00Z' }]])
		expect(await app.call(method, where + suffix, { body }), 404, 'webhook_endpoint_not_found');
	assert.deepEqual((await auditOf(app)).map(({ action, actor, subject, detail }) => [action, actor, subject, detail]), [
		['webhook_endpoint_created', 'key', created.id, null],
		['webhook_endpoint_changed', 'key', created.id, 'disabled'],
		['webhook_endpoint_changed', 'key', created.id, 'enabled'],
		['webhook_secret_rotated', 'key', created.id, null],
		['webhook_endpoint_deleted', 'key', created.id, null],
	]);
});

test('17 calls at the same time create 16 endpoints', async (t) => {
	const app = await open(t);
	const answers = await Promise.all(Array.from({ length: 17 }, () => app.post(ROUTE, { url: URL_TEXT, types: ['*'] })));

	assert.deepEqual(answers.map(({ http }) => http).sort(), [...Array(16).fill(201), 409]);
	expect(answers.find(({ http }) => http === 409), 409, 'limit_reached');
	assert.equal(expect(await app.call('GET', ROUTE), 200).data.webhook_endpoints.length, 16);
	const other = await app.addTenant('bank');
	expect(await app.post(ROUTE, { url: URL_TEXT, types: ['*'] }, { key: other }), 403, 'insufficient_scope');
});

test('the answer that is repeated for an Idempotency-Key has the secret', async (t) => {
	const app = await open(t);
	const options = { headers: { 'idempotency-key': 'one' } };
	const first = await create(app, {}, options);

	assert.deepEqual(await create(app, {}, options), first);
	assert.equal(expect(await app.call('GET', ROUTE), 200).data.webhook_endpoints.length, 1);
});

test('http and addresses that are not global need a listed network', async (t) => {
	const app = await open(t, { KYCD_WEBHOOK_ALLOWED_NETWORKS: '10.1.0.0/16, fd00::/8', KYCD_ALLOW_WEAK: 1 });
	const causeOf = async (url) => {
		const answer = await app.post(ROUTE, { url, types: ['*'] });
		return answer.http === 201 ? 'accepted' : expect(answer, 400, 'invalid_parameters').json.details.cause;
	};

	assert.equal(await causeOf('https://10.1.255.255/'), 'accepted');
	assert.equal(await causeOf('https://10.2.0.0/'), 'address_not_allowed');
	assert.equal(await causeOf('http://10.1.0.0:8080/'), 'accepted');
	assert.equal(await causeOf('http://[fd00::1]/'), 'accepted');
	assert.equal(await causeOf('http://93.184.215.14/'), 'plaintext_not_allowed');
	assert.equal(await causeOf('http://127.0.0.1/'), 'address_not_allowed');
	assert.equal(await causeOf('http://internal.example/'), 'accepted');
});

test('a literal address of kycd itself is refused, also where its network is listed', async (t) => {
	const app = await open(t, { KYCD_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', KYCD_ALLOW_WEAK: 1 });
	const { port } = new URL(app.server.base);
	const address = (number) => ({ url: `http://127.0.0.1:${number}/hook`, types: ['*'] });

	assert.equal(expect(await app.post(ROUTE, address(port)), 400, 'invalid_parameters').json.details.cause, 'address_not_allowed');
	for (const other of [Number(port) - 1, Number(port) + 1].filter((number) => number !== Number(new URL(app.server.admin).port)))
		expect(await app.post(ROUTE, address(other)), 201);
	const { code, stderr } = await run(['endpoint', 'add', '--tenant', 'shop', '--url', address(port).url], { settings: app.server.settings, folder: app.server.folder });
	assert.equal(code, 1);
	assert.match(stderr, /--url is not accepted: kycd may not call this address/);
});

test('operators manage endpoints with commands', async (t) => {
	const app = await open(t);
	const json = async (...args) => JSON.parse(await app.server.run(...args, '--json'));
	const added = await json('endpoint', 'add', '--tenant', 'shop', '--url', URL_TEXT, '--type', 'kyc.*', '--type', 'user.erased', '--description', 'by an operator', '--include', 'address');

	assert.deepEqual(Object.keys(added), ['id', 'secret']);
	const expected = { tenant: 'shop', id: added.id, url: URL_TEXT, types: ['kyc.*', 'user.erased'], description: 'by an operator', include: ['address'], state: 'enabled', last_success_at: null, failing_since: null, pending: 0 };
	assert.deepEqual(await json('endpoint', 'show', added.id), expected);
	assert.deepEqual(await json('endpoint', 'list'), [expected]);
	assert.deepEqual(await json('endpoint', 'list', '--tenant', 'shop'), [expected]);
	assert.match(await app.server.run('endpoint', 'list'), new RegExp(`^${added.id}  shop `, 'm'));
	assert.equal((await json('endpoint', 'disable', added.id)).state, 'disabled');
	assert.equal((await json('endpoint', 'enable', added.id)).state, 'enabled');
	const rotated = await json('endpoint', 'rotate-secret', added.id, '--overlap', '7d');
	assert.match(rotated.secret, /^whsec_/);
	assert.deepEqual(await json('event', 'resend', '--since', '2026-01-01T00:00:00Z', '--endpoint', added.id), { queued: 0 });
	assert.match(await app.server.run('endpoint', 'add', '--tenant', 'shop', '--url', URL_TEXT), /^whsec_[^\n]+$/);
	assert.deepEqual(await json('endpoint', 'remove', added.id), { id: added.id, removed: true });
	assert.equal((await json('endpoint', 'list')).length, 1);
	const acts = (await auditOf(app)).filter(({ subject }) => subject === added.id);
	assert.ok(acts.every(({ actor }) => actor === 'operator'));
	assert.deepEqual(acts.map(({ action }) => action), ['webhook_endpoint_created', 'webhook_endpoint_changed', 'webhook_endpoint_changed', 'webhook_secret_rotated', 'webhook_endpoint_deleted']);
});

test('kycd endpoint test sends a sample event, prints the answer and fails if the event was not accepted', async (t) => {
	const app = await open(t, { KYCD_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', KYCD_ALLOW_WEAK: 1 });
	const received = [];
	const receiver = createServer((request, response) => {
		const parts = [];
		request.on('data', (part) => parts.push(part));
		request.on('end', () => {
			received.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
			response.writeHead(received.length === 1 ? 204 : 500).end(received.length === 1 ? '' : 'planted\u001b[2J');
		});
	});
	await new Promise((resolve) => { receiver.listen(0, '127.0.0.1', resolve); });
	t.after(() => { receiver.closeAllConnections(); receiver.close(); });
	const { id, secret } = await create(app, { url: `http://127.0.0.1:${receiver.address().port}/hook` });
	const command = (...args) => run(['endpoint', 'test', ...args], { settings: app.server.settings, folder: app.server.folder });

	const delivered = await command(id, '--type', 'user.erased', '--json');
	assert.equal(delivered.code, 0, delivered.stderr);
	assert.deepEqual({ ...JSON.parse(delivered.stdout), duration_ms: 0 }, { delivered: true, http_status: 204, error: null, duration_ms: 0, excerpt: null });
	const event = new Webhook(secret).verify(received[0].body, received[0].headers);
	assert.deepEqual([event.type, event.data.test], ['user.erased', true]);
	const text = await command(id);
	assert.equal(text.code, 1);
	assert.match(text.stdout, /^not delivered  status 500  \d+ ms\n$/);
	assert.equal(JSON.parse(received[1].body).type, 'kyc.approved');
	const json = await command(id, '--json');
	assert.equal(json.code, 1);
	assert.equal(JSON.parse(json.stdout).http_status, 500);
	assert.ok(!json.stdout.includes('\u001b'));
	assert.deepEqual(expect(await app.call('GET', `${ROUTE}/${id}/deliveries`), 200).data.deliveries, []);
	assert.deepEqual((await auditOf(app)).filter(({ action }) => action === 'webhook_endpoint_tested').map(({ actor, subject, detail }) => [actor, subject, detail]),
		['user.erased', 'kyc.approved', 'kyc.approved'].map((type) => ['operator', id, type]));
	const refused = async (code, expected, ...args) => {
		const result = await command(...args);
		assert.deepEqual([result.code, result.stdout], [code, ''], result.stderr);
		assert.match(result.stderr, expected);
	};
	await refused(1, /--type is unknown/, id, '--type', 'kyc.*');
	await refused(1, /no webhook endpoint/, 'we_01kb7m2a5v8wq3x4y5z6a7b8c9');
	await refused(2, /begins with we_/, 'x');
	assert.equal(received.length, 3);
});

test('commands refuse what cannot be', async (t) => {
	const app = await open(t);
	const refused = async (code, text, ...args) => {
		const result = await run(args, { settings: app.server.settings, folder: app.server.folder });
		assert.deepEqual([result.code, result.stdout], [code, ''], result.stderr);
		assert.match(result.stderr, text);
		assert.ok(!/planted/.test(result.stderr), result.stderr);
	};

	await refused(1, /no tenant/, 'endpoint', 'add', '--tenant', 'nobody', '--url', URL_TEXT);
	await refused(1, /--url is not accepted: the URL does not begin with https/, 'endpoint', 'add', '--tenant', 'shop', '--url', 'ftp://planted.example/');
	await refused(1, /--type is unknown/, 'endpoint', 'add', '--tenant', 'shop', '--url', URL_TEXT, '--type', 'nothing');
	await refused(2, /--include must be/, 'endpoint', 'add', '--tenant', 'shop', '--url', URL_TEXT, '--include', 'name');
	await refused(2, /--tenant NAME and --url URL/, 'endpoint', 'add', '--tenant', 'shop');
	await refused(2, /begins with we_/, 'endpoint', 'show', 'x');
	await refused(1, /no webhook endpoint/, 'endpoint', 'remove', 'we_01kb7m2a5v8wq3x4y5z6a7b8c9');
	await refused(2, /--overlap must be/, 'endpoint', 'rotate-secret', 'we_01kb7m2a5v8wq3x4y5z6a7b8c9', '--overlap', '8d');
	await refused(2, /needs the ID of an event, or --since/, 'event', 'resend');
	await refused(1, /no webhook endpoint/, 'event', 'resend', '--since', '2026-01-01T00:00:00Z', '--endpoint', 'we_01kb7m2a5v8wq3x4y5z6a7b8c9');
});

sqliteTest('URL and secrets are neither in the files nor in the log', async (t) => {
	const app = await open(t, { KYCD_LOG: 'debug' });
	const { id, secret } = await create(app, { description: 'visible' }, { headers: { 'idempotency-key': 'one' } });
	const rotated = expect(await app.post(`${ROUTE}/${id}/rotate-secret`, {}), 200).data.secret;

	expect(await app.post(ROUTE, { url: `${URL_TEXT}#planted`, types: ['*'] }), 400);
	await app.prepare(newEmail());
	await app.server.stop();
	const places = { log: app.server.log };
	for (const name of await readdir(app.folder, { recursive: true })) {
		const file = path.join(app.folder, name);
		if ((await stat(file)).isFile()) places[name] = await readFile(file, 'latin1');
	}
	const raw = [secret, rotated].map((text) => Buffer.from(text.slice(6), 'base64'));
	for (const [place, content] of Object.entries(places))
		for (const text of ['planted', secret.slice(6), rotated.slice(6), ...raw.map((bytes) => bytes.toString('latin1')), ...raw.map((bytes) => bytes.toString('hex'))])
			assert.ok(!content.includes(text), `${place} has a part of the URL or a secret`);
});

test('every route needs its scope, and a body must be JSON', async (t) => {
	const app = await open(t);
	const { id } = await create(app);
	const where = `${ROUTE}/${id}`;
	const other = await app.addKey('shop', '--scope', 'kyc:write');
	const calls = [['GET', ROUTE], ['POST', ROUTE], ['GET', where], ['PATCH', where], ['DELETE', where], ['GET', `${where}/deliveries`],
		['POST', `${where}/rotate-secret`], ['POST', `${where}/test`], ['POST', `${where}/resend`]];
	for (const [method, path] of calls)
		expect(await app.call(method, path, { key: other, body: method === 'GET' || method === 'DELETE' ? undefined : {} }), 403, 'insufficient_scope');
	const body = JSON.stringify({ disabled: true });
	for (const [method, path] of calls.filter(([name]) => name === 'POST' || name === 'PATCH')) {
		expect(await app.call(method, path, { body, headers: { 'content-type': 'text/plain' } }), 415, 'unsupported_media_type');
		const compressed = await app.call(method, path, { body, headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } });
		assert.equal(compressed.http, 415, `${method} ${path}`);
	}
});
