// The README's own lines, as a newcomer pastes them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { within } from './lib/wait.mjs';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));

/** The block of shell lines behind the mark. */
function quickStart(text) {
	const found = /<!-- journey -->\s*```sh\n([\s\S]*?)```/.exec(text);
	assert.ok(found, 'README.md has a ```sh block behind <!-- journey -->');
	return found[1];
}

test('the README\'s lines go from prepare to approved', async (t) => {
	const lines = quickStart(await readFile(README, 'utf8'));
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'] });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	await server.start();
	assert.match(server.log, /curl -s \S+\/kyc\/prepare/, 'the greeting has lines to try');
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
	assert.match(said.trim().split('\n').at(-1), /"approved":true/, said);
});
