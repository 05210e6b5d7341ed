// The operator's commands about people: session states, the audit log, showing a person, resetting tries and erasing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { PROGRAM, makeFolder, removeFolder, run } from './lib/kycd.mjs';

async function emptyFolder(t) {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	return folder;
}

/** Parses the subset of the DOT language that kycd writes: nodes and edges with their attributes. Fails on any other line. */
function parseDot(text) {
	const graph = { nodes: new Map(), edges: [] };
	const lines = text.trimEnd().split('\n').filter((line) => !line.startsWith('//'));
	assert.match(lines.shift(), /^digraph \w+ \{$/);
	assert.equal(lines.pop(), '}');
	for (const line of lines) {
		if (/^\t(rankdir=\w+|node \[shape=\w+\]);$/.test(line)) continue;
		const edge = /^\t"([^"]+)" -> "([^"]+)"( \[style=dashed\])?;$/.exec(line);
		const node = /^\t"([^"]+)" \[label="([^"]+)"(?:, (peripheries=2|style=dashed))?\];$/.exec(line);
		assert.ok(edge || node, `not a node or an edge: ${line}`);
		if (edge) graph.edges.push([edge[1], edge[2]]);
		else graph.nodes.set(node[1], { label: node[2], mark: node[3] });
	}
	return graph;
}

test('kycd states prints the session states as a table, as JSON and as a DOT graph', async (t) => {
	const folder = await emptyFolder(t);
	const printStates = async (...args) => {
		const result = await run(['states', ...args], { folder }); // without any setting
		assert.equal(result.code, 0, result.stderr);
		return result.stdout;
	};
	const states = JSON.parse(await printStates('--json'));
	const byStatus = Object.fromEntries(states.map((state) => [state.status, state]));
	assert.equal(states.length, 11);
	assert.deepEqual(byStatus.Creating, { status: 'Creating', word: 'pending', kind: 'internal', next: ['Not Started'] });
	assert.deepEqual([...byStatus['In Review'].next].sort(), ['Approved', 'Declined', 'Resubmitted']);
	assert.deepEqual(byStatus.Expired, { status: 'Expired', word: 'expired', kind: 'final', next: [] });

	const graph = parseDot(await printStates('--dot'));
	assert.deepEqual([...graph.nodes.keys()], states.map((state) => state.status));
	assert.deepEqual(graph.edges, states.flatMap((state) => state.next.map((next) => [state.status, next])));
	for (const [name, { label, mark }] of graph.nodes) {
		assert.equal(label, `${name}\\n${byStatus[name].word}`);
		assert.equal(mark, { open: undefined, final: 'peripheries=2', internal: 'style=dashed' }[byStatus[name].kind]);
	}

	const [head, ...lines] = (await printStates()).trimEnd().split('\n');
	assert.match(head, /^status +data\.status +kind +may become$/);
	assert.deepEqual(lines.map((line) => line.split(/ {2,}/)[0]), states.map((state) => state.status));
	assert.match(lines[5], /^In Review +in_review +open +Resubmitted, Approved, Declined$/);
	assert.equal((await run(['states', '--dot', '--json'], { folder })).code, 2);
});

/** Returns the audit log as objects. */
async function auditList(app, ...args) {
	const text = await app.server.run('audit', 'list', '--json', ...args);
	return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line));
}

test('audit list prints all entries, those of one subject and those since a moment', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	expect(await app.prepare(email, { headers: { 'x-request-id': 'step.prepare' } }), 201);
	const other = newEmail();
	await app.startSession(other);
	const key = app.key.slice(5, 13);

	const rows = await auditList(app);
	const prepared = rows.find((row) => row.request_id === 'step.prepare');
	const tenant = rows.find((row) => row.action === 'tenant_added').subject;
	assert.deepEqual(prepared, { id: prepared.id, at: prepared.at, action: 'prepared', actor: 'key', actor_id: key, subject: prepared.subject, tenant_id: tenant, request_id: 'step.prepare', detail: null });
	assert.deepEqual(rows.slice(0, 3).map((row) => [row.action, row.actor, row.actor_id, row.subject, row.request_id]),
		[['tenant_added', 'operator', null, tenant, null], ['key_created', 'operator', null, key, null], ['prepared', 'key', key, prepared.subject, 'step.prepare']]);
	assert.deepEqual(rows.slice(3).map((row) => [row.action, row.detail]),
		[['prepared', null], ['code_sent', null], ['verified', 'email'], ['quota_reserved', null], ['session_created', null]]);
	assert.deepEqual(rows.map((row) => row.id), rows.map((row) => row.id).sort(), 'in chronological order');
	assert.ok(!JSON.stringify(rows).includes('@'));

	// A subject is a person, a tenant or a key.
	for (const [subject, n] of [[prepared.subject, 1], [rows.at(-1).subject, 4], [tenant, 2], [key, 1]])
		assert.deepEqual(await auditList(app, '--subject', subject), rows.filter((row) => row.subject === subject), `${n} rows`);
	assert.deepEqual(await auditList(app, '--subject', '0'.repeat(26)), [], 'an unknown id has no entries');

	// --since includes the entries of that millisecond, and excludes earlier ones.
	const at = Date.parse(rows[3].at);
	const since = (ms) => rows.filter((row) => Date.parse(row.at) >= ms);
	for (const ms of [at - 1, at, at + 1]) assert.deepEqual(await auditList(app, '--since', new Date(ms).toISOString()), since(ms), `since ${ms - at} ms`);
	assert.deepEqual(await auditList(app, '--since', '1h'), rows);
	assert.deepEqual(await auditList(app, '--since', '2999-01-01T00:00:00Z'), []);
	assert.deepEqual(await auditList(app, '--since', new Date(at + 1).toISOString(), '--subject', prepared.subject), []);

	// Without --json each entry is one line.
	const lines = (await app.server.run('audit', 'list')).split('\n');
	assert.equal(lines.length, rows.length);
	assert.deepEqual(lines[2].split(/ +/), [prepared.at, 'prepared', `key:${key}`, prepared.subject, tenant, 'step.prepare', '-']);

	for (const wrong of [['--subject', email], ['--subject', 'x'], ['--since', 'yesterday'], ['--since', ''], ['more']]) {
		const result = await run(['audit', 'list', ...wrong], { settings: app.server.settings, folder: app.folder });
		assert.equal(result.code, 2, `${wrong}: ${result.stdout}`);
		assert.ok(!result.stderr.includes(email), 'the error message does not contain the address');
	}
});

test('a long audit log is printed completely, and a closed pipe ends the command without an error', async (t) => {
	const app = await App.open(t);
	const N = 700;
	for (let i = 0; i < N; i += 50)
		await Promise.all(Array.from({ length: 50 }, async () => expect(await app.prepare(newEmail()), 201)));
	const rows = await auditList(app);
	assert.equal(rows.length, N + 2);
	assert.equal(new Set(rows.map((row) => row.id)).size, N + 2, 'each entry is printed once');
	// Like `kycd audit list | head -1`, eight times.
	const closed = spawnSync('sh', ['-c', 'for i in 1 2 3 4 5 6 7 8; do "$0" audit list; echo "$?" >&2; done | head -1', PROGRAM],
		{ cwd: app.folder, env: { ...process.env, ...app.server.settings }, encoding: 'utf8' });
	assert.equal(closed.stdout.split('\n').length, 2);
	// On a busy machine reading a page may take so long that it is logged.
	assert.match(closed.stderr.replace(/^time=.* event=slow_job .*\n/gm, ''), /^(0\n)+$/, 'no message on stderr and exit code 0');
	const full = openSync('/dev/full', 'w');
	const failed = spawnSync(PROGRAM, ['audit', 'list'], { cwd: app.folder, env: { ...process.env, ...app.server.settings }, stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
	closeSync(full);
	assert.deepEqual([failed.status, failed.stderr], [1, 'kycd: standard output cannot be written\n']);
});

/** Runs a `kycd user` command with the address on standard input, so that the list of processes does not show it. */
async function userCommand(app, verb, email, ...options) {
	return run(['user', verb, '-', ...options], { settings: app.server.settings, folder: app.folder, input: `${email}\n` });
}

async function showPeople(app, email, ...options) {
	const result = await userCommand(app, 'show', email, '--json', ...options);
	assert.equal(result.code, 0, result.stderr);
	return JSON.parse(result.stdout).people;
}

const TIMESTAMP = /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

test('user show prints ids, statuses and times of a person, but no personal data', async (t) => {
	const app = await App.open(t);
	const email = newEmail('zelda.quixote');
	assert.deepEqual(await userCommand(app, 'show', email), { code: 1, stdout: '', stderr: 'kycd: there is no person with this address or id\n' });

	const { session_id, session_url } = await app.startSession(email);
	const code = (await app.mailServer.messageTo(email)).code;
	let [person, ...more] = await showPeople(app, email);
	assert.deepEqual(more, []);
	const rows = await auditList(app, '--subject', person.id);
	const tenant = rows[0].tenant_id;
	assert.match(person.created_at, TIMESTAMP);
	const [{ prepared_at, verified_at, user_id }] = person.tenants;
	assert.match(user_id, /^usr_[0-9a-z]{26}$/);
	const [{ created_at, last_update_at }] = person.sessions;
	for (const time of [prepared_at, verified_at, created_at, last_update_at]) assert.match(time, TIMESTAMP);
	assert.deepEqual(person, {
		id: person.id, linked_users: [], group: '@shop', created_at: person.created_at, language: null, tries_reset_at: null, addresses: 1,
		status: 'pending', approved: false, reasons: [], next_action: 'continue_session', create: 'resume', tries: { of: 5, left: 5, next_at: null }, blocklisted: false,
		tenants: [{ id: tenant, name: 'shop', kind: 'email', prepared_at, verified_at, last_code: 'accepted', user_id, reference: null }],
		sessions: [{ session_id, status: 'Not Started', created_at, last_update_at, tenant: 'shop', after_decline: false, blocklisted: false }],
		older_sessions: false,
		audit: rows,
	});
	assert.deepEqual(rows.map((row) => row.action), ['prepared', 'code_sent', 'verified', 'session_created']);

	expect(await app.didit.sendStatusEvent(app.server.base, session_id, 'Approved'), 200);
	[person] = await showPeople(app, ` ${email.toUpperCase()}\t`);
	assert.deepEqual([person.status, person.approved, person.create], ['approved', true, 'approved']);

	const page = await readFile(new URL('../../docs/people.md', import.meta.url), 'utf8');
	for (const part of [person, person.tries, person.tenants[0], person.sessions[0], person.audit[0]])
		for (const name of Object.keys(part)) assert.ok(page.includes(`\`${name}\``), `docs/people.md describes ${name}`);

	// The text and the JSON contain no personal data and nothing that gives access, such as a code or a session URL.
	const text = await userCommand(app, 'show', email);
	assert.equal(text.code, 0);
	for (const part of [person.id, 'group @shop', 'status     approved', session_id, 'last code accepted', 'Approved', 'provider_event', '5 left of 5'])
		assert.ok(text.stdout.includes(part), `${part}: ${text.stdout}`);
	const json = await userCommand(app, 'show', email, '--json');
	for (const secret of [email, 'quixote', session_url, session_url.split('/').pop(), 'Exemplo', '203.0.113'])
		for (const output of [text.stdout, text.stderr, json.stdout]) assert.ok(!output.toLowerCase().includes(secret.toLowerCase()), secret);
	for (const output of [text.stdout, json.stdout]) assert.doesNotMatch(output, new RegExp(`(?<!\\d)${code}(?!\\d)`));

	// The address may also be given on the command line.
	assert.deepEqual(JSON.parse(await app.server.run('user', 'show', email, '--json')), { people: [person] });
	// So may the id that a tenant knows.
	assert.deepEqual(await showPeople(app, user_id), [person]);
	assert.equal((await userCommand(app, 'show', user_id.slice(0, -1))).stderr, 'kycd: this is no id of a person (usr_ and 26 characters)\n');
});

test('an address in several groups belongs to several people', async (t) => {
	const app = await App.open(t);
	const bank = { key: await app.addTenant('bank', '--group', 'ring') };
	const kiosk = { key: await app.addTenant('kiosk', '--group', 'ring') };
	const email = newEmail();
	for (const options of [{}, bank, kiosk]) expect(await app.prepare(email, { key: app.key, ...options }), 201);
	const people = await showPeople(app, email);
	assert.deepEqual(people.map((person) => [person.group, person.tenants.map((tenant) => tenant.name).sort()]), [['ring', ['bank', 'kiosk']], ['@shop', ['shop']]]);
	assert.notEqual(people[0].id, people[1].id);
	assert.deepEqual(await showPeople(app, email, '--group', 'ring'), [people[0]]);
	assert.deepEqual(await showPeople(app, email, '--group', '@shop'), [people[1]]);
	for (const [group, message] of [['shop', /no group with this name/], ['@bank', /no group with this name/], ['@', /no group/]]) {
		const result = await userCommand(app, 'show', email, '--group', group);
		assert.deepEqual([result.code, result.stdout], [1, '']);
		assert.match(result.stderr, message);
	}
	assert.equal((await userCommand(app, 'show', newEmail(), '--group', 'ring')).stderr, 'kycd: there is no person with this address or id\n');

	// The person is first erased in one group and stays in the other, and is then erased in all groups.
	assert.equal((await userCommand(app, 'erase', email, '--group', 'ring', '--yes')).code, 0);
	assert.deepEqual(await showPeople(app, email), [people[1]]);
	expect(await app.prepare(email, bank), 201);
	expect(await app.prepare(email), 200);
	const result = JSON.parse((await userCommand(app, 'erase', email, '--yes', '--json')).stdout);
	assert.deepEqual(result.people.map((person) => person.group), ['ring', '@shop']);
	assert.equal((await userCommand(app, 'show', email)).code, 1);
});

test('input that is neither an e-mail address nor a wallet is refused, and the message does not repeat it', async (t) => {
	const app = await App.open(t);
	const rows = [
		['0x52908400098527886E0F7030069857D2E4169EE', /nor a wallet: an EVM address/], ['0x52908400098527886E0F7030069857D2E4169Ee7', /nor a wallet: .*checksum/],
		['7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFL', /nor a wallet: .*Solana/], ['nobody', /neither an e-mail address nor a wallet/], ['', /no line with an address|neither an e-mail/], ['a@b@c.example', /not an e-mail address/],
	];
	for (const verb of ['show', 'reset-tries', 'erase'])
		for (const [text, message] of rows)
			for (const result of [await userCommand(app, verb, text), await run(['user', verb, text], { settings: app.server.settings, folder: app.folder })]) {
				assert.deepEqual([result.code, result.stdout], [2, ''], `${verb} ${text}`);
				assert.match(result.stderr, message);
				assert.ok(text === '' || !result.stderr.includes(text));
			}
	for (const input of ['', 'a'.repeat(5000)]) {
		const result = await run(['user', 'show', '-'], { settings: app.server.settings, folder: app.folder, input });
		assert.equal(result.code, 2);
		assert.match(result.stderr, /standard input/);
	}
	assert.equal((await userCommand(app, 'show', newEmail(), '--group', '')).code, 2);
	for (const verb of ['show', 'reset-tries', 'erase']) assert.equal((await run(['user', verb], { folder: app.folder })).code, 2);
});

test('reset-tries allows a person who has used up the tries another one at once', async (t) => {
	const app = await App.open(t, { settings: { KYCD_TRIES: '2/30d' } });
	const email = newEmail();
	const decline = async (session) => expect(await app.didit.sendStatusEvent(app.server.base, session.session_id, 'Declined'), 200);
	const createSession = async () => expect(await app.create(email), 201, 'kyc_session_created').data.session;

	const first = await app.startSession(email);
	assert.match((await userCommand(app, 'reset-tries', email)).stdout, /^person \w+ in group @shop: another try was possible already; nothing was changed\n$/);
	await decline(first);
	let [person] = await showPeople(app, email);
	assert.deepEqual([person.create, person.tries], ['new', { of: 2, left: 2, next_at: null }]);
	for (const left of [1, 0]) {
		await decline(await createSession());
		[person] = await showPeople(app, email);
		assert.equal(person.tries.left, left);
		assert.equal(person.sessions[0].after_decline, true);
		const oldest = person.sessions.filter((session) => session.after_decline).at(-1);
		assert.equal(Date.parse(person.tries.next_at), Date.parse(oldest.created_at) + 30 * 86_400_000 + 1);
	}
	assert.deepEqual([person.status, person.create], ['declined', 'refused']);
	expect(await app.create(email), 403, 'kyc_not_approved');

	const result = JSON.parse((await userCommand(app, 'reset-tries', email, '--json')).stdout);
	assert.deepEqual(result, { people: [{ id: person.id, group: '@shop', was_needed: true, tries: 2, blocklisted: false }] });
	await createSession();
	[person] = await showPeople(app, email);
	assert.match(person.tries_reset_at, TIMESTAMP);
	const resets = person.audit.filter((row) => row.action === 'tries_reset');
	assert.deepEqual(resets.map((row) => [row.actor, row.actor_id, row.detail]), [['operator', null, 'declined']]);
	assert.equal((await userCommand(app, 'reset-tries', newEmail())).code, 1);
});
