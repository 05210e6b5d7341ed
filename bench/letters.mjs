// Measures the way of a letter: from the 201 of send-otp to the mail server's acceptance at 20 a second, and verify-otp at 100 a
// second. The real program with a real SMTP server and keys, everything on loopback, the database on the disk of the build folder.
// Prints `name value unit`; ends with 1 when an answer or a letter is missing. BENCH_LETTER_SECONDS: the length of each (10).
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const seconds = Number(process.env.BENCH_LETTER_SECONDS ?? 10);
const SENDS = 20; // a second
const VERIFIES = 100;
const AT_ONCE = 16;

process.env.KYCD ??= path.join(root, 'build/kycd');
process.env.TMPDIR = mkdtempSync(path.join(root, 'build/letters.'));
const { House, expect, somebody } = await import('../tests/e2e/lib/house.mjs');
const { until } = await import('../tests/e2e/lib/wait.mjs');

const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
const limits = { KYCD_RATE_PER_SECOND: 1_000_000, KYCD_RATE_PER_MINUTE: 1_000_000, KYCD_LOG: 'warn', KYCD_MAIL_RETRY: 10 };
const options = { agent };

function quantile(sorted, share) {
	return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}

function tell(name, times) {
	const sorted = [...times].sort((a, b) => a - b);
	for (const [word, share] of [['p50', 0.5], ['p99', 0.99], ['max', 1]]) console.log(`${name}_${word} ${quantile(sorted, share).toFixed(2)} ms`);
}

/** `act` for each of `things`, `rate` a second, whatever the answers take. */
async function steadily(things, rate, act) {
	const began = performance.now();
	const running = [];
	for (const [i, thing] of things.entries()) {
		const wait = began + (i * 1000) / rate - performance.now();
		if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
		running.push(act(thing));
	}
	return Promise.all(running);
}

async function quickly(things, act) {
	const left = [...things];
	await Promise.all(Array.from({ length: AT_ONCE }, async () => {
		while (left.length > 0) await act(left.pop());
	}));
}

async function measure(house) {
	const people = Array.from({ length: VERIFIES * seconds }, () => somebody('bench'));
	const measured = people.slice(0, SENDS * seconds);
	const letters = new Map();
	const codes = () => {
		for (const letter of house.postbox.letters.slice(letters.size)) letters.set(letter.to[0], letter);
		return letters;
	};

	await quickly(people, async (email) => expect(await house.prepare(email, options), 201));
	const promised = new Map();
	await steadily(measured, SENDS, async (email) => {
		expect(await house.send(email, options), 201);
		promised.set(email, performance.now());
	});
	await until('all letters', () => codes().size === measured.length);
	tell('letter', measured.map((email) => Math.max(0, letters.get(email).taken - promised.get(email))));
	await quickly(people.slice(measured.length), async (email) => expect(await house.send(email, options), 201));
	await until('all codes', () => codes().size === people.length, 60_000);
	// What the machine makes of a flush of 4 KiB and of a call that does nothing, at the same pace: beside them the next is to be read.
	const few = people.slice(0, VERIFIES * Math.min(3, seconds));
	const file = await open(path.join(process.env.TMPDIR, 'flush'), 'a');
	const page = Buffer.alloc(4096, 'x');
	tell(`flush_${VERIFIES}`, await steadily(few, VERIFIES, async () => {
		const began = performance.now();
		await file.write(page);
		await file.datasync();
		return performance.now() - began;
	}));
	await file.close();
	const idle = await steadily(few, VERIFIES, () => house.call('GET', '/health/live', options));
	tell(`alive_${VERIFIES}`, idle.map(({ ms }) => ms));
	const answers = await steadily(people, VERIFIES, (email) => house.verify(email, letters.get(email).code, options));
	for (const answer of answers) expect(answer, 200, 'email_verified');
	tell(`verify_${VERIFIES}`, answers.map(({ ms }) => ms));
	console.log(`letters_sent ${house.postbox.letters.length} count`);
}

const closing = [];
try {
	const house = await House.open({ after: (close) => closing.push(close) }, { settings: limits });
	await measure(house);
} catch (trouble) {
	console.error(`# letters: ${trouble.message}`);
	process.exitCode = 1;
} finally {
	agent.destroy();
	for (const close of closing.reverse()) await close();
	rmSync(process.env.TMPDIR, { recursive: true, force: true });
}
