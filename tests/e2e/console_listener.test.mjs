// Where the console is served: on a listener of its own, in development mode on the public one, and nowhere by default.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';
import { App } from './lib/app.mjs';
import { call, freePort } from './lib/http.mjs';
import { Server, run, temporaryFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const ORIGIN = 'https://console.example.com';
const HOST = 'console.example.com';
const SIGN_IN = '/console/sign-in';

/** Opens an app with a console. `app.console(method, path, options)` calls its listener as the proxy would. */
async function openConsole(t, settings = {}, options = {}) {
	const port = await freePort();
	const app = await App.open(t, { settings: { KYCD_CONSOLE_LISTEN: `127.0.0.1:${port}`, KYCD_CONSOLE_URL: ORIGIN, ...settings }, ...options });
	app.consolePort = port;
	app.console = (method, where, { headers = {}, ...rest } = {}) => call(`http://127.0.0.1:${port}${where}`, { method, headers: { host: HOST, ...headers }, ...rest });
	return app;
}

test('by default there is no console', async (t) => {
	const app = await App.open(t);
	for (const base of [app.server.base, app.server.admin])
		for (const where of ['/console', SIGN_IN, '/api/console/sign-in']) assert.equal((await call(base + where)).http, 404);
	// The metric of forged rows names all tables, also those of the console.
	assert.doesNotMatch((await app.server.metrics()).replace(/^kycd_rows_forged_total.*$/gm, ''), /console/);
});

test('the listener of the console serves the console and nothing else', async (t) => {
	const app = await openConsole(t);
	const page = await app.console('GET', SIGN_IN);
	assert.equal(page.http, 200, page.text);
	assert.match(page.headers['content-type'], /^text\/html/);
	const root = await app.console('GET', '/');
	assert.deepEqual([root.http, root.headers.location], [303, '/console']);
	const assets = [...page.text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
	assert.ok(assets.length > 0);
	for (const path of assets) assert.equal((await app.console('GET', path)).http, 200, path);
	for (const [method, where] of [['GET', '/health/live'], ['GET', '/health/ready'], ['GET', '/metrics'], ['GET', '/version'], ['GET', '/openapi.json'], ['GET', '/docs'],
		['POST', '/kyc/prepare'], ['GET', '/v1/quota'], ['POST', '/webhooks/didit'], ['GET', '/return'], ['GET', '/verify/x'], ['GET', `/api${SIGN_IN}`], ['GET', '/api/console'], ['GET', '/sandbox/inbox']]) {
		const answer = await app.console(method, where, { headers: { 'x-api-key': app.key }, body: method === 'POST' ? {} : undefined });
		assert.deepEqual([answer.http, answer.word], [404, 'route_not_found'], `${method} ${where}`);
	}
	for (const base of [app.server.base, app.server.admin])
		for (const where of ['/console', SIGN_IN, '/api/console/sign-in']) assert.equal((await call(base + where, { headers: { host: HOST } })).http, 404, base + where);
});

test('a request for another host gets no page', async (t) => {
	const app = await openConsole(t);
	for (const host of ['kyc.example.com', `127.0.0.1:${app.consolePort}`, `${HOST}:8443`, `${HOST}.`]) {
		const answer = await app.console('GET', SIGN_IN, { headers: { host } });
		assert.deepEqual([answer.http, answer.headers.location], [303, ORIGIN + SIGN_IN], host);
	}
	assert.equal((await app.console('GET', SIGN_IN, { headers: { host: HOST.toUpperCase() } })).http, 200);
});

test('the limits of bodies and connections are those of the public listener', async (t) => {
	const app = await openConsole(t, { KYCD_MAX_CONNECTIONS_PER_ADDRESS: 8 });
	const large = await app.console('POST', SIGN_IN, { headers: { 'content-type': 'application/x-www-form-urlencoded', origin: ORIGIN }, body: 'x'.repeat(64 * 1024 + 1) });
	assert.deepEqual([large.http, large.word], [413, 'payload_too_large']);
	await until('the connections of the setup to close', async () => (await app.server.metric('kycd_connections')) <= 1);
	const sockets = Array.from({ length: 8 }, () => net.connect(app.consolePort, '127.0.0.1'));
	t.after(() => sockets.forEach((socket) => socket.destroy()));
	await until('the connections to be open', async () => (await app.server.metric('kycd_connections')) >= 8);
	await until('the listener to refuse a connection', async () => (await app.console('GET', SIGN_IN)).http === 503);
	assert.equal((await app.server.call('GET', '/health/live')).http, 200, 'the other listeners have limits of their own');
});

test('all pages of the console are counted together, and the log names the pattern of the path', async (t) => {
	const app = await openConsole(t);
	const token = 'planted-token-0123456789-planted-token-012345';
	await app.console('GET', SIGN_IN);
	await app.console('GET', `/console/register/${token}`);
	const rows = [...(await app.server.metrics()).matchAll(/^kycd_requests_total\{route="([^"]*console[^"]*)",status="(\d+)"\} (\d+)$/gm)].filter(([, , , n]) => n !== '0');
	assert.ok(rows.length > 0);
	assert.deepEqual([...new Set(rows.map(([, route]) => route))], ['/console']);
	assert.equal(rows.reduce((sum, [, , , n]) => sum + Number(n), 0), 2);
	await app.server.waitForLog(/event=request .*route=\/console\/register\/:token /);
	assert.ok(!app.server.log.includes(token));
});

test('kycd routes lists the console as a listener of its own', async () => {
	const routes = JSON.parse((await run(['routes', '--json'])).stdout);
	const paths = routes.filter(({ listener }) => listener === 'console').map(({ path }) => path);
	assert.ok(paths.includes(SIGN_IN));
	assert.ok(paths.every((path) => path.startsWith('/console')), paths.join(' '));
	assert.ok(routes.filter(({ listener }) => listener !== 'console').every(({ path }) => !path.startsWith('/console')));
	for (const { guard, scope } of routes.filter(({ listener }) => listener === 'console')) assert.deepEqual([guard, scope], ['open', null]);
});

test('a reload changes the limits of the listener', async (t) => {
	const app = await openConsole(t, {}, { conf: 'max_connections_per_address = 256\n' });
	await writeFile(path.join(app.folder, 'kycd.conf'), 'max_connections_per_address = 4\n');
	app.server.child.kill('SIGHUP');
	await app.server.waitForLog(/event=reload_applied .*max_connections_per_address=4/);
	await until('the connections of the setup to close', async () => (await app.server.metric('kycd_connections')) <= 1);
	const sockets = Array.from({ length: 4 }, () => net.connect(app.consolePort, '127.0.0.1'));
	t.after(() => sockets.forEach((socket) => socket.destroy()));
	await until('the connections to be open', async () => (await app.server.metric('kycd_connections')) >= 4);
	await until('the listener to refuse a connection', async () => (await app.console('GET', SIGN_IN)).http === 503);
});

test('a stop ends the listener in time, also with an open connection', async (t) => {
	const app = await openConsole(t);
	const started = performance.now();
	const agent = new Agent({ keepAlive: true });
	t.after(() => agent.destroy());
	assert.equal((await app.console('GET', SIGN_IN, { agent })).http, 200);
	await app.server.stop();
	assert.ok(performance.now() - started < 10_000);
	await assert.rejects(app.console('GET', SIGN_IN), /ECONNREFUSED/);
});

test('an address that is in use prevents the start, and the message names the setting', async (t) => {
	const app = await openConsole(t);
	const { KYCD_CONSOLE_LISTEN } = app.server.settings;
	const settings = { ...app.server.settings, KYCD_DATABASE: 'sqlite:other.db', KYCD_LISTEN: `127.0.0.1:${await freePort()}`, KYCD_ADMIN_LISTEN: `127.0.0.1:${await freePort()}` };
	const second = await run(['serve'], { settings, folder: app.folder });
	assert.equal(second.code, 1);
	assert.match(second.stderr, new RegExp(`KYCD_CONSOLE_LISTEN: cannot listen on ${KYCD_CONSOLE_LISTEN}: another program uses this address`));
});

/** Starts a server in development mode and returns it with the link of its start, if it has one. */
async function startDev(t, settings = {}) {
	const folder = await temporaryFolder(t);
	const server = new Server({ folder, args: ['--dev'], settings });
	t.after(() => server.kill());
	await server.start();
	await server.waitForLog(/Press Ctrl-C/);
	return { server, link: /^ {2}console {4}(\S+)$/m.exec(server.log)?.[1] };
}

test('development mode serves the console on the public listener, and its link signs in once', async (t) => {
	const { server, link } = await startDev(t);
	const origin = `http://localhost:${server.port}`;
	assert.match(link, new RegExp(`^${origin}/console/dev/[A-Za-z0-9_-]{43}$`));
	const path = link.slice(origin.length);
	const headers = { host: `localhost:${server.port}` };
	const wrong = await server.call('GET', `${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`, { headers });
	assert.equal(wrong.http, 404);
	const elsewhere = await server.call('GET', path, { headers: { host: `127.0.0.1:${server.port}` } });
	assert.deepEqual([elsewhere.http, elsewhere.headers.location], [303, link], 'the browser goes on to localhost');
	const first = await server.call('GET', path, { headers });
	assert.deepEqual([first.http, first.headers.location], [303, '/console']);
	const [cookie] = first.headers['set-cookie'];
	assert.match(cookie, /HttpOnly/i);
	assert.doesNotMatch(cookie, /Secure|__Host-/);
	const signedIn = await server.call('GET', '/console/step-up', { headers: { ...headers, cookie: cookie.split(';')[0] } });
	assert.equal(signedIn.http, 200, signedIn.text);
	assert.equal((await server.call('GET', path, { headers })).http, 404, 'the second time');
	const listed = JSON.parse((await run(['operator', 'list', '--json', '--dev'], { settings: server.settings, folder: server.folder })).stdout);
	assert.deepEqual(listed.map(({ role, tenants }) => [role, tenants]), [['admin', null]]);
	assert.equal(server.log.split('\n').filter((line) => line.includes(path.split('/').at(-1))).length, 1, 'the token is in no line of the log');
	await server.restart();
	assert.equal((await server.call('GET', path, { headers })).http, 404, 'after a restart');
});

test('development mode that is open to other machines has no console', async (t) => {
	const { server, link } = await startDev(t, { KYCD_DEV_OPEN: 1 });
	assert.equal(link, undefined);
	for (const where of ['/console', SIGN_IN, '/console/dev/x']) assert.equal((await server.call('GET', where, { headers: { host: `localhost:${server.port}` } })).http, 404);
});

test('doctor reports whether operators can use the console', async (t) => {
	const examine = async (app, change = {}) => {
		const { stdout } = await run(['doctor', '--json'], { settings: { ...app.server.settings, ...change }, folder: app.folder, limit: 60_000 });
		return JSON.parse(stdout).checks.filter(({ check }) => check === 'console').map(({ finding, message }) => `${finding} ${message}`).join('\n');
	};
	const app = await openConsole(t);
	assert.match(await examine(app, { KYCD_CONSOLE_LISTEN: undefined }), /^ok this server has no console/);
	const without = await examine(app);
	assert.match(without, /^warning nobody can use the console: .*kycd operator add/m);
	assert.match(without, /^warning https:\/\/console\.example\.com\/console\/sign-in cannot be reached from here/m);
	await app.server.run('operator', 'add', 'ana@example.com', '--role', 'admin');
	assert.match(await examine(app), /^ok operators who can sign in: 0; others with a link to register a passkey: 1$/m);
	await app.server.run('operator', 'disable', 'ana@example.com');
	assert.match(await examine(app), /^warning nobody can use the console/m);
});
