// Measures the delivery of e-mails, from the 201 of send-otp until the mail server accepts the message, at 20 a second; and the
// duration of verify-otp at 100 a second. Runs kycd with a real SMTP server and API keys, everything on loopback, the database on
// the disk of the build folder. Prints `name value unit` lines; exits with 1 when a response or a message is missing.
// Environment: BENCH_MAIL_SECONDS, the length of each measurement (10).
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const seconds = Number(process.env.BENCH_MAIL_SECONDS ?? 10);
const SENDS = 20; // per second
const VERIFIES = 100; // per second
const CONNECTIONS = 16;

process.env.KYCD ??= path.join(root, 'build/kycd');
process.env.TMPDIR = mkdtempSync(path.join(root, 'build/mail-latency.'));
const { App, expect, newEmail } = await import('../tests/e2e/lib/app.mjs');
const { until } = await import('../tests/e2e/lib/wait.mjs');

const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const limits = { KYCD_RATE_PER_SECOND: 1_000_000, KYCD_RATE_PER_MINUTE: 1_000_000, KYCD_LOG: 'warn', KYCD_MAIL_RETRY: 10 };
const options = { agent };

function quantile(sorted, share) {
	return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}

function report(name, durations) {
	const sorted = [...durations].sort((a, b) => a - b);
	for (const [suffix, share] of [['p50', 0.5], ['p99', 0.99], ['max', 1]]) console.log(`${name}_${suffix} ${quantile(sorted, share).toFixed(2)} ms`);
}

/** Calls `act` for each item, `rate` times a second, without waiting for earlier calls to finish. */
async function runAtRate(items, rate, act) {
	const began = performance.now();
	const running = [];
	for (const [i, item] of items.entries()) {
		const wait = began + (i * 1000) / rate - performance.now();
		if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
		running.push(act(item));
	}
	return Promise.all(running);
}

async function runAtFullSpeed(items, act) {
	const remaining = [...items];
	await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
		while (remaining.length > 0) await act(remaining.pop());
	}));
}

async function measure(app) {
	const people = Array.from({ length: VERIFIES * seconds }, () => newEmail('bench'));
	const measured = people.slice(0, SENDS * seconds);
	const mails = new Map(); // by recipient
	const receivedMails = () => {
		for (const mail of app.mailServer.messages.slice(mails.size)) mails.set(mail.to[0], mail);
		return mails;
	};

	await runAtFullSpeed(people, async (email) => expect(await app.prepare(email, options), 201));
	const acceptedAt = new Map();
	await runAtRate(measured, SENDS, async (email) => {
		expect(await app.send(email, options), 201);
		acceptedAt.set(email, performance.now());
	});
	await until('all e-mails to arrive', () => receivedMails().size === measured.length);
	report('mail', measured.map((email) => Math.max(0, mails.get(email).acceptedAt - acceptedAt.get(email))));
	await runAtFullSpeed(people.slice(measured.length), async (email) => expect(await app.send(email, options), 201));
	await until('all codes to arrive', () => receivedMails().size === people.length, 60_000);
	// Measure two baselines for verify-otp at the same rate: a flush of 4 KiB to disk, and a request that only returns 200.
	const baselineRuns = people.slice(0, VERIFIES * Math.min(3, seconds));
	const file = await open(path.join(process.env.TMPDIR, 'flush'), 'a');
	const page = Buffer.alloc(4096, 'x');
	report(`flush_${VERIFIES}`, await runAtRate(baselineRuns, VERIFIES, async () => {
		const began = performance.now();
		await file.write(page);
		await file.datasync();
		return performance.now() - began;
	}));
	await file.close();
	const live = await runAtRate(baselineRuns, VERIFIES, () => app.call('GET', '/health/live', options));
	report(`live_${VERIFIES}`, live.map(({ ms }) => ms));
	const answers = await runAtRate(people, VERIFIES, (email) => app.verify(email, mails.get(email).code, options));
	for (const answer of answers) expect(answer, 200, 'email_verified');
	report(`verify_${VERIFIES}`, answers.map(({ ms }) => ms));
	console.log(`mails_sent ${app.mailServer.messages.length} count`);
}

const closing = [];
try {
	const app = await App.open({ after: (close) => closing.push(close) }, { settings: limits });
	await measure(app);
} catch (error) {
	console.error(`# mail_latency: ${error.message}`);
	process.exitCode = 1;
} finally {
	agent.destroy();
	for (const close of closing.reverse()) await close();
	rmSync(process.env.TMPDIR, { recursive: true, force: true });
}
