// `kycd user erase`: no personal data remains in the database files, and events that arrive later restore none.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { ON_POSTGRES, queryRows, hexColumn, sqliteTest } from './lib/database.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { run } from './lib/kycd.mjs';
import { until, within } from './lib/wait.mjs';

function erase(app, email, ...options) {
	return run(['user', 'erase', '-', ...options], { settings: app.server.settings, folder: app.folder, input: `${email}\n` });
}

/** Returns all bytes that are stored about a person: blind indexes, sealed values, code digests and the wrapped key. */
function bytesOf(app, id) {
	const query = [
		['users', 'wrapped_key', 'id'], ['addresses', 'blind_index', 'user_id'], ['addresses', 'sealed_address', 'user_id'], ['enrolments', 'blind_index', 'user_id'], ['otps', 'digest', 'user_id'],
		['sessions', 'sealed_url', 'user_id'], ['sessions', 'sealed_decision', 'user_id'], ['effects', 'sealed_payload', 'user_id'],
	].map(([table, column, key]) => `SELECT '${table}.${column}' AS what, ${hexColumn(column)} AS bytes FROM ${table} WHERE "${key}" = '${id}' AND length("${column}") > 0`).join(' UNION ALL ');
	return queryRows(app, query);
}

async function findInFiles(app, secrets) {
	const found = [];
	const files = (await readdir(app.folder)).filter((name) => name.startsWith('kycd.db'));
	assert.ok(ON_POSTGRES || (files.includes('kycd.db') && files.includes('kycd.db-wal')), 'the server is running');
	for (const name of files) {
		const content = await readFile(path.join(app.folder, name));
		for (const { what, bytes } of secrets) if (content.includes(Buffer.from(bytes, 'hex'))) found.push(`${what} in ${name}`);
	}
	return found;
}

test('an erased person is removed from the database, its WAL and every tenant of the group', async (t) => {
	const app = await App.open(t, { tenant: null });
	app.key = await app.addTenant('shop', '--group', 'ring');
	const bank = { key: await app.addTenant('bank', '--group', 'ring') };
	const email = newEmail();
	const { session_id } = await app.startSession(email);
	expect(await app.post('/kyc/prepare', { email, language: 'pt-BR' }), 200);
	expect(await app.didit.sendStatusEvent(app.server.base, session_id, 'Declined'), 200);
	const second = expect(await app.create(email), 201).data.session;
	// The other tenant has one deferred e-mail for the person in the outbox.
	app.mailServer.refuse.recipient = 451;
	expect(await app.prepare(email, bank), 201);
	expect(await app.send(email, bank), 201);
	await until('the e-mail to be deferred', async () => (await app.status(email, bank)).json.details.last_code === 'deferred');
	for (let i = 0; i < 20; i++) expect(await app.prepare(newEmail()), 201); // other people on the same database pages

	const [{ id }] = queryRows(app, 'SELECT user_id AS id FROM sessions LIMIT 1');
	const secrets = bytesOf(app, id);
	assert.deepEqual([...new Set(secrets.map((row) => row.what))].sort(),
		['addresses.blind_index', 'addresses.sealed_address', 'effects.sealed_payload', 'enrolments.blind_index', 'otps.digest', 'sessions.sealed_decision', 'sessions.sealed_url', 'users.wrapped_key']);
	assert.ok(ON_POSTGRES || (await findInFiles(app, secrets)).length >= secrets.length, 'the search finds the bytes before the erasure');

	// Without --yes the command changes nothing and reports what it would erase.
	const counts = { addresses: 1, tenants: 2, codes: 2, claims: 0, messages: 1, sessions: 2, links: 0, notes: 0, blocklisted: false };
	const preview = await erase(app, email, '--json');
	assert.equal(preview.code, 2);
	assert.equal(preview.stderr, 'kycd: nothing was erased. Erasing cannot be undone: repeat the command with --yes\n');
	assert.deepEqual(JSON.parse(preview.stdout), { erased: false, people: [{ id, group: 'ring', ...counts, provider_sessions: [second.session_id, session_id] }] });
	assert.deepEqual(bytesOf(app, id), secrets);
	assert.equal((await app.status(email)).data.session_status, 'Not Started');

	const erased = await erase(app, email, '--yes');
	assert.deepEqual([erased.code, erased.stderr], [0, '']);
	for (const part of [`person ${id} in group ring was erased`, `Delete these sessions in its console:\n  ${second.session_id}\n  ${session_id}\n`, 'Earlier backups'])
		assert.ok(erased.stdout.includes(part), erased.stdout);
	assert.ok(!erased.stdout.includes(email));
	assert.deepEqual(await findInFiles(app, secrets), [], 'in no file of the running server');
	assert.deepEqual(bytesOf(app, id), []);

	// The sessions without their content and the audit log remain, and the database is consistent.
	assert.deepEqual(queryRows(app, `SELECT provider_ref AS provider, length(sealed_url) + length(sealed_decision) AS sealed, status FROM sessions WHERE user_id = '${id}' ORDER BY created_at`),
		[{ provider: session_id, sealed: 0, status: 7 }, { provider: second.session_id, sealed: 0, status: 8 }]);
	assert.deepEqual(queryRows(app, `SELECT language, tries_reset_at, send_tat FROM users WHERE id = '${id}'`), [{ language: '', tries_reset_at: 0, send_tat: 0 }]);
	const auditEntries = (await app.server.run('audit', 'list', '--subject', id, '--json')).split('\n').map((line) => JSON.parse(line));
	assert.deepEqual([auditEntries.at(-1).action, auditEntries.at(-1).actor, auditEntries.at(-1).subject], ['user_erased', 'operator', id]);
	await app.server.run('db', 'check');

	// The operator cannot find the person any more, and every tenant gets the answers for an unknown person.
	assert.deepEqual([(await erase(app, email, '--yes')).code, (await erase(app, email)).code], [1, 1]);
	for (const tenant of [{}, bank]) {
		expect(await app.status(email, tenant), 404, 'user_not_found');
		expect(await app.send(email, tenant), 404, 'user_not_found');
		expect(await app.create(email, tenant), 403, 'user_not_prepared');
	}
	expect(await app.post('/kyc/status', { session_id: second.session_id }), 404, 'kyc_not_found');

	// Provider events that arrive later are accepted and counted, and change nothing.
	expect(await app.didit.sendStatusEvent(app.server.base, second.session_id, 'Approved'), 200);
	expect(await app.didit.sendStatusEvent(app.server.base, session_id, 'Approved'), 200);
	assert.equal(await app.server.metric('kycd_provider_events_total', { outcome: 'erased' }), 2);
	expect(await app.call('GET', `/return?verificationSessionId=${second.session_id}`, { key: null }), 200);
	assert.deepEqual(bytesOf(app, id), []);
	assert.deepEqual(queryRows(app, `SELECT status FROM sessions WHERE user_id = '${id}' ORDER BY created_at`).map((row) => row.status), [7, 8]);

	for (const tenant of [{}, bank]) expect(await app.prepare(email, tenant), 201, 'user_prepared');
	delete app.mailServer.refuse.recipient;
	assert.equal((await app.startSession(email)).session_id.length, 36, 'the same address starts as a new person');
	assert.equal(app.mailServer.messagesTo(email).length, 2, 'the deferred e-mail was never sent');
	assert.notEqual(queryRows(app, 'SELECT user_id AS id FROM sessions ORDER BY created_at DESC LIMIT 1')[0].id, id);
});

test('a person erased during a provider call gets user_not_prepared when the call returns', async (t) => {
	const app = await App.open(t);
	const email = await app.verifyPerson(newEmail());
	app.didit.holdCreates = true;
	const pendingAnswers = [app.create(email), app.create(email)];
	await until('the call to the provider', () => app.didit.heldCreates.length === 1);
	const [{ id }] = queryRows(app, 'SELECT user_id AS id FROM sessions');
	assert.equal((await erase(app, email, '--yes')).code, 0);
	app.didit.holdCreates = false;
	app.didit.releaseCreates();
	for (const answer of await Promise.all(pendingAnswers)) expect(answer, 403, 'user_not_prepared');
	const { session: made } = app.didit.creates[0];

	assert.deepEqual(bytesOf(app, id), []);
	assert.deepEqual(queryRows(app, 'SELECT provider_ref AS provider, status FROM sessions'), [{ provider: made.session_id, status: 8 }], 'the session id is kept so that it can be deleted at the provider');
	const auditEntries = (await app.server.run('audit', 'list', '--subject', id, '--json')).split('\n').map((line) => JSON.parse(line));
	assert.deepEqual(auditEntries.slice(-2).map((row) => [row.action, row.detail?.replace(/=\d+/g, '=N')]), [['user_erased', 'addresses=N sessions=N links=N notes=N'], ['session_created', 'erased']]);
	expect(await app.didit.sendStatusEvent(app.server.base, made.session_id, 'Approved'), 200);
	assert.deepEqual(bytesOf(app, id), []);
	expect(await app.prepare(email), 201, 'user_prepared');
	assert.equal((await app.status(email)).json.status, 'kyc_not_found');
});

/** Starts a long read transaction with the sqlite3 shell; returns a function that ends it. */
async function startReadTransaction(app) {
	const child = spawn('sqlite3', ['-readonly', path.join(app.folder, 'kycd.db')], { stdio: ['pipe', 'pipe', 'inherit'] });
	const ended = once(child, 'close');
	child.stdin.write('BEGIN;\nSELECT count(*) FROM users;\n');
	await within('the first row of the read transaction', 10_000, once(child.stdout, 'data'));
	return async () => {
		child.stdin.end();
		await within('exit of the sqlite3 shell', 10_000, ended);
	};
}

sqliteTest('erase waits for read transactions that keep old WAL pages, and reports pages that remain', async (t) => {
	const app = await App.open(t);
	for (const readerStays of [false, true]) {
		const email = await app.verifyPerson(newEmail());
		const [{ id }] = queryRows(app, 'SELECT id FROM users ORDER BY created_at DESC LIMIT 1');
		const secrets = bytesOf(app, id);
		const endReadTransaction = await startReadTransaction(app);
		const erasing = erase(app, email, '--yes');
		await until('the rows to be erased', () => bytesOf(app, id).length === 0);
		if (!readerStays) await endReadTransaction();
		const result = await erasing;
		assert.equal(result.code, 0, 'the erasure succeeds in both cases');
		if (readerStays) {
			assert.match(result.stderr, /^kycd: the person was erased, but old pages are still in the write-ahead log.* read.*\n$/);
			assert.notDeepEqual(await findInFiles(app, secrets), []);
			await endReadTransaction();
			await app.server.stop();
			await app.server.start();
		} else {
			assert.equal(result.stderr, '');
		}
		assert.deepEqual(await findInFiles(app, secrets), []);
	}
});
