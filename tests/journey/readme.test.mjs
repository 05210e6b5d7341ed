// The README's own lines, as a newcomer pastes them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { within } from './lib/wait.mjs';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));

/** The block of shell lines behind the mark. */
function linesBehind(mark, text) {
	const found = new RegExp(`<!-- ${mark} -->\\s*\`\`\`sh\\n([\\s\\S]*?)\`\`\``).exec(text);
	assert.ok(found, `README.md has a \`\`\`sh block behind <!-- ${mark} -->`);
	return found[1];
}

/** Pasted into a shell whose default address is that of our server; gives what it said. */
async function paste(lines, folder, server) {
	assert.ok(lines.includes('http://127.0.0.1:8080'), 'the lines name the default address');
	const script = path.join(folder, 'lines.sh');
	await writeFile(script, lines.replaceAll('http://127.0.0.1:8080', server.base).replaceAll('127.0.0.1:8080', `127.0.0.1:${server.port}`));
	const shell = spawn('bash', [script], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
	let said = '';
	let complaints = '';
	shell.stdout.on('data', (piece) => (said += piece));
	shell.stderr.on('data', (piece) => (complaints += piece));
	const [code] = await within('the lines', 60_000, once(shell, 'close')).catch((late) => {
		shell.kill('SIGKILL');
		throw late;
	});
	assert.equal(code, 0, `${said}\n${complaints}`);
	return said;
}

async function inDev(t) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'] });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	return { folder, server: await server.start() };
}

test('the README\'s lines go from prepare to approved', async (t) => {
	const lines = linesBehind('journey', await readFile(README, 'utf8'));
	const { folder, server } = await inDev(t);
	assert.match(server.log, /curl -s \S+\/kyc\/prepare/, 'the greeting has lines to try');
	const said = await paste(lines, folder, server);
	assert.match(said.trim().split('\n').at(-1), /"approved":true/, said);
});

test('the README\'s lines for each kind of wallet', async (t) => {
	const text = await readFile(README, 'utf8');
	const { folder, server } = await inDev(t);
	// As `npm install` of the libraries that the page names would have it.
	await symlink(fileURLToPath(new URL('../node_modules', import.meta.url)), path.join(folder, 'node_modules'));
	for (const chain of ['evm', 'solana']) {
		const said = await paste(linesBehind(chain, text), folder, server);
		const words = said.trim().split('\n\n').map((line) => JSON.parse(line.slice(line.indexOf('{'))).status);
		assert.deepEqual(words, ['challenge_created', 'user_prepared', 'kyc_session_created', 'kyc_status_retrieved'], said);
		assert.match(said, new RegExp(`"wallet_chain":"${chain}"`));
	}
});
