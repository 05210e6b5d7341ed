// What operators ask and do about people: states, the trail, one person shown, allowed another try, erased.
import assert from 'node:assert/strict';
import test from 'node:test';
import { makeFolder, removeFolder, run } from './lib/kycd.mjs';

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
