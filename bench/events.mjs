// Measures webhook deliveries on SQLite: events are made by preparing people, and a receiver of its own process takes them. Prints
// `name value unit` lines; exits with 1 when an event is missing or a response is wrong. Everything is on loopback.
// Environment: BENCH_EVENT_SECONDS, the length of each measurement (10); BENCH_BACKLOG, the number of waiting deliveries (100000).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const seconds = Number(process.env.BENCH_EVENT_SECONDS ?? 10);
const backlog = Number(process.env.BENCH_BACKLOG ?? 100_000);

/** A receiver. It answers `status`, and reports the delay of each event between its timestamp and its arrival. */
function receive() {
	let status = workerData.status;
	let delays = [];
	const server = http.createServer((request, response) => {
		let body = '';
		request.on('data', (text) => { body += text; });
		request.on('end', () => {
			if (status === 204) delays.push(Date.now() - Date.parse(JSON.parse(body).timestamp));
			response.writeHead(status).end();
		});
	});
	server.keepAliveTimeout = 60_000;
	parentPort.on('message', (message) => {
		if (message.status) status = message.status;
		if (message.reset) delays = [];
		parentPort.postMessage({ n: delays.length, delays: message.all ? delays : undefined });
	});
	server.listen(0, '127.0.0.1', () => parentPort.postMessage({ port: server.address().port }));
}

class Receiver {
	static async start(status = 204) {
		const receiver = new Receiver();
		receiver.worker = new Worker(fileURLToPath(import.meta.url), { workerData: { status } });
		receiver.port = (await receiver.#next()).port;
		return receiver;
	}

	#next() {
		return new Promise((resolve) => { this.worker.once('message', resolve); });
	}

	/** Sends a command and resolves to the number of events that arrived, and with `all` to their delays. */
	ask(message = {}) {
		const answer = this.#next();
		this.worker.postMessage(message);
		return answer;
	}
}

const quantile = (list, share) => {
	const sorted = [...list].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
};

function report(name, delays) {
	for (const [suffix, share] of [['p50', 0.5], ['p95', 0.95], ['p99', 0.99], ['max', 1]]) console.log(`${name}_${suffix} ${quantile(delays, share)} ms`);
}

async function main() {
	process.env.KYCD ??= path.join(root, 'build/kycd');
	process.env.TMPDIR = mkdtempSync(path.join(root, 'build/events.'));
	const { App, expect, newEmail } = await import('../tests/e2e/lib/app.mjs');
	const { run } = await import('../tests/e2e/lib/kycd.mjs');
	const { until } = await import('../tests/e2e/lib/wait.mjs');
	const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
	const closing = [];
	const settings = {
		KYCD_RATE_PER_SECOND: 1_000_000, KYCD_RATE_PER_MINUTE: 1_000_000, KYCD_LOG: 'warn', KYCD_MAX_CONNECTIONS_PER_ADDRESS: 1024,
		KYCD_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', KYCD_ALLOW_WEAK: 1,
	};
	const memory = (app) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${app.server.child.pid}/status`, 'utf8'))[1]) / 1024;

	/** Prepares `rate` people a second for `time` seconds; resolves to the number of events that this makes. */
	async function prepareAtRate(app, rate, time) {
		const began = performance.now();
		const running = [];
		for (let i = 0; i < rate * time; i++) {
			const wait = began + (i * 1000) / rate - performance.now();
			if (wait > 1) await new Promise((resolve) => { setTimeout(resolve, wait); });
			running.push(app.prepare(newEmail('bench'), { agent }).then((answer) => expect(answer, 201)));
		}
		await Promise.all(running);
		return running.length;
	}

	try {
		const app = await App.open({ after: (close) => closing.push(close) }, { settings, tenant: null });
		await app.server.run('tenant', 'add', 'shop');
		app.key = await app.server.run('key', 'create', '--tenant', 'shop', '--scope', 'kyc:write', '--scope', 'events:read');
		const receiver = await Receiver.start();
		closing.push(() => receiver.worker.terminate());
		await app.server.run('endpoint', 'add', '--tenant', 'shop', '--url', `http://127.0.0.1:${receiver.port}/`, '--type', 'user.*');
		console.log(`memory_start ${memory(app).toFixed(1)} MiB`);

		for (const rate of [100, 1000]) {
			await receiver.ask({ reset: true });
			const began = performance.now();
			const n = await prepareAtRate(app, rate, seconds);
			await until(`${n} events`, async () => (await receiver.ask()).n >= n, 120_000);
			const { delays } = await receiver.ask({ all: true });
			console.log(`events_${rate}_rate ${(n / ((performance.now() - began) / 1000)).toFixed(0)} events/s`);
			report(`events_${rate}`, delays);
			console.log(`events_${rate}_duplicates ${delays.length - n} count`);
		}

		// A backlog for an endpoint that was down, beside an endpoint of another tenant that works.
		await app.server.run('tenant', 'add', 'bank');
		const slow = await Receiver.start(500);
		closing.push(() => slow.worker.terminate());
		const endpoint = JSON.parse(await app.server.run('endpoint', 'add', '--tenant', 'bank', '--url', `http://127.0.0.1:${slow.port}/`, '--type', '*', '--json')).id;
		await app.server.run('endpoint', 'disable', endpoint);
		const bank = Object.create(app, { key: { value: await app.server.run('key', 'create', '--tenant', 'bank', '--scope', 'kyc:write') } });
		await Promise.all(Array.from({ length: 64 }, async (_, worker) => {
			for (let i = worker; i < backlog; i += 64) expect(await bank.prepare(newEmail('backlog'), { agent }), 201);
		}));
		await slow.ask({ status: 204, reset: true });
		await receiver.ask({ reset: true });
		const quiet = await prepareAtRate(app, 50, seconds);
		await until(`${quiet} events`, async () => (await receiver.ask()).n >= quiet);
		report('beside_nothing', (await receiver.ask({ all: true })).delays);

		await app.server.run('endpoint', 'enable', endpoint);
		const resend = performance.now();
		const { settings: used, folder } = app.server;
		const command = await run(['event', 'resend', '--since', '2000-01-01T00:00:00Z', '--endpoint', endpoint, '--json'], { settings: used, folder, limit: 600_000 });
		const { queued } = JSON.parse(command.stdout);
		console.log(`backlog_queued ${queued} count`);
		console.log(`backlog_queued_rate ${(queued / ((performance.now() - resend) / 1000)).toFixed(0)} events/s`);
		if (queued !== backlog) throw new Error(`resend queued ${queued} events instead of ${backlog}`);
		await receiver.ask({ reset: true });
		const began = performance.now();
		const beside = await prepareAtRate(app, 50, seconds);
		console.log(`memory_backlog ${memory(app).toFixed(1)} MiB`);
		await until(`${beside} events`, async () => (await receiver.ask()).n >= beside, 60_000);
		report('beside_backlog', (await receiver.ask({ all: true })).delays);
		await until(`${queued} events of the backlog`, async () => (await slow.ask()).n >= queued, 600_000);
		console.log(`backlog_drained ${queued} count`);
		console.log(`backlog_rate ${(queued / ((performance.now() - began) / 1000)).toFixed(0)} events/s`);
		console.log(`memory_end ${memory(app).toFixed(1)} MiB`);

		// Calls that wait for an event, one connection each.
		const before = memory(app);
		const waiting = new http.Agent({ keepAlive: true, maxSockets: 256 });
		const cursor = (await app.call('GET', '/v1/events?after=now', { agent })).data.next_after;
		const calls = Array.from({ length: 256 }, () => app.call('GET', `/v1/events?after=${cursor}&wait=5`, { agent: waiting }));
		await new Promise((resolve) => { setTimeout(resolve, 2000); });
		console.log(`waiting_256_memory ${(memory(app) - before).toFixed(1)} MiB`);
		await Promise.all(calls);
		waiting.destroy();
	} catch (error) {
		console.error(`# events: ${error.stack}`);
		process.exitCode = 1;
	} finally {
		agent.destroy();
		for (const close of closing.reverse()) await close();
		rmSync(process.env.TMPDIR, { recursive: true, force: true });
	}
}

if (isMainThread) await main();
else receive();
