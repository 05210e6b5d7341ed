// Requests codes from several instances on one PostgreSQL database while instances are killed with SIGKILL. The kills are
// alternately at any moment and at the worst moment, when the mail server has accepted a message and the instance cannot have
// stored that yet. Each instance has its own mail server, which shows which instance sent a message.
import assert from 'node:assert/strict';
import { App, expect, newEmail } from './app.mjs';
import { Server } from './kycd.mjs';
import { MailServer } from './mail_server.mjs';
import { until, within } from './wait.mjs';

/** The number of messages that an instance leases at the same time (WORKERS_MAIL). */
export const MAX_LEASED = 8;
const CONCURRENCY = 16;

/** An instance with its mail server. */
class Instance {
	constructor(server, mailServer) {
		Object.assign(this, { server, mailServer });
	}

	/** The instance's id in its log and its leases. */
	get name() {
		return [...this.server.log.matchAll(/ instance=(\S+)/g)].at(-1)[1];
	}

	/**
	 * Kills the instance at once or, with `atNextMessage`, just after the mail server accepted a message. Resolves when it has
	 * ended.
	 */
	async kill(atNextMessage) {
		const { child } = this.server;
		const killNow = () => {
			this.down = true;
			child.kill('SIGKILL');
		};
		if (!atNextMessage) killNow();
		else await new Promise((resolve) => {
			this.mailServer.refuse.content = () => {
				delete this.mailServer.refuse.content;
				// The mail server sends its reply after this function returns.
				setImmediate(() => resolve(killNow()));
				return undefined;
			};
		});
		return this.server.ended;
	}
}

/** Starts `n` instances on the database `db` (of postgres() in database.mjs), with the same settings except for the mail server. */
async function openInstances(t, db, n, settings) {
	const app = await App.open(t, { settings: { KYCD_DATABASE: db.url, ...settings } });
	const instances = [new Instance(app.server, app.mailServer)];
	while (instances.length < n) {
		const mailServer = await new MailServer().open();
		t.after(() => mailServer.close());
		const server = new Server({ folder: app.folder, settings: { ...app.server.givenSettings, KYCD_SMTP_URL: `smtp://127.0.0.1:${mailServer.port}` } });
		t.after(() => server.kill());
		instances.push(new Instance(await server.start(), mailServer));
	}
	return { app, instances };
}

/** Calls `act` for each item, with CONCURRENCY calls at the same time. */
async function runConcurrently(items, act) {
	const remaining = [...items];
	await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
		while (remaining.length > 0) await act(remaining.shift());
	}));
}

/** Requests a code. Resolves to the answer, or to undefined if the instance was killed meanwhile. */
async function requestCode(app, instance, email) {
	try {
		return await instance.server.call('POST', '/security/email/send-otp', { body: { email }, headers: { 'x-api-key': app.key } });
	} catch (error) {
		if (!instance.down) throw error;
		return undefined;
	}
}

/** Returns the ids of the effects that the killed instance had leased: only their messages may be sent twice. */
async function leasedBy(db, name) {
	return (await db.query(`SELECT id FROM effects WHERE done = 0 AND lease_owner = '${name}'`)).split('\n').filter(Boolean);
}

async function killAndRestart(db, instance, atNextMessage) {
	const { name } = instance;
	await instance.kill(atNextMessage);
	const leased = await leasedBy(db, name);
	assert.ok(leased.length <= MAX_LEASED, `${name} had leased ${leased.length} messages`);
	await instance.server.start();
	instance.down = false;
	return leased;
}

/** Requests codes until `codes` requests were accepted. Calls `onAccepted` for each, with the number of accepted requests. */
async function requestCodes(app, instances, codes, people, onAccepted) {
	const accepted = [];
	let pending = 0;
	let unanswered = 0;
	let turn = 0;
	await runConcurrently(people, async (email) => {
		while (accepted.length < codes) {
			if (accepted.length + pending >= codes) {
				await until('the answers to the pending requests', () => accepted.length + pending < codes || accepted.length === codes);
				continue;
			}
			// Also an instance that is about to be killed receives requests, so that it is killed while it works.
			const instance = instances[turn++ % instances.length];
			if (instance.down) {
				await until('an instance to run', () => instances.some(({ down }) => !down));
				continue;
			}
			pending += 1;
			const answer = await requestCode(app, instance, email);
			pending -= 1;
			if (!answer) unanswered += 1;
			else if (expect(answer, 201, 'otp_sent')) onAccepted(accepted.push(email));
			return;
		}
	});
	assert.equal(accepted.length, codes);
	return { accepted, unanswered };
}

/**
 * Requests codes until `codes` requests were accepted with 201, and kills instances `kills` times meanwhile. Resolves to these results:
 *
 * - accepted, kills: these numbers; seconds: the duration
 * - unanswered: requests whose instance was killed before it answered
 * - received: messages that the mail servers accepted
 * - leased: messages that were leased by an instance when it was killed
 * - duplicates: messages that were accepted more than once; triplicates: more than twice
 * - unexplained: ids of duplicates that no killed instance had leased
 * - lost: e-mail addresses whose request was accepted and that received no code
 */
export async function sendWhileKilled(t, db, { instances: n = 4, codes, kills, settings = {}, limit = 120_000 }) {
	const { app, instances } = await openInstances(t, db, n, settings);
	const people = Array.from({ length: codes + kills * CONCURRENCY }, () => newEmail('many'));
	const leased = [];
	let killCount = 0;
	let killing = Promise.resolve();

	await runConcurrently(people, async (email) => expect(await app.prepare(email), 201));
	const began = performance.now();
	const { accepted, unanswered } = await requestCodes(app, instances, codes, people, (acceptedCount) => {
		if (killCount >= kills || acceptedCount < ((killCount + 0.5) * codes) / kills) return;
		const atNextMessage = killCount % 2 === 0;
		const victim = instances[killCount++ % instances.length];
		killing = killing.then(async () => leased.push(...(await killAndRestart(db, victim, atNextMessage))));
		killing.catch(() => {});
	});
	await within('kills and restarts', limit, killing);
	await until('all messages to be done', async () => (await db.query('SELECT count(*) FROM effects WHERE done = 0')) === '0', limit);
	return { ...countMessages(instances, accepted, leased), accepted: accepted.length, unanswered, kills: killCount, leased: leased.length, seconds: (performance.now() - began) / 1000 };
}

/** Returns an effect's id as it appears in a Message-ID, where digits are replaced by letters. */
const idInMessageId = (id) => id.replace(/\d/g, (digit) => 'ABCDEFGHIJ'[digit]);

function countMessages(instances, accepted, leased) {
	const messages = instances.flatMap(({ mailServer }) => mailServer.messages);
	const counts = new Map(); // by Message-ID
	for (const { id } of messages) counts.set(id, (counts.get(id) ?? 0) + 1);
	const duplicates = [...counts].filter(([, n]) => n > 1);
	const recipients = new Set(messages.map(({ to }) => to[0]));
	return {
		received: messages.length,
		duplicates: duplicates.length,
		triplicates: duplicates.filter(([, n]) => n > 2).length,
		unexplained: duplicates.filter(([id]) => !leased.some((effect) => id.startsWith(`<${idInMessageId(effect)}@`))).map(([id]) => id),
		lost: accepted.filter((email) => !recipients.has(email)),
	};
}

/** Checks that every accepted code was delivered, and that only messages which a killed instance had leased were sent twice. */
export function assertDelivery(result) {
	assert.deepEqual(result.lost, [], 'accepted requests whose code was never sent');
	assert.deepEqual(result.unexplained, [], 'messages sent twice that no killed instance had leased');
	assert.equal(result.triplicates, 0);
	assert.ok(result.duplicates <= result.leased && result.leased <= result.kills * MAX_LEASED, JSON.stringify(result));
}
