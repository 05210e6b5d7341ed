// Two instances of kycd on one PostgreSQL, one of whose clocks is five minutes ahead, the people who come to either, and what must
// hold of both, whatever happened to the server below them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { App, newEmail, wrong } from './app.mjs';
import { call } from './http.mjs';
import { Server } from './kycd.mjs';
import { until } from './wait.mjs';

const AHEAD = 300;
const CALLERS = 4;
const TRIES = 5;
const CLOCK = `#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *t)
{
	const long done = syscall(SYS_clock_gettime, id, t);
	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
		t->tv_sec += ${AHEAD};
	return (int)done;
}
`;

/** A command line that runs a program whose wall clock is ahead. */
async function ahead(folder) {
	await writeFile(path.join(folder, 'clock.c'), CLOCK);
	execFileSync('cc', ['-shared', '-fPIC', '-o', 'clock.so', 'clock.c'], { cwd: folder });
	return ['env', `LD_PRELOAD=${path.join(folder, 'clock.so')}`, `ASAN_OPTIONS=${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`];
}

/** People who come to either instance, insist until they hear an answer that is one, and remember what they heard. */
class Load {
	constructor(app, servers) {
		Object.assign(this, { app, servers, people: [], refusals: 0, waits: [], strange: [], going: true, turn: 0 });
		this.running = Promise.all(Array.from({ length: CALLERS }, () => this.#caller()));
	}

	get done() {
		return this.people.filter((person) => person.session).length;
	}

	async #insist(where, body, words) {
		for (;;) {
			const server = this.servers[this.turn++ % this.servers.length];
			const answer = await server.call('POST', where, { body, headers: { 'x-api-key': this.app.key } });
			if (answer.http !== 503) {
				if (!words.includes(answer.word)) this.strange.push(`${where}: ${answer.http} ${answer.text}`);
				return answer;
			}
			this.refusals += 1;
			this.waits.push(Number(answer.headers['retry-after']));
			if (!this.going) return answer;
			await pause(50); // a caller's own patience; nothing is awaited here
		}
	}

	async #caller() {
		while (this.going && this.strange.length === 0) {
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
			prepared: () => this.#insist('/kyc/prepare', { email }, ['user_prepared', 'user_already_prepared']),
			sent: () => this.#insist('/security/email/send-otp', { email }, ['otp_sent']),
			proven: () => this.#prove({ email }),
			session: () => this.#insist('/kyc/create/verify_public_kyc', { email }, ['kyc_session_created']),
		};
	}

	/** Asked for again by who waits in vain: a message taken in hand when the answer to its lease was lost comes half a minute later. */
	async #messages(email) {
		const messages = () => this.app.mailServer.messagesTo(email);
		for (let i = 0; i < 10; i++) {
			try {
				return await until(`a message to ${email}`, () => messages().length > 0 && messages(), 3_000);
			} catch {
				await this.#insist('/security/email/send-otp', { email }, ['otp_sent']);
			}
		}
		throw new Error(`no message to ${email}`);
	}

	/** The newest code first; a 503 may have been a code all the same, when the answer to its commit was lost. */
	async #prove({ email }) {
		for (let i = 0; i < 20; i++) {
			for (const { code } of (await this.#messages(email)).reverse()) {
				const answer = await this.#insist('/security/email/verify-otp', { email, code }, ['email_verified', 'email_already_verified', 'otp_invalid']);
				if (answer.word !== 'otp_invalid') return answer;
			}
			await pause(250); // its successor is on the way
		}
		throw new Error(`none of the codes proves ${email}`);
	}

	/** More refusals than there are now; more people served. */
	refused(more, limit) {
		const from = this.refusals;
		return until(`${more} answers 503`, () => this.refusals >= from + more, limit);
	}

	served(more, limit = 20_000) {
		const from = this.done;
		return until(`${more} more people to be served`, () => this.strange.length > 0 || this.done >= from + more, limit);
	}
}

/** Somebody who guesses wrongly, whatever happens: how many of the five tries they hear judged. */
async function guess(app, server, email, code) {
	let heard = 0;
	for (let i = 1; ; i++) {
		const { word, http } = await server.call('POST', '/security/email/verify-otp', { body: { email, code: wrong(code, i) }, headers: { 'x-api-key': app.key } });
		if (word === 'otp_max_attempts') return heard;
		assert.ok(http === 503 || word === 'otp_invalid', `${http} ${word}`);
		if (word === 'otp_invalid') heard += 1;
		assert.ok(heard <= TRIES, 'a try was given back');
		await pause(100);
	}
}

/**
 * The two, and callers who do not stop until `end` is called; all gone with `t`. `pg`: a Cluster, and where it is when that
 * changed; `url`: how they find it.
 */
export class Pair {
	static async open(t, pg, url) {
		const pair = new Pair();
		pair.started = Date.now();
		pair.pg = pg;
		pair.app = await App.open(t, { settings: { KYCD_DATABASE: url, KYCD_OTP_SEND_BURST: 20, KYCD_OTP_ATTEMPTS: TRIES } });
		pair.other = new Server({ folder: pair.app.folder, settings: pair.app.server.given, under: await ahead(pair.app.folder) });
		t.after(() => pair.other.kill());
		await pair.other.start();
		pair.servers = [pair.app.server, pair.other];
		pair.load = new Load(pair.app, pair.servers);
		return pair;
	}

	async end() {
		this.load.going = false;
		await this.load.running;
	}
}

/** `fault`: `breaks` and `mends` it; how many it `serves` meanwhile, if any; what the log `tells`. */
export async function endure(t, { app, pg, servers, load }, fault) {
	const email = newEmail('guesser');
	const code = await app.coded(email);
	const guesses = guess(app, servers[1], email, code);
	guesses.catch(() => {});
	await load.served(3);
	const logs = servers.map((server) => server.log.length);
	await fault.breaks(pg);
	try {
		await (fault.serves ? load.served(fault.serves) : load.refused(CALLERS, 25_000));
	} finally {
		await fault.mends(pg);
	}
	const began = performance.now();
	await load.served(2 * CALLERS);
	for (const server of servers) await until('each instance to be ready', async () => (await call(`${server.base}/health/ready`)).http === 200, 15_000);
	t.diagnostic(`served ${2 * CALLERS} again after ${Math.round(performance.now() - began)} ms; ${await guesses} guesses judged`);
	assert.deepEqual(load.strange, []);
	const told = servers.map((server, i) => server.log.slice(logs[i])).join('');
	if (fault.tells) assert.ok(fault.tells.test(told), `${fault.tells} is not in the log`);
}

/** What was acknowledged stands, and nothing is doubled. */
export async function judge({ app, pg, servers, load, started }) {
	const { people } = load;
	for (const { email, proven, session } of people) {
		if (!proven) continue;
		const { data } = await app.prepare(email);
		assert.equal(data.email_verified, true, `${email} was proven`);
		if (session) assert.equal((await app.create(email)).data.session.session_id, session.data.session.session_id, email);
	}
	// A message is open for as long as it may be sent again.
	await until('no message to be open', async () => (await pg.ask('SELECT count(*) FROM effects WHERE done = 0', 'app')) === '0', 40_000);
	const ids = app.mailServer.messages.map(({ id }) => id);
	const twice = ids.length - new Set(ids).size;
	for (const { email, sent } of people) if (sent) assert.ok(app.mailServer.messagesTo(email).length >= 1, `${email} has no message`);
	assert.equal(twice, 0, 'messages sent twice');
	// Each unit is one session's, and each session one person's.
	const units = Number(await pg.ask('SELECT sum(used) FROM quotas', 'app'));
	const sessions = Number(await pg.ask('SELECT count(*) FROM sessions', 'app'));
	const persons = Number(await pg.ask('SELECT count(DISTINCT user_id) FROM sessions', 'app'));
	assert.deepEqual([units, persons], [sessions, sessions]);
	assert.ok(sessions >= load.done);
	assert.ok(load.waits.every((seconds) => seconds >= 1 && seconds <= 60), `Retry-After: ${[...new Set(load.waits)]}`);
	// The one whose clock is ahead wrote nothing of the future.
	const [first, last] = (await pg.ask('SELECT min(created_at), max(created_at) FROM users', 'app')).split('|').map(Number);
	assert.ok(first >= started - 2000 && last <= Date.now() + 2000, `${first} ${last} ${Date.now()}`);
	assert.match(/event=clock_set ms=\S+/.exec(servers[1].log)?.[0] ?? 'nothing', new RegExp(`ms=-(${AHEAD - 1}|${AHEAD})\\d{3}`));
	return { people: people.length, refusals: load.refusals, messages: ids.length, twice, sessions };
}

