// The current program upgrades and serves a database of schema 11, which kycd 0.1.0 wrote with people in every state
// (tests/fixtures).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { postgres } from './lib/database.mjs';
import { App, expect } from './lib/app.mjs';
import { makeFolder, removeFolder, run } from './lib/kycd.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const OLD_SCHEMA = 11;
const CREATE = '/kyc/create/verify_public_kyc';

const read = (name) => readFileSync(path.join(ROOT, name), 'utf8');
const fixture = (engine) => JSON.parse(read(`tests/fixtures/schema_11_${engine}.json`));

/** Returns SQL that creates a database of schema 11 with the fixture's rows. `types` and `bytes` give the engine's notation. */
function oldDatabaseSql(engine, types, bytes) {
	const migrations = readdirSync(path.join(ROOT, 'sql')).sort().slice(0, OLD_SCHEMA);
	const schema = migrations.map((name, i) => read(`sql/${name}`).replace(/\{(\w+)\}/g, (whole, type) => types[type] ?? whole)
		+ `;INSERT INTO schema_steps (version, applied) VALUES (${i + 1}, 1);`).join('\n');
	return `BEGIN;${schema}\n${read(`tests/fixtures/schema_11_${engine}.sql`).replace(/\{bytes:(\w*)\}/g, bytes)}COMMIT;`;
}

const engines = {
	sqlite: async (t) => {
		const folder = await makeFolder();
		t.after(() => removeFolder(folder));
		const file = path.join(folder, 'old.db');
		const types = { text: 'TEXT', bytes: 'BLOB', int: 'INTEGER', strict: 'STRICT, WITHOUT ROWID' };
		execFileSync('sqlite3', ['-bail', file], { input: oldDatabaseSql('sqlite', types, (whole, hex) => `X'${hex}'`) });
		return `sqlite:${file}`;
	},
	postgres: async (t) => {
		const { url } = await postgres(t);
		const types = { text: 'TEXT COLLATE "C"', bytes: 'BYTEA', int: 'BIGINT', strict: '' };
		execFileSync('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', '-d', url], { input: oldDatabaseSql('postgres', types, (whole, hex) => `'\\x${hex}'`) });
		return url;
	},
};

/** The `session_status` and `status` that `POST /kyc/status` returns for each person of the fixture who has a session. */
const STATUSES = {
	not_started: ['Not Started', 'pending'],
	in_progress: ['In Progress', 'pending'],
	in_review: ['In Review', 'in_review'],
	resubmitted: ['Resubmitted', 'pending'],
	approved: ['Approved', 'approved'],
	retried: ['Approved', 'approved'],
	declined: ['Declined', 'declined'],
	blocklisted: ['Declined', 'declined'],
	expired: ['Expired', 'expired'],
	abandoned: ['Abandoned', 'expired'],
	kyc_expired: ['Kyc Expired', 'expired'],
};
/** Parts of Didit's decision that differ from the fake provider's usual decision. */
const DECISIONS = { blocklisted: { warnings: [{ feature: 'ID_VERIFICATION', risk: 'DOCUMENT_IN_BLOCKLIST' }] } };
const OPEN_SESSIONS = ['not_started', 'in_progress', 'in_review', 'resubmitted'];

for (const [engine, createDatabase] of Object.entries(engines)) {
	test(`people of schema 11 keep their state on ${engine}`, async (t) => {
		const { master_key, keys, webhook_secret, people } = fixture(engine);
		const database = await createDatabase(t);
		const settings = { KYCD_DATABASE: database, KYCD_SECRET_KEY: master_key };
		const migrated = await run(['db', 'migrate'], { settings });
		assert.equal(migrated.code, 0, migrated.stderr);
		assert.equal((await run(['db', 'check'], { settings })).code, 0);
		const known = Object.entries(STATUSES).map(([name, [status]]) => ({ session_id: people[name].session_id, url: people[name].session_url, status, created_at: 0, decision: DECISIONS[name] }));
		const app = await App.open(t, { tenant: null, didit: { version: 'v3', webhookSecret: webhook_secret, knownSessions: known }, settings });
		app.key = keys.shop;

		expect(await app.status('prepared@example.com', { key: keys.revoked }), 401);
		expect(await app.status(people.prepared.address), 404, 'kyc_not_found');
		for (const [name, [, status]] of Object.entries(STATUSES)) {
			const { address, session_id, session_url } = people[name];
			const { data } = expect(await app.status(address), 200, 'kyc_status_retrieved');
			assert.deepEqual([data.status, data.approved, data.session_id], [status, status === 'approved', session_id], name);
			if (OPEN_SESSIONS.includes(name)) assert.equal(data.session_url, session_url, name);
		}
		const approved = expect(await app.status(people.approved.address), 200).data;
		assert.equal(approved.ip_info[0].ip_address, '203.0.113.24', 'the encrypted decision can be read');
		expect(await app.create(people.approved.address), 200, 'kyc_already_approved');
		expect(await app.create(people.blocklisted.address), 403, 'kyc_not_approved');
		assert.equal(expect(await app.create(people.not_started.address), 201).data.session.session_url, people.not_started.session_url);
		expect(await app.create(people.declined.address), 201, 'kyc_session_created');

		expect(await app.post('/kyc/status', { wallet: people.wallet.address }), 404, 'kyc_not_found');
		assert.equal(expect(await app.post('/kyc/status', { wallet: people.wallet_approved.address }), 200).data.approved, true);
		for (const body of [{ email: people.linked.email }, { wallet: people.linked.address }, { email: people.linked.email, wallet: people.linked.address }])
			assert.equal(expect(await app.post('/kyc/status', body), 200).data.session_id, people.linked.session_id);
		expect(await app.post('/kyc/status', { email: people.claiming.email, wallet: people.claiming.address }), 400, 'params_mismatch');
		for (const key of people.shared.keys) assert.equal(expect(await app.status(people.shared.address, { key }), 200).data.approved, true);
		expect(await app.status(people.shared.address), 404, 'user_not_found');
		expect(await app.status(people.erased.address), 404, 'user_not_found');

		// A pending session whose instance was killed is released, and the next create makes a new one.
		expect(await app.create(people.verified.address), 201, 'kyc_session_created');
		expect(await app.prepare('new@example.com'), 201, 'user_prepared');

		// Operators find the same people, and the audit log has all entries.
		const shown = await run(['user', 'show', '-', '--json'], { settings, folder: app.folder, input: `${people.linked.email}\n` });
		assert.equal(JSON.parse(shown.stdout).people.length, 1, shown.stderr);
	});
}

test('an upgraded database is copied to PostgreSQL, backed up and restored', async (t) => {
	const { master_key } = fixture('sqlite');
	const database = await engines.sqlite(t);
	const folder = path.dirname(database.slice('sqlite:'.length));
	const settings = { KYCD_DATABASE: database, KYCD_SECRET_KEY: master_key };
	const kycd = async (...args) => {
		const done = await run(args, { settings, folder });
		assert.equal(done.code, 0, `kycd ${args.join(' ')}: ${done.stderr}`);
		return done.stdout;
	};

	// A backup made before the upgrade keeps the old schema. `db copy` is refused before the upgrade, and its message names the
	// command to run first.
	assert.equal(JSON.parse(await kycd('db', 'backup', '--json', 'before.db')).schema, OLD_SCHEMA);
	const { url } = await postgres(t);
	const refused = await run(['db', 'copy', '--from', database, '--to', url], { settings, folder });
	assert.deepEqual([refused.code, /run `kycd db migrate`/.test(refused.stderr)], [1, true], refused.stderr);

	await kycd('db', 'migrate');
	await kycd('db', 'backup', 'after.db');
	await kycd('db', 'copy', '--from', database, '--to', url);
	for (const target of [`sqlite:${path.join(folder, 'after.db')}`, url]) {
		const app = await App.open(t, { tenant: null, settings: { ...settings, KYCD_DATABASE: target } });
		app.key = fixture('sqlite').keys.shop;
		assert.equal(expect(await app.status('approved@example.com'), 200).data.approved, true, target);
	}

	// A server that starts on the backup made before the upgrade upgrades it.
	const app = await App.open(t, { tenant: null, settings: { ...settings, KYCD_DATABASE: `sqlite:${path.join(folder, 'before.db')}` } });
	app.key = fixture('sqlite').keys.shop;
	assert.equal(expect(await app.status('approved@example.com'), 200).data.approved, true);
});
