// docs/operating.md, command by command: each block of shell lines is run here, in the order of the page, or says why not.
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

/** Every fenced block of shell lines, with the comment on the line before it. */
function blocks(page) {
	return [...page.matchAll(/^(?:<!-- (.*?) -->\n)?```sh\n([\s\S]*?)^```$/gm)].map(([, mark, lines]) => {
		const [, kind, rest] = /^(e2e|not run): (\S.*)$/.exec(mark ?? '') ?? [];
		return { kind, rest, lines };
	});
}

const ready = (installation) => call(`http://127.0.0.1:${installation.port}/health/ready`).then(({ http }) => http === 200);
const prepare = (installation, email) => call(`http://127.0.0.1:${installation.port}/kyc/prepare`, { method: 'POST', body: { email }, headers: { 'x-api-key': installation.key } });
const last = (text) => text.trim().split('\n').at(-1);

/** The settings as they are read again, told in the journal. */
async function reread(installation, block) {
	const before = (await installation.journal()).split('event=reload_applied').length;
	const done = await installation.run(block.lines.replace(/\njournalctl/, `\nuntil [ "$(grep -c event=reload_ "$STAGE/journal")" -ge ${before} ]; do sleep 0.02; done\njournalctl`));
	assert.match(last(done.stdout), /event=reload_applied applied=1/);
	return done;
}

/** What is done around a block where running it is not enough to see that it did what the page says. */
const stories = {
	async install(installation, block) {
		const done = await installation.run(block.lines);
		const mode = async (file) => ((await stat(installation.at(file))).mode & 0o777).toString(8);
		assert.deepEqual(await Promise.all(['/etc/kycd', '/var/lib/kycd', '/etc/kycd/secret_key', '/etc/kycd/didit_webhook_secret', '/etc/kycd/kycd.conf'].map(mode)), ['750', '700', '640', '640', '640']);
		// The editor's part. The file names stand here with the real machine's paths, as in the page.
		const conf = await readFile(installation.at('/etc/kycd/kycd.conf'), 'utf8');
		assert.ok(conf.includes(`secret_key_file = ${installation.at('/etc/kycd/secret_key')}`));
		await writeFile(installation.at('/etc/kycd/smtp_url'), 'smtps://user:password@127.0.0.1:1\n');
		await writeFile(installation.at('/etc/kycd/didit_api_key'), 'from-the-console\n');
		await writeFile(installation.at('/etc/kycd/didit_webhook_secret'), `${'w'.repeat(40)}\n`);
		return done;
	},
	async start(installation, block) {
		const done = await installation.run(block.lines);
		assert.equal(last(done.stdout), 'ready', done.stderr);
		assert.equal(await ready(installation), true);
		return done;
	},
	async tenant(installation, block) {
		const done = await installation.run(block.lines);
		installation.key = last(done.stdout);
		assert.equal((await prepare(installation, 'first@example.com')).http, 201);
		return done;
	},
	async reload(installation, block) {
		const done = await reread(installation, block);
		// What needs a restart is seen by the page's own look into the journal.
		const conf = `${await readFile(installation.at('/etc/kycd/kycd.conf'), 'utf8')}rate_per_minute = 1200\n`;
		await writeFile(installation.at('/etc/kycd/kycd.conf'), `${conf}otp_ttl = 300\n`);
		const again = await reread(installation, { lines: block.lines.replace(/^echo .*\n/m, '') });
		assert.match(again.stdout, /level=warn event=restart_needed setting=KYCD_OTP_TTL/);
		await writeFile(installation.at('/etc/kycd/kycd.conf'), conf);
		return done;
	},
	async keys(installation, block) {
		const [make, list, look, revoke] = block.lines.trim().split('\n').slice(1);
		const at = (line) => `cd /etc/kycd\n${line}`;
		const fresh = last((await installation.run(at(make))).stdout);
		const listed = await installation.run(at(list));
		const id = installation.key.slice('kycd_'.length, 'kycd_'.length + 8);
		assert.ok(listed.stdout.includes(id), listed.stdout);
		assert.match((await installation.run(at(look.replace(/\bID\b/, id)))).stdout, new RegExp(`route=/kyc/prepare .*key_id=${id}`));
		const done = await installation.run(at(revoke.replace(/\bID\b/, id)));
		await until('the old key to be refused', async () => (await prepare(installation, 'first@example.com')).http === 401);
		installation.key = fresh;
		assert.equal((await prepare(installation, 'first@example.com')).http, 200);
		return done;
	},
	async webhook(installation, block) {
		await writeFile(installation.at('/etc/kycd/didit_webhook_secret'), `${'w'.repeat(40)},${'x'.repeat(40)}\n`);
		return reread(installation, block);
	},
	async upgrade(installation, block) {
		const done = await installation.run(block.lines);
		assert.match(last(done.stdout), /^kycd \d/);
		assert.equal((await prepare(installation, 'first@example.com')).http, 200, 'what was there is there');
		return done;
	},
	async back(installation, block) {
		// A schema that this program does not know, and the copy that was laid aside before it.
		const database = installation.at('/var/lib/kycd/kycd.db');
		assert.equal((await installation.run('systemctl stop kycd')).code, 0);
		execFileSync('sqlite3', [database, 'PRAGMA wal_checkpoint(TRUNCATE)'], { stdio: 'ignore' });
		await copyFile(database, `${database}.before-9999-20260105T100000Z`);
		execFileSync('sqlite3', [database, 'INSERT INTO schema_migrations (version, applied_at) VALUES (9999, 1)']);
		await installation.run('systemctl start kycd');
		await until('the newer schema to be refused', async () => /newer/.test(last(await installation.journal())));

		const done = await installation.run(block.lines);
		assert.match(last(done.stdout), /^kycd \d/, done.stderr);
		assert.equal((await prepare(installation, 'first@example.com')).http, 200, 'what was there is there');
		return done;
	},
	async backup(installation, block) {
		// Good ones of five and of six weeks ago, what a killed one left, and nights whose backups fail: then nothing goes.
		const folder = installation.at('/var/backups/kycd');
		const old = ['kycd-20260101-030000.db', 'kycd-20260108-030000.db', 'kycd-20260108-030001.db.kycd-part', 'kycd-20260108-030001.db.kycd-scratch-wal'];
		const weeks = Date.now() / 1000 - 36 * 24 * 3600;
		for (const name of old) {
			await writeFile(`${folder}/${name}`, 'old');
			await utimes(`${folder}/${name}`, weeks, weeks);
		}
		await rename(installation.at('/var/lib/kycd/kycd.db'), installation.at('/var/lib/kycd/away'));
		assert.notEqual((await installation.run(block.lines)).code, 0);
		await rename(installation.at('/var/lib/kycd/away'), installation.at('/var/lib/kycd/kycd.db'));
		assert.deepEqual((await readdir(folder)).sort(), old);

		const done = await installation.run(block.lines);
		const made = await readdir(folder);
		assert.equal(made.length, 1);
		assert.ok(!old.includes(made[0]));
		assert.equal((await stat(`${folder}/${made[0]}`)).mode & 0o777, 0o600);
		return done;
	},
	async restore(installation, block) {
		assert.equal((await prepare(installation, 'after.the.backup@example.com')).http, 201);
		const done = await installation.run(block.lines);
		assert.equal(done.code, 0, done.stderr);
		await until('it to be ready', () => ready(installation));
		assert.equal((await prepare(installation, 'first@example.com')).http, 200);
		assert.equal((await prepare(installation, 'after.the.backup@example.com')).http, 201, 'what came later is gone');
		return done;
	},
	async persons(installation, block) {
		const lines = block.lines.trim().split('\n').slice(1);
		let done;
		for (const line of lines) {
			done = await installation.run(`cd /etc/kycd\n${line}`, { input: 'first@example.com\n' });
			assert.equal(done.code, 0, `${line}: ${done.stderr}`);
		}
		assert.equal((await prepare(installation, 'first@example.com')).http, 201, 'a stranger again');
		return done;
	},
	async trail(installation, block) {
		const done = await installation.run(block.lines);
		assert.ok(done.stdout.trim().split('\n').length > 3, done.stdout);
		assert.ok(!done.stdout.includes('first@'));
		return done;
	},
	async doctor(installation, block) {
		// Mail server and provider do not exist here: it says so, and ends with 1. All that the page made is in order.
		const done = await installation.run(block.lines);
		assert.equal(done.code, 1);
		const found = (kind) => [...new Set(done.stdout.split('\n').filter((line) => line.startsWith(kind)).map((line) => line.split(/\s+/)[1]))];
		assert.deepEqual(found('error'), ['relay', 'provider', 'provider_login'], done.stdout);
		for (const check of ['disk', 'database', 'key', 'server', 'settings']) assert.ok(found('ok').includes(check), done.stdout);
		return { ...done, code: 0 };
	},
	async move(installation, block) {
		const there = await postgres(installation.t);
		await writeFile(installation.at('/etc/kycd/database'), `${there.url}\n`);
		assert.equal((await prepare(installation, 'before.the.move@example.com')).http, 201);
		const done = await installation.run(block.lines);
		assert.equal(last(done.stdout), 'moved', done.stderr);
		assert.match(done.stdout, /^postgresql:\S+: copied and compared: \d+ rows/m);
		assert.match(await readFile(installation.at('/etc/kycd/kycd.conf'), 'utf8'), /^database_file = .*\/etc\/kycd\/database$/m);
		assert.equal((await prepare(installation, 'before.the.move@example.com')).http, 200);
		assert.notEqual(await there.ask('SELECT count(*) FROM users'), '0');
		return done;
	},
	async log(installation, block) {
		const { headers } = await call(`http://127.0.0.1:${installation.port}/nowhere`, { headers: { 'x-request-id': 'asked-by-the-page' } });
		assert.equal(headers['x-request-id'], 'asked-by-the-page');
		const done = await installation.run(block.lines.replace('REQUEST', 'asked-by-the-page'));
		assert.match(done.stdout, /event=request request_id=asked-by-the-page method=GET route=none status=404/);
		return done;
	},
};

test('each command of docs/operating.md is run, or says why not', async (t) => {
	const all = blocks(PAGE);
	assert.ok(all.length >= 12, `${all.length} blocks`);
	assert.equal(all.length, PAGE.split('```sh').length - 1, 'each block is read');
	for (const block of all) assert.ok(block.kind, `a mark before:\n${block.lines}`);
	for (const block of all.filter(({ kind }) => kind === 'not run')) assert.ok(block.rest.length > 15, `a reason: ${block.rest}`);
	const names = all.filter(({ kind }) => kind === 'e2e').map(({ rest }) => rest);
	for (const name of names) assert.ok(stories[name], `the story of ${name}`);
	assert.equal(new Set(names).size, names.length);

	const installation = await Installation.open(t);
	for (const block of all.filter(({ kind }) => kind === 'e2e')) {
		const { code, stdout, stderr } = await stories[block.rest](installation, block);
		assert.equal(code, 0, `${block.rest}: ${stdout}${stderr}\njournal: ${(await installation.journal()).slice(-2000)}`);
	}
	const said = await installation.journal();
	for (const secret of ['first@', 'password', 'w'.repeat(40), installation.key]) assert.ok(!said.includes(secret), secret);
});

test('each metric has its heading in docs/operating.md', async (t) => {
	const source = await readFile(`${ROOT}src/base/metrics.h`, 'utf8');
	const names = [...source.matchAll(/"(kycd_\w+)"/g)].map(([, name]) => name);
	t.diagnostic(`${names.length} metrics`);
	assert.ok(names.length >= 11);
	for (const name of names) assert.match(PAGE, new RegExp(`^#### ${name}$`, 'm'), name);
});

test('facts, files and settings that docs/operating.md names exist', async () => {
	const sources = execFileSync('grep', ['-rhoE', 'log_event\\(.*|"[a-z]+_[a-z_]+"|"message"', `${ROOT}src`], { encoding: 'utf8', maxBuffer: 1 << 26 });
	for (const [, fact] of PAGE.matchAll(/event=([a-z_]+)/g)) assert.ok(sources.includes(`"${fact}`), `event=${fact}`);
	for (const [, file] of PAGE.matchAll(/`(packaging\/[\w.]+|tests\/[\w./]+)`/g)) assert.ok((await stat(ROOT + file)).isFile(), file);
	const example = await readFile(`${ROOT}kycd.conf.example`, 'utf8');
	const conf = /kycd\.conf <<'END'\n([\s\S]*?)\nEND/.exec(PAGE)[1].split('\n').map((line) => line.split(' = ')[0].replace(/_file$/, ''));
	for (const name of [...conf, 'max_connections', 'didit_timeout', 'allow_weak', 'log']) assert.match(example, new RegExp(`^#${name} =`, 'm'), name);
	for (const [, to] of PAGE.matchAll(/\]\(#([\w-]+)\)/g)) assert.ok([...PAGE.matchAll(/^#+ (.*)$/gm)].some(([, heading]) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-') === to), `#${to}`);
});
