// Somebody who can write to the database, but has no key, approves nobody, admits nobody and stops no worker (spec/data-protection.md 4).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { executeSql, queryDatabase, sqliteTest } from './lib/database.mjs';
import { run } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const APPROVED = 6; // STATUS_APPROVED (src/domain/verification.h)

/** Asserts the answer to a call that would use a forged row. */
function assertRefused(answer) {
	assert.deepEqual([answer.http, answer.json.status, answer.json.details?.cause], [500, 'server_failed', 'integrity'], answer.text);
}

const sqlite = (file, text) => execFileSync('sqlite3', [file, text], { encoding: 'utf8' });

function dbCheck(app) {
	return run(['db', 'check'], { settings: app.server.settings, folder: app.folder });
}

test('a person whom an UPDATE approved is not approved, and everybody else is served', async (t) => {
	const app = await App.open(t);
	const [forged, other] = [newEmail('forged'), newEmail('other')];
	const { session_id } = await app.startSession(forged);
	await app.approvePerson(other);
	assert.equal(expect(await app.status(forged), 200).data.approved, false);

	executeSql(app, `UPDATE sessions SET status = ${APPROVED} WHERE provider_ref = '${session_id}'`);
	assertRefused(await app.status(forged));
	assertRefused(await app.create(forged));
	assert.equal(expect(await app.status(other), 200).data.approved, true);
	assert.equal((await app.server.call('GET', '/health/ready')).http, 200, 'readiness stays');
	const id = queryDatabase(app, `SELECT id FROM sessions WHERE provider_ref = '${session_id}'`);
	await app.server.waitForLog(new RegExp(`event=row_forged table=sessions row="?${id}"?`));
	assert.match(await app.server.metrics(), /^kycd_rows_forged_total\{table="sessions"\} [1-9]/m);

	const { code, stderr } = await dbCheck(app);
	assert.equal(code, 1);
	assert.match(stderr, new RegExp(`^sessions ${id}: was not written by kycd$`, 'm'));
	assert.match(stderr, /1 of \d+ rows were changed or added by something else than kycd/);
});

test('an address that is marked as verified, and a link to another person, are refused', async (t) => {
	const app = await App.open(t);
	const [victim, attacker] = [newEmail('victim'), newEmail('attacker')];
	await app.approvePerson(victim);
	await app.requestCode(attacker);
	executeSql(app, 'UPDATE enrolments SET verified_at = prepared_at WHERE verified_at = 0');
	assertRefused(await app.status(attacker));
	executeSql(app, 'UPDATE enrolments SET verified_at = 0 WHERE verified_at = prepared_at');
	expect(await app.status(attacker), 404, 'kyc_not_found'); // the row is as kycd has written it again
	executeSql(app, `UPDATE addresses SET primary_user_id = (SELECT user_id FROM sessions LIMIT 1) WHERE user_id <> (SELECT user_id FROM sessions LIMIT 1)`);
	assertRefused(await app.status(attacker));
	assert.equal(expect(await app.status(victim), 200).data.approved, true);
});

test('a changed API key admits nobody, whatever its values are', async (t) => {
	const app = await App.open(t);
	const weak = await app.addKey(queryDatabase(app, 'SELECT name FROM tenants'), '--scope', 'kyc:read');
	const id = queryDatabase(app, 'SELECT id FROM api_keys ORDER BY created_at DESC LIMIT 1');
	for (const change of ['scopes = 0', 'rate_per_second = 4294967296', 'rate_per_second = -1', 'expires_at = 9000000000000']) {
		executeSql(app, `UPDATE api_keys SET ${change} WHERE id = '${id}'`);
		await until('the key to be refused', async () => (await app.status(newEmail(), { key: weak })).http === 500);
	}
	expect(await app.prepare(newEmail()), 201);
});

test('workers step over rows of a forged person', async (t) => {
	const app = await App.open(t);
	const [forged, other] = [newEmail('forged'), newEmail('other')];
	await app.requestCode(forged);
	await app.approvePerson(other);
	// The person's e-mail and session are due again.
	executeSql(app, "UPDATE users SET language = 'xx' WHERE id = (SELECT min(user_id) FROM enrolments WHERE verified_at = 0); UPDATE effects SET done = 0, state = 0, due_at = 1, lease_expires_at = 0, finished_at = 0");
	await app.server.waitForLog(/event=row_forged table=users/);
	await app.verifyPerson(newEmail('late'));
	assert.equal(expect(await app.status(other), 200).data.approved, true);
});

/** Values of the database that are authenticated or sealed: [table, key columns, column]. */
const STORED_VALUES = [
	['sessions', 'id', 'sealed_url'], ['sessions', 'id', 'sealed_decision'], ['sessions', 'id', 'mac'], ['users', 'id', 'wrapped_key'], ['users', 'id', 'blind_index'],
	['addresses', 'blind_index', 'sealed_address'], ['addresses', 'blind_index', 'mac'], ['enrolments', 'public_user_id', 'sealed_reference'],
	['enrolments', 'public_user_id', 'mac'], ['otps', 'user_id', 'digest'], ['api_keys', 'id', 'digest'], ['webhook_endpoints', 'id', 'sealed_secret'],
	['webhook_endpoints', 'id', 'sealed_url'], ['verification_links', 'id', 'token_digest'], ['verification_links', 'id', 'sealed_reference'],
	['events', 'id', 'sealed_data'], ['provider_event_bodies', 'event_key', 'sealed_body'], ['idempotency_entries', 'entry_key', 'sealed_reply'],
	['audit_entries', 'id', 'mac'], ['tenants', 'id', 'mac'],
];

sqliteTest('db check finds each of 20 copies in which eight bytes of a stored value are flipped', async (t) => {
	const app = await App.open(t, { settings: { KYCD_KEEP_EVENTS: '7d' } });
	const email = newEmail('stored');
	expect(await app.post('/kyc/prepare', { email, reference: 'customer-1' }), 201);
	await app.approvePerson(email);
	const key = await app.addKey(queryDatabase(app, 'SELECT name FROM tenants'), '--scope', 'kyc:write', '--scope', 'webhooks:write');
	expect(await app.post('/v1/webhook-endpoints', { url: 'https://hooks.example.com/kycd', types: ['*'] }, { key }), 201);
	expect(await app.post('/v1/verification-links', { reference: 'customer-2' }, { key, headers: { 'idempotency-key': 'one' } }), 201);
	await app.server.stop();
	const intact = await dbCheck(app);
	assert.equal(intact.code, 0, intact.stderr);
	assert.match(intact.stdout, /[1-9]\d* rows authenticated, [1-9]\d* values decrypted/);

	const file = path.join(app.folder, 'kycd.db');
	const copy = await readFile(file);
	for (const [table, id, column] of STORED_VALUES) {
		await writeFile(file, copy);
		const flipped = sqlite(file, `SELECT hex("${column}") FROM ${table} WHERE length("${column}") >= 16 LIMIT 1`).trim();
		assert.ok(flipped, `${table}.${column} has a value`);
		const bytes = Buffer.from(flipped, 'hex');
		const at = Math.floor(bytes.length / 3);
		for (let i = at; i < at + 8; i++) bytes[i] ^= 0xff;
		sqlite(file, `UPDATE ${table} SET "${column}" = x'${bytes.toString('hex')}' WHERE hex("${column}") = '${flipped}'`);
		const { code, stderr } = await dbCheck(app);
		assert.equal(code, 1, `${table}.${column}`);
		assert.match(stderr, new RegExp(`^${table} `, 'm'), `${table}.${column}`);
	}
});
