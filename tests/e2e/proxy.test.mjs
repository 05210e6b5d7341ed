// kycd behind the proxies that docs/operating.md describes, each run for real with the file in packaging/.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { App, expect, newEmail } from './lib/app.mjs';
import { freePort } from './lib/http.mjs';
import { until, within } from './lib/wait.mjs';

const PACKAGING = fileURLToPath(new URL('../../packaging/', import.meta.url));

/** Replaces each text, which must be there: a file that was changed is not passed over in silence. */
function changed(text, changes) {
	for (const [from, to] of changes) {
		assert.ok(text.includes(from), `the file says ${from}`);
		text = text.replaceAll(from, to);
	}
	return text;
}

const proxies = {
	nginx: async ({ folder, port, upstream, certificate, key, changes }) => {
		const ours = changed(await readFile(path.join(PACKAGING, 'nginx.conf'), 'utf8'), [
			['listen 443 ssl http2', `listen 127.0.0.1:${port} ssl http2`],
			['\tlisten [::]:443 ssl http2;\n', ''],
			['127.0.0.1:8080', upstream],
			['/etc/letsencrypt/live/kyc.example.com/fullchain.pem', certificate],
			['/etc/letsencrypt/live/kyc.example.com/privkey.pem', key],
			['/var/log/nginx/', `${folder}/`],
			...changes,
		]);
		const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/temp;`).join(' ');
		const whole = `daemon off; pid ${folder}/pid; worker_processes 1; error_log ${folder}/start.log;\nevents { worker_connections 1024; }\nhttp { ${places}\n${ours} }\n`;
		await writeFile(path.join(folder, 'nginx.conf'), whole);
		return ['nginx', ['-e', path.join(folder, 'start.log'), '-p', folder, '-c', path.join(folder, 'nginx.conf')]];
	},
	caddy: async ({ folder, port, upstream, certificate, key }) => {
		const ours = changed(await readFile(path.join(PACKAGING, 'Caddyfile'), 'utf8'), [
			['127.0.0.1:8080', upstream],
			['kyc.example.com {', `https://localhost:${port} {\n\ttls ${certificate} ${key}\n\tbind 127.0.0.1`],
			['\n{\n', '\n{\n\tadmin off\n\tauto_https off\n'],
			['/var/log/caddy/', `${folder}/`],
		]);
		await writeFile(path.join(folder, 'Caddyfile'), ours);
		return ['caddy', ['run', '--adapter', 'caddyfile', '--config', path.join(folder, 'Caddyfile')]];
	},
};

function installed(program) {
	try {
		execFileSync('sh', ['-c', `command -v ${program}`], { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
		return true;
	} catch {
		return false;
	}
}

class Proxy {
	static async open(t, app, name, changes = []) {
		const it = new Proxy();
		it.folder = path.join(app.folder, name);
		it.port = await freePort();
		it.agent = new https.Agent({ keepAlive: true, maxSockets: 64 });
		const [certificate, key] = ['certificate.pem', 'key.pem'].map((file) => path.join(it.folder, file));
		await mkdir(path.join(it.folder, 'temp'), { recursive: true });
		execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
			'-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
		it.ca = await readFile(certificate);
		const [program, args] = await proxies[name]({ folder: it.folder, port: it.port, upstream: `127.0.0.1:${app.server.port}`, certificate, key, changes });
		it.said = '';
		it.child = spawn(program, args, { env: { PATH: `${process.env.PATH}:/usr/sbin`, HOME: it.folder }, stdio: ['ignore', 'pipe', 'pipe'] });
		for (const out of [it.child.stdout, it.child.stderr]) out.on('data', (piece) => (it.said += piece));
		it.ended = once(it.child, 'close');
		t.after(() => it.close());
		await until(`${name} to be ready`, () => it.call('GET', '/health/ready').then((answer) => answer.http === 200));
		return it;
	}

	async close() {
		this.agent.destroy();
		this.child.kill('SIGTERM');
		await within('the proxy\'s end', 10_000, this.ended).catch(() => this.child.kill('SIGKILL'));
	}

	/** `from`: the client's address on loopback. */
	call(method, where, { body, headers = {}, from, agent = this.agent } = {}) {
		const sent = body === undefined ? undefined : JSON.stringify(body);
		return new Promise((resolve, reject) => {
			const request = https.request({
				host: '127.0.0.1', servername: 'localhost', port: this.port, path: where, method, agent, ca: this.ca, timeout: 30_000, localAddress: from,
				headers: { host: 'localhost', ...headers, ...(sent && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }) },
			}, (response) => {
				let text = '';
				response.on('data', (piece) => (text += piece));
				response.on('error', reject);
				response.on('end', () => {
					const json = response.headers['content-type']?.startsWith('application/json') ? JSON.parse(text) : undefined;
					resolve({ http: response.statusCode, headers: response.headers, text, json, word: json?.status });
				});
			});
			request.on('timeout', () => request.destroy(new Error(`no answer: ${method} ${where}`)));
			request.on('error', reject);
			request.end(sent);
		});
	}

	/** All that it wrote. */
	async written() {
		const files = (await readdir(this.folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile() && /\.log$/.test(entry.name));
		const texts = await Promise.all(files.map((entry) => readFile(path.join(this.folder, entry.name), 'utf8')));
		return [this.said, ...texts].join('\n');
	}
}

for (const name of Object.keys(proxies))
	test(`behind ${name}: calls go through, and no address or key is in its logs`, { skip: !installed(name) && `${name} is not installed` }, async (t) => {
		// Fewer connections for an address than the proxy opens: it is trusted, so they count for their clients alone.
		const app = await App.open(t, { settings: { KYCD_TRUSTED_PROXIES: '127.0.0.1', KYCD_MAX_CONNECTIONS_PER_ADDRESS: 2 } });
		const proxy = await Proxy.open(t, app, name);
		const key = { 'x-api-key': app.key };
		const email = newEmail('in.no.log');

		expect(await proxy.call('POST', '/kyc/prepare', { body: { email }, headers: key }), 201, 'user_prepared');
		const through = expect(await proxy.call('GET', `/kyc/status?email=${encodeURIComponent(email)}`, { headers: key }), 404, 'kyc_not_found');
		assert.match(through.headers['x-request-id'], /^[0-9a-z]{20,}$/);
		expect(await proxy.call('GET', `/kyc/status?email=${email}`), 401);
		expect(await proxy.call('GET', `/nowhere?email=${email}`, { headers: key }), 404, 'route_not_found');
		expect(await proxy.call('POST', '/kyc/prepare', { body: { email, more: 'x'.repeat(70_000) }, headers: key }), 413, 'payload_too_large');

		const many = await Promise.all(Array.from({ length: 32 }, (_, i) =>
			proxy.call('POST', '/kyc/prepare', { body: { email: newEmail() }, headers: { ...key, 'x-forwarded-for': '203.0.113.1' }, from: `127.0.1.${i + 1}` })));
		for (const answer of many) expect(answer, 201, 'user_prepared');

		// Gone, and back: what the proxy says meanwhile is in the envelope too.
		await app.server.stop();
		const gone = expect(await proxy.call('GET', `/kyc/status?email=${email}`, { headers: key }), 503, 'unavailable');
		assert.equal(gone.headers['retry-after'], '5');
		expect(await proxy.call('POST', '/kyc/prepare', { body: { email }, headers: key }), 503, 'unavailable');
		await app.server.start();
		await until('calls to go through again', async () => (await proxy.call('GET', `/kyc/status?email=${email}`, { headers: key })).http === 404);

		const all = await until('the log', async () => {
			const text = await proxy.written();
			return text.includes('/kyc/status') && text.includes('/nowhere') && text;
		});
		assert.ok(all.includes(through.headers['x-request-id']) || name === 'caddy', 'the request\'s id joins both logs');
		for (const secret of [email, email.split('@')[0], encodeURIComponent(email), '@example', app.key, app.key.slice(-20)]) assert.ok(!all.includes(secret), `${secret} in the log`);
	});

for (const name of ['without one', ...Object.keys(proxies)])
	test(`kycd holds one client to its share: ${name}`, { skip: name in proxies && !installed(name) && `${name} is not installed` }, async (t) => {
		// A proxy that is not there is played by calls from an address that is trusted.
		const settings = { KYCD_TRUSTED_PROXIES: '127.0.0.1', KYCD_DIDIT_TIMEOUT: 30, KYCD_MAX_CONNECTIONS_PER_ADDRESS: 4 };
		const app = await App.open(t, { settings });
		const proxy = name in proxies && (await Proxy.open(t, app, name));
		const headers = { 'x-api-key': app.key };
		const ask = (method, where, from, body) => proxy ? proxy.call(method, where, { body, headers, from })
			: app.server.call(method, where, { body, headers: { ...headers, 'x-forwarded-for': from } });
		const people = await Promise.all(Array.from({ length: 5 }, () => app.proven(newEmail())));
		app.didit.hold = true;
		const creates = people.map((email) => ask('POST', '/kyc/create/verify_public_kyc', '127.0.0.3', { email }));
		const first = expect(await within('one to be refused', 20_000, Promise.race(creates)), 503, 'unavailable');
		assert.equal(first.headers['retry-after'], '1');
		expect(await ask('GET', '/health/ready', '127.0.0.3'), 503, 'unavailable');
		expect(await ask('GET', '/health/ready', '127.0.0.4'), 200);
		app.didit.release();
		const answers = await Promise.all(creates);
		assert.deepEqual([answers.filter(({ http }) => http === 503).length, answers.filter(({ http }) => http === 201).length], [1, 4]);
		expect(await ask('GET', '/health/ready', '127.0.0.3'), 200);
	});

test('nginx holds one client to its share', { skip: !installed('nginx') && 'nginx is not installed' }, async (t) => {
	const app = await App.open(t, { settings: { KYCD_TRUSTED_PROXIES: '127.0.0.1', KYCD_DIDIT_TIMEOUT: 30 } });
	const proxy = await Proxy.open(t, app, 'nginx', [['limit_conn kycd_clients 256;', 'limit_conn kycd_clients 8;']]);
	const headers = { 'x-api-key': app.key };
	const people = await Promise.all(Array.from({ length: 9 }, () => app.proven(newEmail())));
	app.didit.hold = true;
	const agent = new https.Agent({ keepAlive: false, maxSockets: Infinity });
	const creates = people.map((email) => proxy.call('POST', '/kyc/create/verify_public_kyc', { body: { email }, headers, agent, from: '127.0.0.3' }));
	const first = await within('one to be refused', 20_000, Promise.race(creates));
	expect(first, 503, 'unavailable');
	expect(await proxy.call('GET', '/health/ready', { agent, from: '127.0.0.4' }), 200);
	app.didit.release();
	const answers = await Promise.all(creates);
	assert.deepEqual([answers.filter(({ http }) => http === 503).length, answers.filter(({ http }) => http === 201).length], [1, 8]);
});
