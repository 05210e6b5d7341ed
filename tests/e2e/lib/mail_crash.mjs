// Codes asked of several instances on one PostgreSQL, while instances are killed with -9: in turn at any moment, and at the worst, just
// when a mail server has taken a message and the instance cannot have written that down. Each instance has a mail server of its
// own, so that one can be told whose message it was.
import assert from 'node:assert/strict';
import { App, expect, newEmail } from './app.mjs';
import { Server } from './kycd.mjs';
import { MailServer } from './mail_server.mjs';
import { until, within } from './wait.mjs';

/** Letters that an instance carries at a time (WORKERS_MAIL). */
export const IN_HAND = 8;
const AT_ONCE = 16;

/** An instance with its mail server. */
class Instance {
	constructor(server, mailServer) {
		Object.assign(this, { server, mailServer });
	}

	/** As it calls itself, in its log and in its leases. */
	get name() {
		return [...this.server.log.matchAll(/ instance=(\S+)/g)].at(-1)[1];
	}

	/** At once, or just when the next message is taken; resolves with the process gone. */
	async kill(atALetter) {
		const { child } = this.server;
		const die = () => {
			this.down = true;
			child.kill('SIGKILL');
		};
		if (!atALetter) die();
		else await new Promise((resolve) => {
			this.mailServer.refuse.content = () => {
				delete this.mailServer.refuse.content;
				// The answer is written when this call has returned.
				setImmediate(() => resolve(die()));
				return undefined;
			};
		});
		return this.server.ended;
	}
}

/** `db`: what lib/database.mjs calls postgres(). Instances that share it, all with the same settings but their mail server's. */
async function open(t, db, n, settings) {
	const app = await App.open(t, { settings: { KYCD_DATABASE: db.url, ...settings } });
	const instances = [new Instance(app.server, app.mailServer)];
	while (instances.length < n) {
		const mailServer = await new MailServer().open();
		t.after(() => mailServer.close());
		const server = new Server({ folder: app.folder, settings: { ...app.server.given, KYCD_SMTP_URL: `smtp://127.0.0.1:${mailServer.port}` } });
		t.after(() => server.kill());
		instances.push(new Instance(await server.start(), mailServer));
	}
	return { app, instances };
}

async function quickly(things, act) {
	const left = [...things];
	await Promise.all(Array.from({ length: AT_ONCE }, async () => {
		while (left.length > 0) await act(left.shift());
	}));
}

/** One answer, or nothing from an instance that was killed meanwhile. */
async function answerOf(app, instance, email) {
	try {
		return await instance.server.call('POST', '/security/email/send-otp', { body: { email }, headers: { 'x-api-key': app.key } });
	} catch (trouble) {
		if (!instance.down) throw trouble;
		return undefined;
	}
}

/** What the dead one held and had not finished: the only messages that may come twice. */
async function heldBy(db, name) {
	return (await db.ask(`SELECT id FROM effects WHERE done = 0 AND lease_owner = '${name}'`)).split('\n').filter(Boolean);
}

async function killAndRestart(db, instance, atALetter) {
	const { name } = instance;
	await instance.kill(atALetter);
	const held = await heldBy(db, name);
	assert.ok(held.length <= IN_HAND, `${name} held ${held.length} messages`);
	await instance.server.start();
	instance.down = false;
	return held;
}

/** Asks for codes until so many were accepted. Each acceptance is told to `heard`, with its number. */
async function askAll(app, instances, codes, people, heard) {
	const accepted = [];
	let asking = 0;
	let unanswered = 0;
	let turn = 0;
	await quickly(people, async (email) => {
		while (accepted.length < codes) {
			if (accepted.length + asking >= codes) {
				await until('the last answers', () => accepted.length + asking < codes || accepted.length === codes);
				continue;
			}
			// Who is about to die is asked too: its death must find it at work.
			const instance = instances[turn++ % instances.length];
			if (instance.down) {
				await until('newEmail to be there', () => instances.some(({ down }) => !down));
				continue;
			}
			asking += 1;
			const answer = await answerOf(app, instance, email);
			asking -= 1;
			if (!answer) unanswered += 1;
			else if (expect(answer, 201, 'otp_sent')) heard(accepted.push(email));
			return;
		}
	});
	assert.equal(accepted.length, codes);
	return { accepted, unanswered };
}

/**
 * `codes`: so many are accepted with a 201, with `kills` deaths in between. Gives what came of it: `accepted`, `unanswered` (whose
 * instance died meanwhile), `taken` by the mail servers, `kills`, `held`: messages that the dead had in hand; `twice`: how many were taken
 * more than once, `strangers`: those of them that no dead one held, `lost`: who was promised a code and never got one.
 */
export async function sendWhileKilled(t, db, { instances: n = 4, codes, kills, settings = {}, patience = 120_000 }) {
	const { app, instances } = await open(t, db, n, settings);
	const people = Array.from({ length: codes + kills * AT_ONCE }, () => newEmail('many'));
	const held = [];
	let deaths = 0;
	let dying = Promise.resolve();

	await quickly(people, async (email) => expect(await app.prepare(email), 201));
	const began = performance.now();
	const { accepted, unanswered } = await askAll(app, instances, codes, people, (now) => {
		if (deaths >= kills || now < ((deaths + 0.5) * codes) / kills) return;
		const atALetter = deaths % 2 === 0;
		const victim = instances[deaths++ % instances.length];
		dying = dying.then(async () => held.push(...(await killAndRestart(db, victim, atALetter))));
		dying.catch(() => {});
	});
	await within('the kills', patience, dying);
	await until('every message to be finished', async () => (await db.ask('SELECT count(*) FROM effects WHERE done = 0')) === '0', patience);
	return { ...count(instances, accepted, held), accepted: accepted.length, unanswered, kills: deaths, held: held.length, seconds: (performance.now() - began) / 1000 };
}

/** An effect's id as it stands in a Message-ID: in messages only. */
const lettered = (id) => id.replace(/\d/g, (digit) => 'ABCDEFGHIJ'[digit]);

function count(instances, accepted, held) {
	const messages = instances.flatMap(({ mailServer }) => mailServer.messages);
	const times = new Map();
	for (const { id } of messages) times.set(id, (times.get(id) ?? 0) + 1);
	const twice = [...times].filter(([, n]) => n > 1);
	const reached = new Set(messages.map(({ to }) => to[0]));
	return {
		taken: messages.length,
		twice: twice.length,
		thrice: twice.filter(([, n]) => n > 2).length,
		strangers: twice.filter(([id]) => !held.some((one) => id.startsWith(`<${lettered(one)}@`))).map(([id]) => id),
		lost: accepted.filter((email) => !reached.has(email)),
	};
}

/** The promise: every accepted code came, and twice only what a dead instance had in hand. */
export function judge(told) {
	assert.deepEqual(told.lost, [], 'accepted, and never sent');
	assert.deepEqual(told.strangers, [], 'sent twice, and no dead instance held them');
	assert.equal(told.thrice, 0);
	assert.ok(told.twice <= told.held && told.held <= told.kills * IN_HAND, JSON.stringify(told));
}
