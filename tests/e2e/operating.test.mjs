// Runs each block of shell commands in docs/operating.md, in the order of the page. The marker comment before a block names its
// runner below, or gives the reason why this test does not run it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, readFile, readdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { postgres } from './lib/database.mjs';
import { call } from './lib/http.mjs';
import { Installation } from './lib/install.mjs';
import { until } from './lib/wait.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = await readFile(`${ROOT}docs/operating.md`, 'utf8');

/** Returns every fenced block of shell commands, with the marker comment on the line before it. */
function blocks(page) {
	return [...page.matchAll(/^(?:<!-- (.*?) -->\n)?```sh\n([\s\S]*?)^```$/gm)].map(([, marker, lines]) => {
		const [, kind, rest] = /^(e2e|not run): (\S.*)$/.exec(marker ?? '') ?? [];
		return { kind, rest, lines };
	});
}

const isReady = (installation) => call(`http://127.0.0.1:${installation.port}/health/ready`).then(({ http }) => http === 200);
const prepare = (installation, email) => call(`http://127.0.0.1:${installation.port}/kyc/prepare`, { method: 'POST', body: { email }, headers: { 'x-api-key': installation.key } });
const lastLine = (text) => text.trim().split('\n').at(-1);

/** Runs a block that reloads the settings, and waits until the journal has the result of the reload. */
async function runReload(installation, block) {
	const before = (await installation.journal()).split('event=reload_applied').length;
	const result = await installation.run(block.lines.replace(/\njournalctl/, `\nuntil [ "$(grep -c event=reload_ "$STAGE/journal")" -ge ${before} ]; do sleep 0.02; done\njournalctl`));
	assert.match(lastLine(result.stdout), /event=reload_applied applied=1/);
	return result;
}

/** One runner per block, by the name in the block's marker. It prepares what the block needs, runs it and checks its effect. */
const runners = {
	async install(installation, block) {
		const result = await installation.run(block.lines);
		const mode = async (file) => ((await stat(installation.at(file))).mode & 0o777).toString(8);
		assert.deepEqual(await Promise.all(['/etc/kycd', '/var/lib/kycd', '/etc/kycd/secret_key', '/etc/kycd/didit_webhook_secret', '/etc/kycd/kycd.conf'].map(mode)), ['750', '700', '640', '640', '640']);
		// The page asks the operator to edit the files below; the test writes them instead. run() has mapped the paths in
		// kycd.conf.
		const conf = await readFile(installation.at('/etc/kycd/kycd.conf'), 'utf8');
		assert.ok(conf.includes(`secret_key_file = ${installation.at('/etc/kycd/secret_key')}`));
		await writeFile(installation.at('/etc/kycd/smtp_url'), 'smtps://user:password@127.0.0.1:1\n');
		await writeFile(installation.at('/etc/kycd/didit_api_key'), 'from-the-console\n');
		await writeFile(installation.at('/etc/kycd/didit_webhook_secret'), `${'w'.repeat(40)}\n`);
		return result;
	},
	async start(installation, block) {
		const result = await installation.run(block.lines);
		assert.equal(lastLine(result.stdout), 'ready', result.stderr);
		assert.equal(await isReady(installation), true);
		return result;
	},
	async tenant(installation, block) {
		const result = await installation.run(block.lines);
		installation.key = lastLine(result.stdout);
		assert.equal((await prepare(installation, 'first@example.com')).http, 201);
		return result;
	},
	async reload(installation, block) {
		const result = await runReload(installation, block);
		// The search of the journal in this block also finds the settings that need a restart.
		const conf = `${await readFile(installation.at('/etc/kycd/kycd.conf'), 'utf8')}rate_per_minute = 1200\n`;
		await writeFile(installation.at('/etc/kycd/kycd.conf'), `${conf}otp_ttl = 300\n`);
		const second = await runReload(installation, { lines: block.lines.replace(/^echo .*\n/m, '') });
		assert.match(second.stdout, /level=warn event=restart_needed setting=KYCD_OTP_TTL/);
		await writeFile(installation.at('/etc/kycd/kycd.conf'), conf);
		return result;
	},
	async keys(installation, block) {
		const [create, list, search, revoke] = block.lines.trim().split('\n').slice(1);
		const inEtc = (line) => `cd /etc/kycd\n${line}`;
		const newKey = lastLine((await installation.run(inEtc(create))).stdout);
		const listed = await installation.run(inEtc(list));
		const id = installation.key.slice('kycd_'.length, 'kycd_'.length + 8);
		assert.ok(listed.stdout.includes(id), listed.stdout);
		assert.match((await installation.run(inEtc(search.replace(/\bID\b/, id)))).stdout, new RegExp(`route=/kyc/prepare .*key_id=${id}`));
		const result = await installation.run(inEtc(revoke.replace(/\bID\b/, id)));
		await until('the revoked key to be refused', async () => (await prepare(installation, 'first@example.com')).http === 401);
		installation.key = newKey;
		assert.equal((await prepare(installation, 'first@example.com')).http, 200);
		return result;
	},
	async webhook(installation, block) {
		await writeFile(installation.at('/etc/kycd/didit_webhook_secret'), `${'w'.repeat(40)},${'x'.repeat(40)}\n`);
		return runReload(installation, block);
	},
	async upgrade(installation, block) {
		const result = await installation.run(block.lines);
		assert.match(lastLine(result.stdout), /^kycd \d/);
		assert.equal((await prepare(installation, 'first@example.com')).http, 200, 'the person prepared before the upgrade still exists');
		return result;
	},
	async back(installation, block) {
		// The database gets a schema version that this program does not know, and a backup file from before that upgrade.
		const database = installation.at('/var/lib/kycd/kycd.db');
		assert.equal((await installation.run('systemctl stop kycd')).code, 0);
		execFileSync('sqlite3', [database, 'PRAGMA wal_checkpoint(TRUNCATE)'], { stdio: 'ignore' });
		await copyFile(database, `${database}.before-9999-20260105T100000Z`);
		execFileSync('sqlite3', [database, 'INSERT INTO schema_migrations (version, applied_at) VALUES (9999, 1)']);
		await installation.run('systemctl start kycd');
		await until('the newer schema to be refused', async () => /newer/.test(lastLine(await installation.journal())));

		const result = await installation.run(block.lines);
		assert.match(lastLine(result.stdout), /^kycd \d/, result.stderr);
		assert.equal((await prepare(installation, 'first@example.com')).http, 200, 'the person prepared before the rollback still exists');
		return result;
	},
	async backup(installation, block) {
		// The folder has backups older than five weeks and the temporary files of a backup that was killed. A backup that fails
		// deletes none of them; the next one that succeeds deletes all of them.
		const folder = installation.at('/var/backups/kycd');
		const old = ['kycd-20260101-030000.db', 'kycd-20260108-030000.db', 'kycd-20260108-030001.db.kycd-part', 'kycd-20260108-030001.db.kycd-scratch-wal'];
		const oldTime = Date.now() / 1000 - 36 * 24 * 3600;
		for (const name of old) {
			await writeFile(`${folder}/${name}`, 'old');
			await utimes(`${folder}/${name}`, oldTime, oldTime);
		}
		await rename(installation.at('/var/lib/kycd/kycd.db'), installation.at('/var/lib/kycd/away'));
		assert.notEqual((await installation.run(block.lines)).code, 0);
		await rename(installation.at('/var/lib/kycd/away'), installation.at('/var/lib/kycd/kycd.db'));
		assert.deepEqual((await readdir(folder)).sort(), old);

		const result = await installation.run(block.lines);
		const created = await readdir(folder);
		assert.equal(created.length, 1);
		assert.ok(!old.includes(created[0]));
		assert.equal((await stat(`${folder}/${created[0]}`)).mode & 0o777, 0o600);
		return result;
	},
	async restore(installation, block) {
		assert.equal((await prepare(installation, 'after.the.backup@example.com')).http, 201);
		const result = await installation.run(block.lines);
		assert.equal(result.code, 0, result.stderr);
		await until('the restored server to be ready', () => isReady(installation));
		assert.equal((await prepare(installation, 'first@example.com')).http, 200);
		assert.equal((await prepare(installation, 'after.the.backup@example.com')).http, 201, 'the restored database has no data from after the backup');
		return result;
	},
	async people(installation, block) {
		const lines = block.lines.trim().split('\n').slice(1);
		let result;
		for (const line of lines) {
			result = await installation.run(`cd /etc/kycd\n${line}`, { input: 'first@example.com\n' });
			assert.equal(result.code, 0, `${line}: ${result.stderr}`);
		}
		assert.equal((await prepare(installation, 'first@example.com')).http, 201, 'the erased person is unknown');
		return result;
	},
	async audit(installation, block) {
		const result = await installation.run(block.lines);
		assert.ok(result.stdout.trim().split('\n').length > 3, result.stdout);
		assert.ok(!result.stdout.includes('first@'));
		return result;
	},
	async doctor(installation, block) {
		// This test has no mail server and no provider, so doctor reports both and exits with 1. All other checks pass.
		const result = await installation.run(block.lines);
		assert.equal(result.code, 1);
		const found = (kind) => [...new Set(result.stdout.split('\n').filter((line) => line.startsWith(kind)).map((line) => line.split(/\s+/)[1]))];
		assert.deepEqual(found('error'), ['relay', 'provider', 'provider_login'], result.stdout);
		for (const check of ['disk', 'database', 'key', 'server', 'settings']) assert.ok(found('ok').includes(check), result.stdout);
		return { ...result, code: 0 };
	},
	async move(installation, block) {
		const target = await postgres(installation.t);
		await writeFile(installation.at('/etc/kycd/database'), `${target.url}\n`);
		assert.equal((await prepare(installation, 'before.the.move@example.com')).http, 201);
		const result = await installation.run(block.lines);
		assert.equal(lastLine(result.stdout), 'moved', result.stderr);
		assert.match(result.stdout, /^postgresql:\S+: copied and compared: \d+ rows/m);
		assert.match(await readFile(installation.at('/etc/kycd/kycd.conf'), 'utf8'), /^database_file = .*\/etc\/kycd\/database$/m);
		assert.equal((await prepare(installation, 'before.the.move@example.com')).http, 200);
		assert.notEqual(await target.query('SELECT count(*) FROM users'), '0');
		return result;
	},
	async log(installation, block) {
		const { headers } = await call(`http://127.0.0.1:${installation.port}/nowhere`, { headers: { 'x-request-id': 'asked-by-the-page' } });
		assert.equal(headers['x-request-id'], 'asked-by-the-page');
		const result = await installation.run(block.lines.replace('REQUEST', 'asked-by-the-page'));
		assert.match(result.stdout, /event=request request_id=asked-by-the-page method=GET route=none status=404/);
		return result;
	},
};

test('each block of commands in docs/operating.md works, or its marker gives the reason why it is not run', async (t) => {
	const all = blocks(PAGE);
	assert.ok(all.length >= 12, `${all.length} blocks`);
	assert.equal(all.length, PAGE.split('```sh').length - 1, 'the pattern finds every block');
	for (const block of all) assert.ok(block.kind, `a marker comment is missing before:\n${block.lines}`);
	for (const block of all.filter(({ kind }) => kind === 'not run')) assert.ok(block.rest.length > 15, `the reason is too short: ${block.rest}`);
	const names = all.filter(({ kind }) => kind === 'e2e').map(({ rest }) => rest);
	for (const name of names) assert.ok(runners[name], `no runner for the block ${name}`);
	assert.equal(new Set(names).size, names.length);

	const installation = await Installation.open(t);
	for (const block of all.filter(({ kind }) => kind === 'e2e')) {
		const { code, stdout, stderr } = await runners[block.rest](installation, block);
		assert.equal(code, 0, `${block.rest}: ${stdout}${stderr}\njournal: ${(await installation.journal()).slice(-2000)}`);
	}
	const journal = await installation.journal();
	for (const secret of ['first@', 'password', 'w'.repeat(40), installation.key]) assert.ok(!journal.includes(secret), `${secret} is in the journal`);
});

test('each metric has a heading in docs/operating.md', async (t) => {
	const source = await readFile(`${ROOT}src/base/metrics.h`, 'utf8');
	const names = [...source.matchAll(/"(kycd_\w+)"/g)].map(([, name]) => name);
	t.diagnostic(`${names.length} metrics`);
	assert.ok(names.length >= 11);
	for (const name of names) assert.match(PAGE, new RegExp(`^#### ${name}$`, 'm'), name);
});

test('log events, files and settings that docs/operating.md names exist', async () => {
	const sources = execFileSync('grep', ['-rhoE', 'log_event\\(.*|"[a-z]+_[a-z_]+"|"message"', `${ROOT}src`], { encoding: 'utf8', maxBuffer: 1 << 26 });
	for (const [, event] of PAGE.matchAll(/event=([a-z_]+)/g)) assert.ok(sources.includes(`"${event}`), `event=${event}`);
	for (const [, file] of PAGE.matchAll(/`(packaging\/[\w.]+|tests\/[\w./]+)`/g)) assert.ok((await stat(ROOT + file)).isFile(), file);
	const example = await readFile(`${ROOT}kycd.conf.example`, 'utf8');
	const conf = /kycd\.conf <<'END'\n([\s\S]*?)\nEND/.exec(PAGE)[1].split('\n').map((line) => line.split(' = ')[0].replace(/_file$/, ''));
	for (const name of [...conf, 'max_connections', 'didit_timeout', 'allow_weak', 'log']) assert.match(example, new RegExp(`^#${name} =`, 'm'), name);
	for (const [, anchor] of PAGE.matchAll(/\]\(#([\w-]+)\)/g)) assert.ok([...PAGE.matchAll(/^#+ (.*)$/gm)].some(([, heading]) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-') === anchor), `#${anchor}`);
});
