// A person is erased: nothing that is left leads to them, and nothing that comes late brings them back.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { ON_POSTGRES, askRows, hexOf, testOfFiles } from './lib/database.mjs';
import { House, expect, somebody } from './lib/house.mjs';
import { run } from './lib/kycd.mjs';
import { until, within } from './lib/wait.mjs';

function erase(house, email, ...options) {
	return run(['user', 'erase', '-', ...options], { settings: house.server.settings, folder: house.folder, input: `${email}\n` });
}

/** All that is kept of a person as bytes: what finds them, what is sealed, and the key to it. */
function bytesOf(house, id) {
	const question = [
		['users', 'wrapped_key', 'id'], ['addresses', 'blind_index', 'user_id'], ['addresses', 'sealed_address', 'user_id'], ['enrolments', 'blind_index', 'user_id'], ['otps', 'digest', 'user_id'],
		['sessions', 'sealed_url', 'user_id'], ['sessions', 'sealed_decision', 'user_id'], ['effects', 'sealed_payload', 'user_id'],
	].map(([table, column, key]) => `SELECT '${table}.${column}' AS what, ${hexOf(column)} AS bytes FROM ${table} WHERE "${key}" = '${id}' AND length("${column}") > 0`).join(' UNION ALL ');
	return askRows(house, question);
}

async function left(house, secrets) {
	const found = [];
	const files = (await readdir(house.folder)).filter((name) => name.startsWith('kycd.db'));
	assert.ok(ON_POSTGRES || (files.includes('kycd.db') && files.includes('kycd.db-wal')), 'the server is running');
	for (const name of files) {
		const content = await readFile(path.join(house.folder, name));
		for (const { what, bytes } of secrets) if (content.includes(Buffer.from(bytes, 'hex'))) found.push(`${what} in ${name}`);
	}
	return found;
}

test('a person is erased from the database, its log and the memory of every tenant', async (t) => {
	const house = await House.open(t, { tenant: null });
	house.key = await house.addTenant('shop', '--group', 'ring');
	const bank = { key: await house.addTenant('bank', '--group', 'ring') };
	const email = somebody();
	const { session_id } = await house.started(email);
	expect(await house.post('/kyc/prepare', { email, language: 'pt-BR' }), 200);
	expect(await house.didit.tell(house.server.base, session_id, 'Declined'), 200);
	const second = expect(await house.create(email), 201).data.session;
	// A letter that waits, for the other tenant.
	house.postbox.refuse.recipient = 451;
	expect(await house.prepare(email, bank), 201);
	expect(await house.send(email, bank), 201);
	await until('the letter to be put off', async () => (await house.status(email, bank)).json.details.last_code === 'deferred');
	for (let i = 0; i < 20; i++) expect(await house.prepare(somebody()), 201); // neighbours on the same pages

	const [{ id }] = askRows(house, 'SELECT user_id AS id FROM sessions LIMIT 1');
	const secrets = bytesOf(house, id);
	assert.deepEqual([...new Set(secrets.map((row) => row.what))].sort(),
		['addresses.blind_index', 'addresses.sealed_address', 'effects.sealed_payload', 'enrolments.blind_index', 'otps.digest', 'sessions.sealed_decision', 'sessions.sealed_url', 'users.wrapped_key']);
	assert.ok(ON_POSTGRES || (await left(house, secrets)).length >= secrets.length, 'the search finds what is there');

	// Without --yes nothing happens, and it is said what would.
	const counts = { addresses: 1, tenants: 2, codes: 2, claims: 0, letters: 1, sessions: 2, blocklisted: false };
	const preview = await erase(house, email, '--json');
	assert.equal(preview.code, 2);
	assert.equal(preview.stderr, 'kycd: nothing was erased. Erasing cannot be undone: repeat the command with --yes\n');
	assert.deepEqual(JSON.parse(preview.stdout), { erased: false, people: [{ id, group: 'ring', ...counts, provider_sessions: [second.session_id, session_id] }] });
	assert.deepEqual(bytesOf(house, id), secrets);
	assert.equal((await house.status(email)).data.session_status, 'Not Started');

	const done = await erase(house, email, '--yes');
	assert.deepEqual([done.code, done.stderr], [0, '']);
	for (const part of [`person ${id} in group ring was erased`, `Delete these sessions in its console:\n  ${second.session_id}\n  ${session_id}\n`, 'Earlier backups'])
		assert.ok(done.stdout.includes(part), done.stdout);
	assert.ok(!done.stdout.includes(email));
	assert.deepEqual(await left(house, secrets), [], 'in no file, while the server runs');
	assert.deepEqual(bytesOf(house, id), []);

	// What stays: that there were checks, and the acts. All of it fits together.
	assert.deepEqual(askRows(house, `SELECT provider_ref AS provider, length(sealed_url) + length(sealed_decision) AS sealed, status FROM sessions WHERE user_id = '${id}' ORDER BY created_at`),
		[{ provider: session_id, sealed: 0, status: 7 }, { provider: second.session_id, sealed: 0, status: 8 }]);
	assert.deepEqual(askRows(house, `SELECT language, tries_reset_at, send_tat FROM users WHERE id = '${id}'`), [{ language: '', tries_reset_at: 0, send_tat: 0 }]);
	const acts = (await house.server.run('audit', 'list', '--subject', id, '--json')).split('\n').map((line) => JSON.parse(line));
	assert.deepEqual([acts.at(-1).action, acts.at(-1).actor, acts.at(-1).subject], ['user_erased', 'operator', id]);
	await house.server.run('db', 'check');

	// Gone means gone: for the operator, and a stranger to every tenant.
	assert.deepEqual([(await erase(house, email, '--yes')).code, (await erase(house, email)).code], [1, 1]);
	for (const who of [{}, bank]) {
		expect(await house.status(email, who), 404, 'user_not_found');
		expect(await house.send(email, who), 404, 'user_not_found');
		expect(await house.create(email, who), 403, 'user_not_prepared');
	}
	expect(await house.post('/kyc/status', { session_id: second.session_id }), 404, 'kyc_not_found');

	// What comes late is taken note of, and changes nothing.
	expect(await house.didit.tell(house.server.base, second.session_id, 'Approved'), 200);
	expect(await house.didit.tell(house.server.base, session_id, 'Approved'), 200);
	assert.equal(await house.server.metric('kycd_provider_events_total', { outcome: 'erased' }), 2);
	expect(await house.call('GET', `/return?verificationSessionId=${second.session_id}`, { key: null }), 200);
	assert.deepEqual(bytesOf(house, id), []);
	assert.deepEqual(askRows(house, `SELECT status FROM sessions WHERE user_id = '${id}' ORDER BY created_at`).map((row) => row.status), [7, 8]);

	for (const who of [{}, bank]) expect(await house.prepare(email, who), 201, 'user_prepared');
	delete house.postbox.refuse.recipient;
	assert.equal((await house.started(email)).session_id.length, 36, 'a new person from the beginning');
	assert.equal(house.postbox.lettersTo(email).length, 2, 'the letter that waited was never handed over');
	assert.notEqual(askRows(house, 'SELECT user_id AS id FROM sessions ORDER BY created_at DESC LIMIT 1')[0].id, id);
});

test('who is erased while the provider is asked is a stranger when it answers', async (t) => {
	const house = await House.open(t);
	const email = await house.proven(somebody());
	house.didit.hold = true;
	const waiting = [house.create(email), house.create(email)];
	await until('the provider to be asked', () => house.didit.held.length === 1);
	const [{ id }] = askRows(house, 'SELECT user_id AS id FROM sessions');
	assert.equal((await erase(house, email, '--yes')).code, 0);
	house.didit.hold = false;
	house.didit.release();
	for (const answer of await Promise.all(waiting)) expect(answer, 403, 'user_not_prepared');
	const { made } = house.didit.creates[0];

	assert.deepEqual(bytesOf(house, id), []);
	assert.deepEqual(askRows(house, 'SELECT provider_ref AS provider, status FROM sessions'), [{ provider: made.session_id, status: 8 }], 'known, so that it can be deleted there');
	const acts = (await house.server.run('audit', 'list', '--subject', id, '--json')).split('\n').map((line) => JSON.parse(line));
	assert.deepEqual(acts.slice(-2).map((row) => [row.action, row.detail]), [['user_erased', null], ['session_created', 'erased']]);
	expect(await house.didit.tell(house.server.base, made.session_id, 'Approved'), 200);
	assert.deepEqual(bytesOf(house, id), []);
	expect(await house.prepare(email), 201, 'user_prepared');
	assert.equal((await house.status(email)).json.status, 'kyc_not_found');
});

/** Somebody who reads the database for long, with the engine's own shell. */
async function reader(house) {
	const child = spawn('sqlite3', ['-readonly', path.join(house.folder, 'kycd.db')], { stdio: ['pipe', 'pipe', 'inherit'] });
	const ended = once(child, 'close');
	child.stdin.write('BEGIN;\nSELECT count(*) FROM users;\n');
	await within('the reader to read', 10_000, once(child.stdout, 'data'));
	return async () => {
		child.stdin.end();
		await within('the reader to end', 10_000, ended);
	};
}

testOfFiles('old pages are waited for while somebody reads, and told when they stay', async (t) => {
	const house = await House.open(t);
	for (const stays of [false, true]) {
		const email = await house.proven(somebody());
		const [{ id }] = askRows(house, 'SELECT id FROM users ORDER BY created_at DESC LIMIT 1');
		const secrets = bytesOf(house, id);
		const leave = await reader(house);
		const erasing = erase(house, email, '--yes');
		await until('the erasure', () => bytesOf(house, id).length === 0);
		if (!stays) await leave();
		const done = await erasing;
		assert.equal(done.code, 0, 'erased is erased');
		if (stays) {
			assert.match(done.stderr, /^kycd: the person was erased, but old pages are still in the write-ahead log.* read.*\n$/);
			assert.notDeepEqual(await left(house, secrets), []);
			await leave();
			await house.server.stop();
			await house.server.start();
		} else {
			assert.equal(done.stderr, '');
		}
		assert.deepEqual(await left(house, secrets), []);
	}
});
