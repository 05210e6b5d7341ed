// kycd among ten million people beside kycd among a thousand, on SQLite and on PostgreSQL: status of one of a thousand, which are the same
// in both, and of one of all by chance; prepare of somebody new, the start; and how long a backup, a restore and a copy take. All are approved (bench/fill.c says what their rows are).
// Run by tools/with_postgres.py; takes an hour and 65 GB. Prints `name value unit`; ends with 1 when something was answered wrongly.
// BENCH_PEOPLE (10000000); BENCH_SECONDS: the length of each measurement (3), each is taken three times, in turn. BENCH_FOLDER is
// kept, and what is in it is not made again; BENCH_PARTS: of `sqlite`, `warm` (the whole file was read
// just before), `backup`, `copy`, `postgres`, `restore`, with commas (all).
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOMY, exec, wrk } from './wrk.mjs';

const build = path.join(path.dirname(fileURLToPath(import.meta.url)), '../build');
process.env.KYCD ??= path.join(build, 'kycd');
const { Server, run } = await import('../tests/e2e/lib/kycd.mjs');
const { median } = await import('../tests/e2e/lib/wait.mjs');

const MANY = Number(process.env.BENCH_PEOPLE ?? 10_000_000);
const PEOPLE = { few: 1000, many: MANY };
const ROUNDS = 3;
const WORST = 1.5;
const HOUR = 3_600_000;
const CLUSTER = process.env.TEST_POSTGRES;
const parts = (process.env.BENCH_PARTS ?? 'sqlite,warm,backup,copy,postgres,restore').split(',');
const folder = process.env.BENCH_FOLDER ?? mkdtempSync('/var/tmp/kycd-millions-');
const inFolder = (name) => path.join(folder, name);
const tell = (name, value, unit, digits = 0) => console.log(`${name} ${value.toFixed(digits)} ${unit}`);

mkdirSync(folder, { recursive: true });
if (!existsSync(inFolder('key'))) writeFileSync(inFolder('key'), randomBytes(32).toString('base64'), { mode: 0o600 });
const settings = {
	KYCD_SECRET_KEY: readFileSync(inFolder('key'), 'utf8').trim(), KYCD_SMTP_URL: 'smtp://127.0.0.1:9', KYCD_MAIL_FROM: 'kyc@example.com',
	KYCD_DIDIT_CLIENT_ID: 'bench', KYCD_DIDIT_CLIENT_SECRET: 'bench', KYCD_DIDIT_WEBHOOK_SECRET: 'none', ...ROOMY,
};

async function kycd(database, ...args) {
	const done = await run(args, { settings: { ...settings, KYCD_DATABASE: database }, folder, limit: HOUR });
	if (done.code !== 0) throw new Error(`kycd ${args.join(' ')}: ${done.stderr}`);
	return done.stdout.trim();
}

async function timed(name, work) {
	const began = performance.now();
	await work();
	tell(name, (performance.now() - began) / 1000, 's', 1);
}

async function fill(which) {
	const file = inFolder(`${which}.db`), part = `${which}.part.db`;
	if (existsSync(file)) return;
	await kycd(`sqlite:${part}`, 'db', 'migrate');
	await kycd(`sqlite:${part}`, 'tenant', 'add', 'acme');
	const env = { ...settings, PATH: process.env.PATH, KYCD_DATABASE: `sqlite:${part}` };
	await timed(`fill_${which}`, () => exec(path.join(build, 'fill'), ['acme', '0', String(PEOPLE[which])], { cwd: folder, env, timeout: HOUR, maxBuffer: 1 << 24 }));
	renameSync(inFolder(part), file);
}

const psql = async (where, sql) => (await exec('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', where, '-c', sql], { timeout: HOUR })).stdout.trim();
const beside = (name) => CLUSTER.replace(/\/[^/?]*(\?|$)/, `/${name}$1`);

/** Where the people are; `fresh` gives the few anew, so that they stay few. */
const ENGINES = {
	sqlite: {
		connections: [1, 64, 256],
		url: (which) => `sqlite:${which}.db`,
		async fresh() {
			copyFileSync(inFolder('few.db'), inFolder('anew.db'));
			return 'sqlite:anew.db';
		},
		dropped: () => ['', '-wal', '-shm', '.lock'].forEach((end) => rmSync(inFolder(`anew.db${end}`), { force: true })),
	},
	postgres: {
		connections: [16, 64],
		url: beside,
		async fresh() {
			await psql(CLUSTER, 'CREATE DATABASE anew TEMPLATE few');
			return beside('anew');
		},
		dropped: () => psql(CLUSTER, 'DROP DATABASE IF EXISTS anew WITH (FORCE)'),
	},
};

class Measuring {
	constructor(engine, name = engine) {
		Object.assign(this, { name, engine: ENGINES[engine], noted: new Map() });
	}

	note(what, which, value, unit) {
		const name = `${this.name}_${what}`;
		const all = this.noted.get(name) ?? { unit, few: [], many: [] };
		all[which].push(value);
		this.noted.set(name, all);
	}

	async serve(database, work) {
		const key = await kycd(database, 'key', 'create', '--tenant', 'acme', '--rate-per-minute', '2147483647', '--rate-per-second', '2147483647');
		const server = new Server({ folder, settings: { ...settings, KYCD_DATABASE: database } });
		const began = performance.now();
		await server.start();
		const took = performance.now() - began;
		try {
			await work({ server, key: key.split('\n').pop(), took });
		} finally {
			await server.stop();
		}
	}

	async load(what, which, n, { server, key }, where, env) {
		const { rate, p99 } = await wrk({ url: server.base + where, key, connections: n, env });
		this.note(`${what}_${n}_rate`, which, rate, 'per_s');
		this.note(`${what}_${n}_p99`, which, p99, 'ms');
	}

	/** Before it counts, the questions go round once. */
	async readers(which) {
		await this.serve(this.engine.url(which), async (up) => {
			this.note('start', which, up.took, 'ms');
			for (const [name, people] of [['status', PEOPLE.few], ['status_of_all', PEOPLE[which]]]) {
				const env = { BENCH_AMONG: String(people) };
				await wrk({ url: `${up.server.base}/kyc/status`, key: up.key, connections: 64, env });
				for (const n of this.engine.connections) await this.load(name, which, n, up, '/kyc/status', env);
			}
			const status = readFileSync(`/proc/${up.server.child.pid}/status`, 'latin1');
			this.note('resident', which, Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]) / 1024, 'MiB');
		});
	}

	async writers(which, n) {
		const database = which === 'few' ? await this.engine.fresh() : this.engine.url(which);
		await this.serve(database, (up) => this.load('prepare', which, n, up, '/kyc/prepare', { BENCH_PREPARE: `m${Date.now()}` }));
		if (which === 'few') await this.engine.dropped();
	}

	async measure() {
		await this.engine.dropped();
		for (let round = 0; round < ROUNDS; round++) for (const which of ['few', 'many']) await this.readers(which);
		for (const n of this.engine.connections)
			for (let round = 0; round < ROUNDS; round++) for (const which of ['few', 'many']) await this.writers(which, n);
		for (const [name, { unit, few, many }] of this.noted) {
			const [a, b] = [median(few), median(many)];
			const worse = unit === 'per_s' ? a / b : b / a;
			tell(`${name}_few`, a, unit, unit === 'per_s' ? 0 : 1);
			tell(`${name}_many`, b, unit, unit === 'per_s' ? 0 : 1);
			console.log(`# ${name.padEnd(28)} ${worse.toFixed(2)} times worse  at most ${WORST}  ${worse <= WORST ? 'reached' : 'MISSED'}`);
		}
	}
}

const PARTS = {
	sqlite: () => new Measuring('sqlite').measure(),
	async warm() {
		await timed('sqlite_read_through', () => exec('dd', ['if=many.db', 'of=/dev/null', 'bs=1M'], { cwd: folder, timeout: HOUR }));
		await new Measuring('sqlite', 'sqlite_warm').measure();
	},
	async backup() {
		rmSync(inFolder('backup.db'), { force: true });
		await timed('sqlite_backup', () => kycd('sqlite:many.db', 'db', 'backup', 'backup.db'));
		await timed('sqlite_restore_copy', () => exec('cp', ['backup.db', 'restored.db'], { cwd: folder, timeout: HOUR }));
		rmSync(inFolder('backup.db'));
		await timed('sqlite_restore_check', () => kycd('sqlite:restored.db', 'db', 'check'));
		await new Measuring('sqlite').serve('sqlite:restored.db', ({ took }) => tell('sqlite_restore_start', took, 'ms'));
		for (const end of ['', '.lock']) rmSync(inFolder(`restored.db${end}`), { force: true });
	},
	async copy() {
		for (const which of ['few', 'many']) {
			await psql(CLUSTER, `DROP DATABASE IF EXISTS ${which}`);
			await psql(CLUSTER, `CREATE DATABASE ${which}`);
			await timed(`copy_${which}`, () => kycd('', 'db', 'copy', '--from', `sqlite:${which}.db`, '--to', beside(which)));
		}
		tell('postgres_bytes', Number(await psql(beside('many'), 'SELECT pg_database_size(current_database())')), 'bytes');
	},
	async postgres() {
		for (const which of ['few', 'many']) await psql(beside(which), 'VACUUM (ANALYZE)');
		await new Measuring('postgres').measure();
	},
	async restore() {
		const dump = inFolder('many.dump');
		await timed('postgres_backup', () => exec('pg_dump', ['--format=custom', '--compress=1', '-f', dump, '-d', beside('many')], { timeout: HOUR }));
		tell('postgres_backup_bytes', statSync(dump).size, 'bytes');
		await psql(CLUSTER, 'DROP DATABASE many');
		await psql(CLUSTER, 'CREATE DATABASE many');
		await timed('postgres_restore', () => exec('pg_restore', ['--jobs=2', '-d', beside('many'), dump], { timeout: HOUR }));
		rmSync(dump);
		await new Measuring('postgres').serve(beside('many'), ({ took }) => tell('postgres_restore_start', took, 'ms'));
	},
};

try {
	for (const which of ['few', 'many']) await fill(which);
	tell('people', MANY, 'count');
	tell('sqlite_bytes', statSync(inFolder('many.db')).size, 'bytes');
	for (const part of parts) await PARTS[part]();
} catch (trouble) {
	console.error(`# millions: ${trouble.stack}`);
	process.exitCode = 1;
} finally {
	if (!process.env.BENCH_FOLDER) rmSync(folder, { recursive: true, force: true });
}
