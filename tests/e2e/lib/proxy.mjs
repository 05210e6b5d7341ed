// nginx and Caddy with their configuration files in packaging/, in front of the kycd of a test.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './http.mjs';
import { until, within } from './wait.mjs';

const PACKAGING = fileURLToPath(new URL('../../../packaging/', import.meta.url));

/** Replaces each text in a configuration file. Fails if the file does not contain it, because then this test needs an update. */
function adapt(text, changes) {
	for (const [from, to] of changes) {
		assert.ok(text.includes(from), `the file contains ${from}`);
		text = text.replaceAll(from, to);
	}
	return text;
}

/** The text of a configuration file of packaging/, changed so that it runs in the test's folder. */
const nginxText = async (file, host, from, { folder, port, upstream, certificate, key, changes = [] }) => adapt(await readFile(path.join(PACKAGING, file), 'utf8'), [
	['listen 443 ssl http2', `listen 127.0.0.1:${port} ssl http2`],
	['\tlisten [::]:443 ssl http2;\n', ''],
	[from, upstream],
	[`/etc/letsencrypt/live/${host}/fullchain.pem`, certificate],
	[`/etc/letsencrypt/live/${host}/privkey.pem`, key],
	['/var/log/nginx/', `${folder}/`],
	...changes,
]);
const caddyText = async (file, host, from, { folder, port, upstream, certificate, key }) => adapt(await readFile(path.join(PACKAGING, file), 'utf8'), [
	[from, upstream],
	[`${host} {`, `https://localhost:${port} {\n\ttls ${certificate} ${key}\n\tbind 127.0.0.1`],
	['/var/log/caddy/', `${folder}/`],
]);

/** With `consolePort`, the proxy also serves the console there, whose listener is `consoleUpstream`. */
export const proxies = {
	nginx: async (conf) => {
		const { folder, consolePort, consoleUpstream } = conf;
		let adapted = await nginxText('nginx.conf', 'kyc.example.com', '127.0.0.1:8080', conf);
		if (consolePort) adapted += await nginxText('nginx-console.conf', 'console.example.com', '127.0.0.1:8082', { ...conf, port: consolePort, upstream: consoleUpstream, changes: [] });
		const temporaryPaths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/temp;`).join(' ');
		const config = `daemon off; pid ${folder}/pid; worker_processes 1; error_log ${folder}/start.log;\nevents { worker_connections 1024; }\nhttp { ${temporaryPaths}\n${adapted} }\n`;
		await writeFile(path.join(folder, 'nginx.conf'), config);
		return ['nginx', ['-e', path.join(folder, 'start.log'), '-p', folder, '-c', path.join(folder, 'nginx.conf')]];
	},
	caddy: async (conf) => {
		const { folder, consolePort, consoleUpstream } = conf;
		let adapted = adapt(await caddyText('Caddyfile', 'kyc.example.com', '127.0.0.1:8080', conf), [['\n{\n', '\n{\n\tadmin off\n\tauto_https off\n']]);
		if (consolePort) adapted += await caddyText('Caddyfile-console', 'console.example.com', '127.0.0.1:8082', { ...conf, port: consolePort, upstream: consoleUpstream });
		await writeFile(path.join(folder, 'Caddyfile'), adapted);
		return ['caddy', ['run', '--adapter', 'caddyfile', '--config', path.join(folder, 'Caddyfile')]];
	},
};

export function installed(program) {
	try {
		execFileSync('sh', ['-c', `command -v ${program}`], { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
		return true;
	} catch {
		return false;
	}
}

export class Proxy {
	/** `console`: {port, upstream}: the port at which the proxy serves the console, and the address of its listener. */
	static async open(t, app, name, changes = [], console = {}) {
		const proxy = new Proxy();
		proxy.folder = path.join(app.folder, name);
		proxy.port = await freePort();
		proxy.agent = new https.Agent({ keepAlive: true, maxSockets: 64 });
		const [certificate, key] = ['certificate.pem', 'key.pem'].map((file) => path.join(proxy.folder, file));
		await mkdir(path.join(proxy.folder, 'temp'), { recursive: true });
		execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost',
			'-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
		proxy.ca = await readFile(certificate);
		const [program, args] = await proxies[name]({
			folder: proxy.folder, port: proxy.port, upstream: `127.0.0.1:${app.server.port}`, certificate, key, changes, consolePort: console.port, consoleUpstream: console.upstream,
		});
		proxy.output = '';
		proxy.child = spawn(program, args, { env: { PATH: `${process.env.PATH}:/usr/sbin`, HOME: proxy.folder }, stdio: ['ignore', 'pipe', 'pipe'] });
		for (const out of [proxy.child.stdout, proxy.child.stderr]) out.on('data', (piece) => (proxy.output += piece));
		proxy.ended = once(proxy.child, 'close');
		t.after(() => proxy.close());
		await until(`${name} to be ready`, () => proxy.call('GET', '/health/ready').then((answer) => answer.http === 200));
		return proxy;
	}

	async close() {
		this.agent.destroy();
		this.child.kill('SIGTERM');
		await within('the exit of the proxy', 10_000, this.ended).catch(() => this.child.kill('SIGKILL'));
	}

	/** `from`: the client's address on loopback. */
	call(method, where, { body, headers = {}, from, agent = this.agent, port = this.port } = {}) {
		const sent = body === undefined ? undefined : JSON.stringify(body);
		return new Promise((resolve, reject) => {
			const request = https.request({
				host: '127.0.0.1', servername: 'localhost', port, path: where, method, agent, ca: this.ca, timeout: 30_000, localAddress: from,
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
			request.on('timeout', () => request.destroy(new Error(`no answer to ${method} ${where}`)));
			request.on('error', reject);
			request.end(sent);
		});
	}

	/** Returns the proxy's output and the content of its log files. */
	async allLogs() {
		const files = (await readdir(this.folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile() && /\.log$/.test(entry.name));
		const texts = await Promise.all(files.map((entry) => readFile(path.join(this.folder, entry.name), 'utf8')));
		return [this.output, ...texts].join('\n');
	}
}
