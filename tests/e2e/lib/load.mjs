// Two instances of kycd on one PostgreSQL server, continuous load on both, and the checks that must hold after any fault of the
// PostgreSQL server. The clock of the second instance is five minutes ahead.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { App, newEmail, wrongCode } from './app.mjs';
import { call } from './http.mjs';
import { Server } from './kycd.mjs';
import { until } from './wait.mjs';

const CLOCK_OFFSET_S = 300;
const CALLERS = 4;
const CODE_ATTEMPTS = 5;
const CLOCK_SOURCE = `#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *t)
{
	const long done = syscall(SYS_clock_gettime, id, t);
	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
		t->tv_sec += ${CLOCK_OFFSET_S};
	return (int)done;
}
`;

/** Returns a command line that runs a program whose wall clock is CLOCK_OFFSET_S seconds ahead. */
async function buildClockOffsetCommand(folder) {
	await writeFile(path.join(folder, 'clock.c'), CLOCK_SOURCE);
	execFileSync('cc', ['-shared', '-fPIC', '-o', 'clock.so', 'clock.c'], { cwd: folder });
	return ['env', `LD_PRELOAD=${path.join(folder, 'clock.so')}`, `ASAN_OPTIONS=${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`];
}

/**
 * CALLERS concurrent callers. Each takes one person after another through all steps up to a session, sends its requests to the
 * instances in turn, repeats those that are answered with 503, and records the other answers.
 */
class Load {
	constructor(app, servers) {
		Object.assign(this, { app, servers, people: [], unavailable: 0, retryAfter: [], unexpected: [], running: true, turn: 0 });
		this.finished = Promise.all(Array.from({ length: CALLERS }, () => this.#caller()));
	}

	/** The number of people who have a session. */
	get done() {
		return this.people.filter((person) => person.session).length;
	}

	async #callUntilAvailable(where, body, words) {
		for (;;) {
			const server = this.servers[this.turn++ % this.servers.length];
			const answer = await server.call('POST', where, { body, headers: { 'x-api-key': this.app.key } });
			if (answer.http !== 503) {
				if (!words.includes(answer.word)) this.unexpected.push(`${where}: ${answer.http} ${answer.text}`);
				return answer;
			}
			this.unavailable += 1;
			this.retryAfter.push(Number(answer.headers['retry-after']));
			if (!this.running) return answer;
			await pause(50); // the caller's delay between two attempts, not a wait for a condition
		}
	}

	async #caller() {
		while (this.running && this.unexpected.length === 0) {
			const person = { email: newEmail('pg') };
			this.people.push(person);
			for (const [name, step] of Object.entries(this.#steps(person))) {
				const answer = await step();
				if (answer.http >= 300) break;
				person[name] = answer;
			}
		}
	}

	#steps({ email }) {
		return {
			prepared: () => this.#callUntilAvailable('/kyc/prepare', { email }, ['user_prepared', 'user_already_prepared']),
			sent: () => this.#callUntilAvailable('/security/email/send-otp', { email }, ['otp_sent']),
			verified: () => this.#verify({ email }),
			session: () => this.#callUntilAvailable('/kyc/create/verify_public_kyc', { email }, ['kyc_session_created']),
		};
	}

	/**
	 * Waits for messages to an address, and requests a code again if none arrives within 3 s. This is needed if the answer to
	 * the lease of a message was lost, because that message is then sent only half a minute later.
	 */
	async #messages(email) {
		const messages = () => this.app.mailServer.messagesTo(email);
		for (let i = 0; i < 10; i++) {
			try {
				return await until(`a message to ${email}`, () => messages().length > 0 && messages(), 3_000);
			} catch {
				await this.#callUntilAvailable('/security/email/send-otp', { email }, ['otp_sent']);
			}
		}
		throw new Error(`no message to ${email}`);
	}

	/**
	 * Tries the received codes, the newest first. There may be a newer code than the last one that was answered with 201: a request that
	 * was answered with 503 has created a code if only the answer to its COMMIT was lost.
	 */
	async #verify({ email }) {
		for (let i = 0; i < 20; i++) {
			for (const { code } of (await this.#messages(email)).reverse()) {
				const answer = await this.#callUntilAvailable('/security/email/verify-otp', { email, code }, ['email_verified', 'email_already_verified', 'otp_invalid']);
				if (answer.word !== 'otp_invalid') return answer;
			}
			await pause(250); // the message with a newer code is being sent
		}
		throw new Error(`none of the codes verifies ${email}`);
	}

	/** Waits for `more` further answers with status 503. */
	waitForUnavailable(more, limit) {
		const from = this.unavailable;
		return until(`${more} more answers with status 503`, () => this.unavailable >= from + more, limit);
	}

	/** Waits until `more` further people have a session, or an answer was unexpected. */
	waitForDone(more, limit = 20_000) {
		const from = this.done;
		return until(`${more} more people to have a session`, () => this.unexpected.length > 0 || this.done >= from + more, limit);
	}
}

/** Sends wrong codes until kycd answers otp_max_attempts. Resolves to the number of answers otp_invalid, at most CODE_ATTEMPTS. */
async function guessCodes(app, server, email, code) {
	let judged = 0;
	for (let i = 1; ; i++) {
		const { word, http } = await server.call('POST', '/security/email/verify-otp', { body: { email, code: wrongCode(code, i) }, headers: { 'x-api-key': app.key } });
		if (word === 'otp_max_attempts') return judged;
		assert.ok(http === 503 || word === 'otp_invalid', `${http} ${word}`);
		if (word === 'otp_invalid') judged += 1;
		assert.ok(judged <= CODE_ATTEMPTS, 'more codes were checked than allowed');
		await pause(100);
	}
}

/**
 * Two instances with load on them, which continues until `stop` is called. Instances and load end with the test `t`. `pg`: the
 * Cluster; a test replaces it after a failover. `url`: the database URL of both instances.
 */
export class InstancePair {
	static async open(t, pg, url) {
		const pair = new InstancePair();
		pair.started = Date.now();
		pair.pg = pg;
		pair.app = await App.open(t, { settings: { KYCD_DATABASE: url, KYCD_OTP_SEND_BURST: 20, KYCD_OTP_ATTEMPTS: CODE_ATTEMPTS } });
		pair.other = new Server({ folder: pair.app.folder, settings: pair.app.server.givenSettings, under: await buildClockOffsetCommand(pair.app.folder) });
		t.after(() => pair.other.kill());
		await pair.other.start();
		pair.servers = [pair.app.server, pair.other];
		pair.load = new Load(pair.app, pair.servers);
		return pair;
	}

	async stop() {
		this.load.running = false;
		await this.load.finished;
	}
}

/**
 * Injects a fault under load and repairs it, and checks that the instances answer 503 meanwhile (or, with `fault.serves`, that this many
 * people still get a session) and then continue. `fault`: functions `inject` and `repair`, which receive the Cluster; `logs`: a pattern
 * that must appear in a log.
 */
export async function runWithFault(t, { app, pg, servers, load }, fault) {
	const email = newEmail('guesser');
	const code = await app.requestCode(email);
	const guesses = guessCodes(app, servers[1], email, code);
	guesses.catch(() => {});
	await load.waitForDone(3);
	const logLengths = servers.map((server) => server.log.length);
	await fault.inject(pg);
	try {
		await (fault.serves ? load.waitForDone(fault.serves) : load.waitForUnavailable(CALLERS, 25_000));
	} finally {
		await fault.repair(pg);
	}
	const began = performance.now();
	await load.waitForDone(2 * CALLERS);
	for (const server of servers) await until('every instance to be ready', async () => (await call(`${server.base}/health/ready`)).http === 200, 15_000);
	t.diagnostic(`${2 * CALLERS} more people had a session ${Math.round(performance.now() - began)} ms after the repair; ${await guesses} wrong codes were checked`);
	assert.deepEqual(load.unexpected, []);
	const newLog = servers.map((server, i) => server.log.slice(logLengths[i])).join('');
	if (fault.logs) assert.ok(fault.logs.test(newLog), `${fault.logs} is not in the log`);
}

/** Checks that no acknowledged change was lost and that nothing was counted, created or sent twice. Returns totals. */
export async function assertConsistent({ app, pg, servers, load, started }) {
	const { people } = load;
	for (const { email, verified, session } of people) {
		if (!verified) continue;
		const { data } = await app.prepare(email);
		assert.equal(data.email_verified, true, `${email} was verified`);
		if (session) assert.equal((await app.create(email)).data.session.session_id, session.data.session.session_id, email);
	}
	// As long as an effect is not done, its message may be sent again.
	await until('all messages to be done', async () => (await pg.query('SELECT count(*) FROM effects WHERE done = 0', 'app')) === '0', 40_000);
	const ids = app.mailServer.messages.map(({ id }) => id);
	const duplicates = ids.length - new Set(ids).size;
	for (const { email, sent } of people) if (sent) assert.ok(app.mailServer.messagesTo(email).length >= 1, `${email} received no message`);
	assert.equal(duplicates, 0, 'messages that were sent twice');
	// Each unit of the quota belongs to one session, and each session to a different person.
	const units = Number(await pg.query('SELECT sum(used) FROM quotas', 'app'));
	const sessions = Number(await pg.query('SELECT count(*) FROM sessions', 'app'));
	const persons = Number(await pg.query('SELECT count(DISTINCT user_id) FROM sessions', 'app'));
	assert.deepEqual([units, persons], [sessions, sessions]);
	assert.ok(sessions >= load.done);
	assert.ok(load.retryAfter.every((seconds) => seconds >= 1 && seconds <= 60), `Retry-After: ${[...new Set(load.retryAfter)]}`);
	// The instance whose clock is ahead did not store any timestamp of the future.
	const [first, last] = (await pg.query('SELECT min(created_at), max(created_at) FROM users', 'app')).split('|').map(Number);
	assert.ok(first >= started - 2000 && last <= Date.now() + 2000, `${first} ${last} ${Date.now()}`);
	assert.match(/event=clock_set ms=\S+/.exec(servers[1].log)?.[0] ?? 'nothing', new RegExp(`ms=-(${CLOCK_OFFSET_S - 1}|${CLOCK_OFFSET_S})\\d{3}`));
	return { people: people.length, unavailable: load.unavailable, messages: ids.length, duplicates, sessions };
}

