// Measures verify-otp with the right code at 100 a second, alone and beside operators who read pages of the console:
//
//	KYCD=build/kycd node bench/console_traffic.mjs
//
// Prints `name value unit` lines. Environment:
//	BENCH_RATE     verify-otp calls a second (100)
//	BENCH_PAGES    pages of the console a second (10)
//	BENCH_SECONDS  length of each of the two measurements (20)
//	BENCH_ROUNDS   how often the two take turns (3)
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const number = (name, otherwise) => Number(process.env[name] ?? otherwise);
const RATE = number('BENCH_RATE', 100);
const PAGE_RATE = number('BENCH_PAGES', 10);
const SECONDS = number('BENCH_SECONDS', 20);
const ROUNDS = number('BENCH_ROUNDS', 3);
const SETUP_CALLS = 32;

process.env.KYCD ??= path.join(path.dirname(fileURLToPath(import.meta.url)), '../build/kycd');
const { App, expect, newEmail } = await import('../tests/e2e/lib/app.mjs');
const { ConsoleClient } = await import('../tests/e2e/lib/console.mjs');
const { median, until } = await import('../tests/e2e/lib/wait.mjs');
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
const closing = [];

/** Prepares people who have a code; resolves to [{ email, code }, …]. */
async function preparePeople(app, n) {
	const before = app.mailServer.messages.length;
	const remaining = Array.from({ length: n }, () => newEmail('bench'));
	await Promise.all(Array.from({ length: SETUP_CALLS }, async () => {
		while (remaining.length > 0) {
			const email = remaining.pop();
			expect(await app.prepare(email, { agent }), 201);
			expect(await app.send(email, { agent }), 201);
		}
	}));
	await until('all codes to arrive', () => app.mailServer.messages.length === before + n, 300_000);
	return app.mailServer.messages.slice(before).map(({ to, code }) => ({ email: to[0], code }));
}

/** Calls `call(i)` at a rate, without waiting for answers. Resolves to the durations in milliseconds, sorted. */
async function atRate(rate, n, call) {
	const began = performance.now();
	const durations = [];
	const running = [];
	for (let i = 0; i < n; i++) {
		const wait = began + (i * 1000) / rate - performance.now();
		if (wait > 1) await new Promise((resolve) => { setTimeout(resolve, wait); });
		const due = began + (i * 1000) / rate;
		running.push(call(i).then(() => durations.push(performance.now() - due)));
	}
	await Promise.all(running);
	return durations.sort((a, b) => a - b);
}

const p99 = (sorted) => sorted[Math.floor(sorted.length * 0.99)];

async function main() {
	const app = await App.open({ after: (close) => closing.push(close) }, { args: ['--dev'], settings: { KYCD_LOG: 'info' } });
	app.server.site = `http://localhost:${app.server.port}`;
	app.server.devLink = () => app.server.waitForLog(/\/console\/dev\/[\w-]{43}/);
	const client = await ConsoleClient.ofDev(app.server);
	const tenant = /name="tenant"[^>]*>[^]*?value="([a-z]+)"/.exec((await client.get('/console/people')).text)?.[1] ?? '';
	const pages = ['/console', `/console/people?tenant=${tenant}`, '/console/reviews', '/console/audit', '/console/webhooks', '/console/tenants', '/console/system'];
	const read = async (i) => {
		const { http: status, text } = await client.get(pages[i % pages.length]);
		if (status !== 200) throw new Error(`${pages[i % pages.length]}: ${status}\n${text}`);
	};
	const results = { alone: [], beside: [] };
	for (let round = 0; round < ROUNDS; round++) {
		for (const name of ['alone', 'beside']) {
			const people = await preparePeople(app, RATE * SECONDS);
			const verify = async (i) => expect(await app.verify(people[i].email, people[i].code, { agent }), 200);
			const [durations] = await Promise.all([
				atRate(RATE, people.length, verify),
				name === 'beside' ? atRate(PAGE_RATE, PAGE_RATE * SECONDS, read) : undefined,
			]);
			results[name].push(p99(durations));
			console.log(`verify_otp_${name}_p50 ${median(durations).toFixed(2)} ms`);
			console.log(`verify_otp_${name}_p99 ${p99(durations).toFixed(2)} ms`);
		}
	}
	console.log(`verify_otp_p99_ratio ${(median(results.beside) / median(results.alone)).toFixed(2)} times`);
}

try {
	await main();
} finally {
	for (const close of closing.reverse()) await close();
}
