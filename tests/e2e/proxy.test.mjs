// kycd behind the reverse proxies that docs/operating.md describes. Each proxy runs with its configuration file in packaging/.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import https from 'node:https';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { Proxy, installed, proxies } from './lib/proxy.mjs';
import { until, within } from './lib/wait.mjs';

for (const name of Object.keys(proxies))
	test(`requests pass through ${name}, and its logs contain no e-mail address and no key`, { skip: !installed(name) && `${name} is not installed` }, async (t) => {
		// The limit per address is lower than the number of connections that the proxy opens. Because the proxy is trusted, its
		// connections count for the addresses in X-Forwarded-For only.
		const app = await App.open(t, { settings: { KYCD_TRUSTED_PROXIES: '127.0.0.1', KYCD_MAX_CONNECTIONS_PER_ADDRESS: 2 } });
		const proxy = await Proxy.open(t, app, name);
		const key = { 'x-api-key': app.key };
		const email = newEmail('in.no.log');

		expect(await proxy.call('POST', '/kyc/prepare', { body: { email }, headers: key }), 201, 'user_prepared');
		const proxied = expect(await proxy.call('GET', `/kyc/status?email=${encodeURIComponent(email)}`, { headers: key }), 404, 'kyc_not_found');
		assert.match(proxied.headers['x-request-id'], /^[0-9a-z]{20,}$/);
		expect(await proxy.call('GET', `/kyc/status?email=${email}`), 401);
		expect(await proxy.call('GET', `/nowhere?email=${email}`, { headers: key }), 404, 'route_not_found');
		const linkToken = randomBytes(32).toString('base64url');
		const linkPaths = ['', '?lang=pt-BR', '/state', '/state?lang=en', '/unknown/more', `/${linkToken}`].map((end) => `/verify/${linkToken}${end}`);
		for (const path of [...linkPaths, `/Verify/${linkToken}`, `//verify//${linkToken}`]) assert.notEqual((await proxy.call('GET', path)).http, 200, path);
		expect(await proxy.call('POST', '/kyc/prepare', { body: { email, more: 'x'.repeat(70_000) }, headers: key }), 413, 'payload_too_large');

		const answers = await Promise.all(Array.from({ length: 32 }, (_, i) =>
			proxy.call('POST', '/kyc/prepare', { body: { email: newEmail() }, headers: { ...key, 'x-forwarded-for': '203.0.113.1' }, from: `127.0.1.${i + 1}` })));
		for (const answer of answers) expect(answer, 201, 'user_prepared');

		// While kycd is stopped, the proxy itself sends the error answer, in the format of the API.
		await app.server.stop();
		const whileStopped = expect(await proxy.call('GET', `/kyc/status?email=${email}`, { headers: key }), 503, 'unavailable');
		assert.equal(whileStopped.headers['retry-after'], '5');
		expect(await proxy.call('POST', '/kyc/prepare', { body: { email }, headers: key }), 503, 'unavailable');
		for (const path of linkPaths) expect(await proxy.call('GET', path), 503, 'unavailable');
		await app.server.start();
		await until('requests to reach kycd again', async () => (await proxy.call('GET', `/kyc/status?email=${email}`, { headers: key })).http === 404);

		const logs = await until('the requests to be in the proxy\'s log', async () => {
			const text = await proxy.allLogs();
			return ['/kyc/status', '/nowhere', '/verify/'].every((path) => text.includes(path)) && text;
		});
		assert.ok(logs.includes(proxied.headers['x-request-id']) || name === 'caddy', 'the log contains the request id');
		for (const secret of [linkToken, email, email.split('@')[0], encodeURIComponent(email), '@example', app.key, app.key.slice(-20)]) assert.ok(!logs.includes(secret), `${secret} in the log: ${logs.split("\n").filter((line) => line.includes(secret)).slice(0, 3).join("\n")}`);
	});

for (const name of ['without a proxy', ...Object.keys(proxies)])
	test(`kycd limits the open connections of one client: ${name}`, { skip: name in proxies && !installed(name) && `${name} is not installed` }, async (t) => {
		// Without a proxy the test itself sends X-Forwarded-For, from the trusted address 127.0.0.1.
		const settings = { KYCD_TRUSTED_PROXIES: '127.0.0.1', KYCD_DIDIT_TIMEOUT: 30, KYCD_MAX_CONNECTIONS_PER_ADDRESS: 4 };
		const app = await App.open(t, { settings });
		const proxy = name in proxies && (await Proxy.open(t, app, name));
		const headers = { 'x-api-key': app.key };
		const send = (method, where, from, body) => proxy ? proxy.call(method, where, { body, headers, from })
			: app.server.call(method, where, { body, headers: { ...headers, 'x-forwarded-for': from } });
		const emails = await Promise.all(Array.from({ length: 5 }, () => app.verifyPerson(newEmail())));
		app.didit.holdCreates = true;
		const creates = emails.map((email) => send('POST', '/kyc/create/verify_public_kyc', '127.0.0.3', { email }));
		const first = expect(await within('one request to be refused', 20_000, Promise.race(creates)), 503, 'unavailable');
		assert.equal(first.headers['retry-after'], '1');
		expect(await send('GET', '/health/ready', '127.0.0.3'), 503, 'unavailable');
		expect(await send('GET', '/health/ready', '127.0.0.4'), 200);
		app.didit.releaseCreates();
		const answers = await Promise.all(creates);
		assert.deepEqual([answers.filter(({ http }) => http === 503).length, answers.filter(({ http }) => http === 201).length], [1, 4]);
		expect(await send('GET', '/health/ready', '127.0.0.3'), 200);
	});

test('nginx limits the open connections of one client', { skip: !installed('nginx') && 'nginx is not installed' }, async (t) => {
	const app = await App.open(t, { settings: { KYCD_TRUSTED_PROXIES: '127.0.0.1', KYCD_DIDIT_TIMEOUT: 30 } });
	const proxy = await Proxy.open(t, app, 'nginx', [['limit_conn kycd_clients 256;', 'limit_conn kycd_clients 8;']]);
	const headers = { 'x-api-key': app.key };
	const emails = await Promise.all(Array.from({ length: 9 }, () => app.verifyPerson(newEmail())));
	app.didit.holdCreates = true;
	const agent = new https.Agent({ keepAlive: false, maxSockets: Infinity });
	const creates = emails.map((email) => proxy.call('POST', '/kyc/create/verify_public_kyc', { body: { email }, headers, agent, from: '127.0.0.3' }));
	const first = await within('one request to be refused', 20_000, Promise.race(creates));
	expect(first, 503, 'unavailable');
	expect(await proxy.call('GET', '/health/ready', { agent, from: '127.0.0.4' }), 200);
	app.didit.releaseCreates();
	const answers = await Promise.all(creates);
	assert.deepEqual([answers.filter(({ http }) => http === 503).length, answers.filter(({ http }) => http === 201).length], [1, 8]);
});
