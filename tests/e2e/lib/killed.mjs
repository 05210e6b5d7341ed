// Codes asked of several instances on one PostgreSQL, while instances are killed with -9: in turn at any moment, and at the worst, just
// when a mail server has taken a letter and the instance cannot have written that down. Each instance has a mail server of its
// own, so that one can be told whose letter it was.
import assert from 'node:assert/strict';
import { House, expect, somebody } from './house.mjs';
import { Server } from './kycd.mjs';
import { Postbox } from './postbox.mjs';
import { until, within } from './wait.mjs';

/** Letters that an instance carries at a time (WORKERS_MAIL). */
export const IN_HAND = 8;
const AT_ONCE = 16;

/** An instance with its mail server. */
class Instance {
	constructor(server, postbox) {
		Object.assign(this, { server, postbox });
	}

	/** As it calls itself, in its log and in its leases. */
	get name() {
		return [...this.server.log.matchAll(/ instance=(\S+)/g)].at(-1)[1];
	}

	/** At once, or just when the next letter is taken; resolves with the process gone. */
	async kill(atALetter) {
		const { child } = this.server;
		const die = () => {
			this.down = true;
			child.kill('SIGKILL');
		};
		if (!atALetter) die();
		else await new Promise((resolve) => {
			this.postbox.refuse.content = () => {
				delete this.postbox.refuse.content;
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
	const house = await House.open(t, { settings: { KYCD_DATABASE: db.url, ...settings } });
	const instances = [new Instance(house.server, house.postbox)];
	while (instances.length < n) {
		const postbox = await new Postbox().open();
		t.after(() => postbox.close());
		const server = new Server({ folder: house.folder, settings: { ...house.server.given, KYCD_SMTP_URL: `smtp://127.0.0.1:${postbox.port}` } });
		t.after(() => server.kill());
		instances.push(new Instance(await server.start(), postbox));
	}
	return { house, instances };
}

async function quickly(things, act) {
	const left = [...things];
	await Promise.all(Array.from({ length: AT_ONCE }, async () => {
		while (left.length > 0) await act(left.shift());
	}));
}

/** One answer, or nothing from an instance that was killed meanwhile. */
async function answerOf(house, instance, email) {
	try {
		return await instance.server.call('POST', '/security/email/send-otp', { body: { email }, headers: { 'x-api-key': house.key } });
	} catch (trouble) {
		if (!instance.down) throw trouble;
		return undefined;
	}
}

/** What the dead one held and had not finished: the only letters that may come twice. */
async function heldBy(db, name) {
	return (await db.ask(`SELECT id FROM effects WHERE done = 0 AND lease_owner = '${name}'`)).split('\n').filter(Boolean);
}

async function killAndRestart(db, instance, atALetter) {
	const { name } = instance;
	await instance.kill(atALetter);
	const held = await heldBy(db, name);
	assert.ok(held.length <= IN_HAND, `${name} held ${held.length} letters`);
	await instance.server.start();
	instance.down = false;
	return held;
}

/** Asks for codes until so many were accepted. Each acceptance is told to `heard`, with its number. */
async function askAll(house, instances, codes, people, heard) {
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
				await until('somebody to be there', () => instances.some(({ down }) => !down));
				continue;
			}
			asking += 1;
			const answer = await answerOf(house, instance, email);
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
 * instance died meanwhile), `taken` by the mail servers, `kills`, `held`: letters that the dead had in hand; `twice`: how many were taken
 * more than once, `strangers`: those of them that no dead one held, `lost`: who was promised a code and never got one.
 */
export async function sendWhileKilled(t, db, { instances: n = 4, codes, kills, settings = {}, patience = 120_000 }) {
	const { house, instances } = await open(t, db, n, settings);
	const people = Array.from({ length: codes + kills * AT_ONCE }, () => somebody('many'));
	const held = [];
	let deaths = 0;
	let dying = Promise.resolve();

	await quickly(people, async (email) => expect(await house.prepare(email), 201));
	const began = performance.now();
	const { accepted, unanswered } = await askAll(house, instances, codes, people, (now) => {
		if (deaths >= kills || now < ((deaths + 0.5) * codes) / kills) return;
		const atALetter = deaths % 2 === 0;
		const victim = instances[deaths++ % instances.length];
		dying = dying.then(async () => held.push(...(await killAndRestart(db, victim, atALetter))));
		dying.catch(() => {});
	});
	await within('the kills', patience, dying);
	await until('every letter to be finished', async () => (await db.ask('SELECT count(*) FROM effects WHERE done = 0')) === '0', patience);
	return { ...count(instances, accepted, held), accepted: accepted.length, unanswered, kills: deaths, held: held.length, seconds: (performance.now() - began) / 1000 };
}

/** An effect's id as it stands in a Message-ID: in letters only. */
const lettered = (id) => id.replace(/\d/g, (digit) => 'ABCDEFGHIJ'[digit]);

function count(instances, accepted, held) {
	const letters = instances.flatMap(({ postbox }) => postbox.letters);
	const times = new Map();
	for (const { id } of letters) times.set(id, (times.get(id) ?? 0) + 1);
	const twice = [...times].filter(([, n]) => n > 1);
	const reached = new Set(letters.map(({ to }) => to[0]));
	return {
		taken: letters.length,
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
