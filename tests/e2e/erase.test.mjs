// A person is erased: nothing that is left leads to them, and nothing that comes late brings them back.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { ON_POSTGRES, askRows, hexOf, testOfFiles } from './lib/database.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { run } from './lib/kycd.mjs';
import { until, within } from './lib/wait.mjs';

function erase(app, email, ...options) {
	return run(['user', 'erase', '-', ...options], { settings: app.server.settings, folder: app.folder, input: `${email}\n` });
}

/** All that is kept of a person as bytes: what finds them, what is sealed, and the key to it. */
function bytesOf(app, id) {
	const question = [
		['users', 'wrapped_key', 'id'], ['addresses', 'blind_index', 'user_id'], ['addresses', 'sealed_address', 'user_id'], ['enrolments', 'blind_index', 'user_id'], ['otps', 'digest', 'user_id'],
		['sessions', 'sealed_url', 'user_id'], ['sessions', 'sealed_decision', 'user_id'], ['effects', 'sealed_payload', 'user_id'],
	].map(([table, column, key]) => `SELECT '${table}.${column}' AS what, ${hexOf(column)} AS bytes FROM ${table} WHERE "${key}" = '${id}' AND length("${column}") > 0`).join(' UNION ALL ');
	return askRows(app, question);
}

async function left(app, secrets) {
	const found = [];
	const files = (await readdir(app.folder)).filter((name) => name.startsWith('kycd.db'));
	assert.ok(ON_POSTGRES || (files.includes('kycd.db') && files.includes('kycd.db-wal')), 'the server is running');
	for (const name of files) {
		const content = await readFile(path.join(app.folder, name));
		for (const { what, bytes } of secrets) if (content.includes(Buffer.from(bytes, 'hex'))) found.push(`${what} in ${name}`);
	}
	return found;
}

test('a person is erased from the database, its log and the memory of every tenant', async (t) => {
	const app = await App.open(t, { tenant: null });
	app.key = await app.addTenant('shop', '--group', 'ring');
	const bank = { key: await app.addTenant('bank', '--group', 'ring') };
	const email = newEmail();
	const { session_id } = await app.started(email);
	expect(await app.post('/kyc/prepare', { email, language: 'pt-BR' }), 200);
	expect(await app.didit.tell(app.server.base, session_id, 'Declined'), 200);
	const second = expect(await app.create(email), 201).data.session;
	// A message that waits, for the other tenant.
	app.mailServer.refuse.recipient = 451;
	expect(await app.prepare(email, bank), 201);
	expect(await app.send(email, bank), 201);
	await until('the message to be put off', async () => (await app.status(email, bank)).json.details.last_code === 'deferred');
	for (let i = 0; i < 20; i++) expect(await app.prepare(newEmail()), 201); // neighbours on the same pages

	const [{ id }] = askRows(app, 'SELECT user_id AS id FROM sessions LIMIT 1');
	const secrets = bytesOf(app, id);
	assert.deepEqual([...new Set(secrets.map((row) => row.what))].sort(),
		['addresses.blind_index', 'addresses.sealed_address', 'effects.sealed_payload', 'enrolments.blind_index', 'otps.digest', 'sessions.sealed_decision', 'sessions.sealed_url', 'users.wrapped_key']);
	assert.ok(ON_POSTGRES || (await left(app, secrets)).length >= secrets.length, 'the search finds what is there');

	// Without --yes nothing happens, and it is said what would.
	const counts = { addresses: 1, tenants: 2, codes: 2, claims: 0, messages: 1, sessions: 2, blocklisted: false };
	const preview = await erase(app, email, '--json');
	assert.equal(preview.code, 2);
	assert.equal(preview.stderr, 'kycd: nothing was erased. Erasing cannot be undone: repeat the command with --yes\n');
	assert.deepEqual(JSON.parse(preview.stdout), { erased: false, people: [{ id, group: 'ring', ...counts, provider_sessions: [second.session_id, session_id] }] });
	assert.deepEqual(bytesOf(app, id), secrets);
	assert.equal((await app.status(email)).data.session_status, 'Not Started');

	const done = await erase(app, email, '--yes');
	assert.deepEqual([done.code, done.stderr], [0, '']);
	for (const part of [`person ${id} in group ring was erased`, `Delete these sessions in its console:\n  ${second.session_id}\n  ${session_id}\n`, 'Earlier backups'])
		assert.ok(done.stdout.includes(part), done.stdout);
	assert.ok(!done.stdout.includes(email));
	assert.deepEqual(await left(app, secrets), [], 'in no file, while the server runs');
	assert.deepEqual(bytesOf(app, id), []);

	// What stays: that there were checks, and the acts. All of it fits together.
	assert.deepEqual(askRows(app, `SELECT provider_ref AS provider, length(sealed_url) + length(sealed_decision) AS sealed, status FROM sessions WHERE user_id = '${id}' ORDER BY created_at`),
		[{ provider: session_id, sealed: 0, status: 7 }, { provider: second.session_id, sealed: 0, status: 8 }]);
	assert.deepEqual(askRows(app, `SELECT language, tries_reset_at, send_tat FROM users WHERE id = '${id}'`), [{ language: '', tries_reset_at: 0, send_tat: 0 }]);
	const acts = (await app.server.run('audit', 'list', '--subject', id, '--json')).split('\n').map((line) => JSON.parse(line));
	assert.deepEqual([acts.at(-1).action, acts.at(-1).actor, acts.at(-1).subject], ['user_erased', 'operator', id]);
	await app.server.run('db', 'check');

	// Gone means gone: for the operator, and a stranger to every tenant.
	assert.deepEqual([(await erase(app, email, '--yes')).code, (await erase(app, email)).code], [1, 1]);
	for (const who of [{}, bank]) {
		expect(await app.status(email, who), 404, 'user_not_found');
		expect(await app.send(email, who), 404, 'user_not_found');
		expect(await app.create(email, who), 403, 'user_not_prepared');
	}
	expect(await app.post('/kyc/status', { session_id: second.session_id }), 404, 'kyc_not_found');

	// What comes late is taken note of, and changes nothing.
	expect(await app.didit.tell(app.server.base, second.session_id, 'Approved'), 200);
	expect(await app.didit.tell(app.server.base, session_id, 'Approved'), 200);
	assert.equal(await app.server.metric('kycd_provider_events_total', { outcome: 'erased' }), 2);
	expect(await app.call('GET', `/return?verificationSessionId=${second.session_id}`, { key: null }), 200);
	assert.deepEqual(bytesOf(app, id), []);
	assert.deepEqual(askRows(app, `SELECT status FROM sessions WHERE user_id = '${id}' ORDER BY created_at`).map((row) => row.status), [7, 8]);

	for (const who of [{}, bank]) expect(await app.prepare(email, who), 201, 'user_prepared');
	delete app.mailServer.refuse.recipient;
	assert.equal((await app.started(email)).session_id.length, 36, 'a new person from the beginning');
	assert.equal(app.mailServer.messagesTo(email).length, 2, 'the message that waited was never handed over');
	assert.notEqual(askRows(app, 'SELECT user_id AS id FROM sessions ORDER BY created_at DESC LIMIT 1')[0].id, id);
});

test('who is erased while the provider is asked is a stranger when it answers', async (t) => {
	const app = await App.open(t);
	const email = await app.proven(newEmail());
	app.didit.hold = true;
	const waiting = [app.create(email), app.create(email)];
	await until('the provider to be asked', () => app.didit.held.length === 1);
	const [{ id }] = askRows(app, 'SELECT user_id AS id FROM sessions');
	assert.equal((await erase(app, email, '--yes')).code, 0);
	app.didit.hold = false;
	app.didit.release();
	for (const answer of await Promise.all(waiting)) expect(answer, 403, 'user_not_prepared');
	const { made } = app.didit.creates[0];

	assert.deepEqual(bytesOf(app, id), []);
	assert.deepEqual(askRows(app, 'SELECT provider_ref AS provider, status FROM sessions'), [{ provider: made.session_id, status: 8 }], 'known, so that it can be deleted there');
	const acts = (await app.server.run('audit', 'list', '--subject', id, '--json')).split('\n').map((line) => JSON.parse(line));
	assert.deepEqual(acts.slice(-2).map((row) => [row.action, row.detail]), [['user_erased', null], ['session_created', 'erased']]);
	expect(await app.didit.tell(app.server.base, made.session_id, 'Approved'), 200);
	assert.deepEqual(bytesOf(app, id), []);
	expect(await app.prepare(email), 201, 'user_prepared');
	assert.equal((await app.status(email)).json.status, 'kyc_not_found');
});

/** Somebody who reads the database for long, with the engine's own shell. */
async function reader(app) {
	const child = spawn('sqlite3', ['-readonly', path.join(app.folder, 'kycd.db')], { stdio: ['pipe', 'pipe', 'inherit'] });
	const ended = once(child, 'close');
	child.stdin.write('BEGIN;\nSELECT count(*) FROM users;\n');
	await within('the reader to read', 10_000, once(child.stdout, 'data'));
	return async () => {
		child.stdin.end();
		await within('the reader to end', 10_000, ended);
	};
}

testOfFiles('old pages are waited for while newEmail reads, and told when they stay', async (t) => {
	const app = await App.open(t);
	for (const stays of [false, true]) {
		const email = await app.proven(newEmail());
		const [{ id }] = askRows(app, 'SELECT id FROM users ORDER BY created_at DESC LIMIT 1');
		const secrets = bytesOf(app, id);
		const leave = await reader(app);
		const erasing = erase(app, email, '--yes');
		await until('the erasure', () => bytesOf(app, id).length === 0);
		if (!stays) await leave();
		const done = await erasing;
		assert.equal(done.code, 0, 'erased is erased');
		if (stays) {
			assert.match(done.stderr, /^kycd: the person was erased, but old pages are still in the write-ahead log.* read.*\n$/);
			assert.notDeepEqual(await left(app, secrets), []);
			await leave();
			await app.server.stop();
			await app.server.start();
		} else {
			assert.equal(done.stderr, '');
		}
		assert.deepEqual(await left(app, secrets), []);
	}
});
