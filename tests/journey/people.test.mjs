// What operators ask and do about people: states, the trail, one person shown, allowed another try, erased.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import test from 'node:test';
import { House, expect, somebody } from './lib/house.mjs';
import { PROGRAM, makeFolder, removeFolder, run } from './lib/kycd.mjs';

async function emptyFolder(t) {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	return folder;
}

/** Graphviz' language as far as we speak it: nodes and edges with their attributes; anything else is a failure. */
function parseDot(text) {
	const graph = { nodes: new Map(), edges: [] };
	const lines = text.trimEnd().split('\n').filter((line) => !line.startsWith('//'));
	assert.match(lines.shift(), /^digraph \w+ \{$/);
	assert.equal(lines.pop(), '}');
	for (const line of lines) {
		if (/^\t(rankdir=\w+|node \[shape=\w+\]);$/.test(line)) continue;
		const edge = /^\t"([^"]+)" -> "([^"]+)"( \[style=dashed\])?;$/.exec(line);
		const node = /^\t"([^"]+)" \[label="([^"]+)"(?:, (peripheries=2|style=dashed))?\];$/.exec(line);
		assert.ok(edge || node, `not a line of a graph: ${line}`);
		if (edge) graph.edges.push([edge[1], edge[2]]);
		else graph.nodes.set(node[1], { label: node[2], mark: node[3] });
	}
	return graph;
}

test('the states of a check, as a table, as JSON and to be drawn', async (t) => {
	const folder = await emptyFolder(t);
	const say = async (...args) => {
		const done = await run(['states', ...args], { folder }); // no setting at all
		assert.equal(done.code, 0, done.stderr);
		return done.stdout;
	};
	const states = JSON.parse(await say('--json'));
	const by = Object.fromEntries(states.map((state) => [state.status, state]));
	assert.equal(states.length, 11);
	assert.deepEqual(by.Creating, { status: 'Creating', word: 'pending', kind: 'ours', next: ['Not Started'] });
	assert.deepEqual([...by['In Review'].next].sort(), ['Approved', 'Declined', 'Resubmitted']);
	assert.deepEqual(by.Expired, { status: 'Expired', word: 'expired', kind: 'final', next: [] });

	const graph = parseDot(await say('--dot'));
	assert.deepEqual([...graph.nodes.keys()], states.map((state) => state.status));
	assert.deepEqual(graph.edges, states.flatMap((state) => state.next.map((next) => [state.status, next])));
	for (const [name, { label, mark }] of graph.nodes) {
		assert.equal(label, `${name}\\n${by[name].word}`);
		assert.equal(mark, { open: undefined, final: 'peripheries=2', ours: 'style=dashed' }[by[name].kind]);
	}

	const [head, ...lines] = (await say()).trimEnd().split('\n');
	assert.match(head, /^status +data\.status +kind +may become$/);
	assert.deepEqual(lines.map((line) => line.split(/ {2,}/)[0]), states.map((state) => state.status));
	assert.match(lines[5], /^In Review +in_review +open +Resubmitted, Approved, Declined$/);
	assert.equal((await run(['states', '--dot', '--json'], { folder })).code, 2);
});

/** The trail as objects. */
async function trail(house, ...args) {
	const text = await house.server.run('trail', '--json', ...args);
	return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line));
}

test('the trail of all, of one subject, and since when', async (t) => {
	const house = await House.open(t);
	const email = somebody();
	expect(await house.prepare(email, { headers: { 'x-request-id': 'step.prepare' } }), 201);
	const other = somebody();
	await house.started(other);
	const key = house.key.slice(5, 13);

	const rows = await trail(house);
	const prepared = rows.find((row) => row.request === 'step.prepare');
	const tenant = rows.find((row) => row.act === 'tenant_added').subject;
	assert.deepEqual(prepared, { id: prepared.id, at: prepared.at, act: 'prepared', actor: 'key', actor_id: key, subject: prepared.subject, tenant, request: 'step.prepare', note: null });
	assert.deepEqual(rows.slice(0, 3).map((row) => [row.act, row.actor, row.actor_id, row.subject, row.request]),
		[['tenant_added', 'operator', null, tenant, null], ['key_created', 'operator', null, key, null], ['prepared', 'key', key, prepared.subject, 'step.prepare']]);
	assert.deepEqual(rows.slice(3).map((row) => [row.act, row.note]),
		[['prepared', null], ['code_sent', null], ['proven', 'email'], ['quota_reserved', null], ['session_created', null]]);
	assert.deepEqual(rows.map((row) => row.id), rows.map((row) => row.id).sort(), 'in the order of time');
	assert.ok(!JSON.stringify(rows).includes('@'));

	// One subject: a person, a tenant, a key.
	for (const [subject, n] of [[prepared.subject, 1], [rows.at(-1).subject, 4], [tenant, 2], [key, 1]])
		assert.deepEqual(await trail(house, '--subject', subject), rows.filter((row) => row.subject === subject), `${n} rows`);
	assert.deepEqual(await trail(house, '--subject', '0'.repeat(26)), [], 'nobody has that id');

	// Since a moment: what was made in that millisecond is in, what was made before is not.
	const at = Date.parse(rows[3].at);
	const from = (ms) => rows.filter((row) => Date.parse(row.at) >= ms);
	for (const ms of [at - 1, at, at + 1]) assert.deepEqual(await trail(house, '--since', new Date(ms).toISOString()), from(ms), `since ${ms - at}`);
	assert.deepEqual(await trail(house, '--since', '1h'), rows);
	assert.deepEqual(await trail(house, '--since', '2999-01-01T00:00:00Z'), []);
	assert.deepEqual(await trail(house, '--since', new Date(at + 1).toISOString(), '--subject', prepared.subject), []);

	// As lines: the same, to be read.
	const lines = (await house.server.run('trail')).split('\n');
	assert.equal(lines.length, rows.length);
	assert.deepEqual(lines[2].split(/ +/), [prepared.at, 'prepared', `key:${key}`, prepared.subject, tenant, 'step.prepare', '-']);

	for (const wrong of [['--subject', email], ['--subject', 'x'], ['--since', 'yesterday'], ['--since', ''], ['more']]) {
		const done = await run(['trail', ...wrong], { settings: house.server.settings, folder: house.folder });
		assert.equal(done.code, 2, `${wrong}: ${done.stdout}`);
		assert.ok(!done.stderr.includes(email), 'an address is not repeated');
	}
});

test('a trail longer than a page is whole, and ends where nobody reads on', async (t) => {
	const house = await House.open(t);
	const N = 700;
	for (let i = 0; i < N; i += 50)
		await Promise.all(Array.from({ length: 50 }, async () => expect(await house.prepare(somebody()), 201)));
	const rows = await trail(house);
	assert.equal(rows.length, N + 2);
	assert.equal(new Set(rows.map((row) => row.id)).size, N + 2, 'each once');
	// As `kycd trail | head -1`.
	const cut = spawnSync('sh', ['-c', 'for i in 1 2 3 4 5 6 7 8; do "$0" trail; echo "$?" >&2; done | head -1', PROGRAM],
		{ cwd: house.folder, env: { ...process.env, ...house.server.settings }, encoding: 'utf8' });
	assert.equal(cut.stdout.split('\n').length, 2);
	assert.match(cut.stderr, /^(0\n)+$/, 'no complaint, no failure');
	const full = openSync('/dev/full', 'w');
	const lost = spawnSync(PROGRAM, ['trail'], { cwd: house.folder, env: { ...process.env, ...house.server.settings }, stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
	closeSync(full);
	assert.deepEqual([lost.status, lost.stderr], [1, 'kycd: standard output cannot be written\n']);
});
