// The five programs in docs/webhooks.md, as they are printed there, accept deliveries of Standard Webhooks and refuse all others.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { Webhook } from 'standardwebhooks';
import { freePort } from './lib/http.mjs';
import { makeFolder, removeFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const page = await readFile(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');
const programs = [
	{ language: 'js', file: 'receive.mjs', command: (file, port) => ['node', file, port] },
	{ language: 'python', file: 'receive.py', command: (file, port) => ['python3', file, port] },
	{ language: 'php', file: 'receive.php', command: (file, port) => ['php', '-S', `127.0.0.1:${port}`, file] },
	{ language: 'ruby', file: 'receive.rb', command: (file, port) => ['ruby', file, port] },
	{ language: 'go', file: 'receive.go', command: (file, port, folder) => ['go', 'build', '-o', `${folder}/receive`, file], built: 'receive' },
];

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
const EVENT = { id: 'evt_01kb9d3v6mq2x8r4t5w7y9z1ab', type: 'kyc.approved', data: { user_id: 'usr_1', status: 'approved', note: 'é€' } };

/** The headers of a delivery, signed by the published library. */
function signed(secrets, body, at = new Date()) {
	return {
		'content-type': 'application/json',
		'webhook-id': EVENT.id,
		'webhook-timestamp': String(Math.floor(at / 1000)),
		'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(EVENT.id, at, body)).join(' '),
	};
}

/** Writes the program of the page to a file and starts it. Resolves to { url, output } when it accepts connections. */
async function start(t, program, secret) {
	const folder = await makeFolder();
	const code = page.match(new RegExp(`\`\`\`${program.language}\n([^]*?)\`\`\``))[1];
	assert.match(code, new RegExp(program.file.replace('.', '\\.')), 'the program names its file');
	await writeFile(path.join(folder, program.file), code);
	const port = String(await freePort());
	const env = { PATH: process.env.PATH, HOME: folder, KYCD_WEBHOOK_SECRET: secret };
	const children = [];
	const output = { text: '' };
	const launch = ([name, ...args]) => {
		const child = spawn(name, args, { cwd: folder, env });
		children.push(child);
		for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { output.text += text; });
		return new Promise((resolve) => { child.on('exit', resolve); child.on('error', (e) => { output.text += e; resolve(1); }); });
	};
	t.after(async () => {
		for (const child of children) child.kill('SIGKILL');
		await removeFolder(folder);
	});
	if (program.built) {
		assert.equal(await launch(program.command(program.file, port, folder)), 0, output.text);
		void launch([path.join(folder, program.built), port]);
	} else {
		void launch(program.command(program.file, port, folder));
	}
	const url = `http://127.0.0.1:${port}/`;
	await until('an answer of the receiver', async () => (await fetch(url, { method: 'POST', body: '{}' }).catch(() => null)) !== null);
	return { url, output };
}

for (const program of programs) {
	test(`the receiver in ${program.language} accepts genuine deliveries and refuses others`, { timeout: 120_000 }, async (t) => {
		const secret = newSecret(), other = newSecret(), body = JSON.stringify(EVENT);
		const { url, output } = await start(t, program, secret);
		const status = async (headers, sent = body) => (await fetch(url, { method: 'POST', headers, body: sent })).status;
		const now = Date.now();

		assert.equal(await status(signed([secret], body)), 204, output.text);
		await until('the printed event', () => /kyc\.approved.usr_1.approved/.test(output.text));
		assert.equal(await status(signed([other, secret], body)), 204, 'one of two secrets');
		assert.equal(await status(signed([secret], body, new Date(now - 280_000))), 204, 'not yet five minutes old');
		assert.equal(await status(signed([other], body)), 400, 'another secret');
		assert.equal(await status(signed([secret], body), body.replace('approved', 'declined')), 400, 'a changed body');
		assert.equal(await status({ ...signed([secret], body), 'webhook-id': 'evt_2' }), 400, 'a changed id');
		assert.equal(await status(signed([secret], body, new Date(now - 320_000))), 400, 'more than five minutes old');
		assert.equal(await status(signed([secret], body, new Date(now + 320_000))), 400, 'from the future');
		assert.equal(await status({ 'content-type': 'application/json' }), 400, 'no headers');
	});
}
