// Compares kycd with ten million people in its database to kycd with a thousand, on SQLite and on PostgreSQL: status of a random
// person of the first thousand (who are in both databases), status of a random person of all, prepare of a new person, and the
// start; and measures how long a backup, a restore and a copy take. All people are approved (bench/fill.c describes their rows).
// Run by tools/with_postgres.py; takes an hour and 65 GB. Prints `name value unit` lines; exits with 1 when a response is wrong.
// Environment:
//	BENCH_PEOPLE   people in the large database (10000000)
//	BENCH_SECONDS  length of each measurement (3); each is repeated three times, alternately
//	BENCH_FOLDER   folder for the databases, which is kept; databases found in it are used again (a temporary folder)
//	BENCH_PARTS    comma-separated parts to run: sqlite, warm (sqlite after the whole file was read once), backup, copy,
//	               postgres, restore (all)
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { UNLIMITED, exec, wrk } from './wrk.mjs';

const build = path.join(path.dirname(fileURLToPath(import.meta.url)), '../build');
process.env.KYCD ??= path.join(build, 'kycd');
const { Server, run } = await import('../tests/e2e/lib/kycd.mjs');
const { median } = await import('../tests/e2e/lib/wait.mjs');

const MANY = Number(process.env.BENCH_PEOPLE ?? 10_000_000);
const PEOPLE = { few: 1000, many: MANY };
const ROUNDS = 3;
const WORST_RATIO = 1.5;
const HOUR = 3_600_000;
const CLUSTER = process.env.TEST_POSTGRES;
const parts = (process.env.BENCH_PARTS ?? 'sqlite,warm,backup,copy,postgres,restore').split(',');
const folder = process.env.BENCH_FOLDER ?? mkdtempSync('/var/tmp/kycd-large-');
const inFolder = (name) => path.join(folder, name);
const report = (name, value, unit, digits = 0) => console.log(`${name} ${value.toFixed(digits)} ${unit}`);

mkdirSync(folder, { recursive: true });
if (!existsSync(inFolder('key'))) writeFileSync(inFolder('key'), randomBytes(32).toString('base64'), { mode: 0o600 });
const settings = {
	KYCD_SECRET_KEY: readFileSync(inFolder('key'), 'utf8').trim(), KYCD_SMTP_URL: 'smtp://127.0.0.1:9', KYCD_MAIL_FROM: 'kyc@example.com',
	KYCD_DIDIT_CLIENT_ID: 'bench', KYCD_DIDIT_CLIENT_SECRET: 'bench', KYCD_DIDIT_WEBHOOK_SECRET: 'none', ...UNLIMITED,
};

async function kycd(database, ...args) {
	const done = await run(args, { settings: { ...settings, KYCD_DATABASE: database }, folder, limit: HOUR });
	if (done.code !== 0) throw new Error(`kycd ${args.join(' ')}: ${done.stderr}`);
	return done.stdout.trim();
}

async function timed(name, work) {
	const began = performance.now();
	await work();
	report(name, (performance.now() - began) / 1000, 's', 1);
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

const psql = async (url, sql) => (await exec('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', sql], { timeout: HOUR })).stdout.trim();
const databaseUrl = (name) => CLUSTER.replace(/\/[^/?]*(\?|$)/, `/${name}$1`);

/** `fresh` makes a copy of the small database for writes, so that the original stays small; `dropFresh` deletes the copy. */
const ENGINES = {
	sqlite: {
		connections: [1, 64, 256],
		url: (which) => `sqlite:${which}.db`,
		async fresh() {
			copyFileSync(inFolder('few.db'), inFolder('fresh.db'));
			return 'sqlite:fresh.db';
		},
		dropFresh: () => ['', '-wal', '-shm', '.lock'].forEach((end) => rmSync(inFolder(`fresh.db${end}`), { force: true })),
	},
	postgres: {
		connections: [16, 64],
		url: databaseUrl,
		async fresh() {
			await psql(CLUSTER, 'CREATE DATABASE fresh TEMPLATE few');
			return databaseUrl('fresh');
		},
		dropFresh: () => psql(CLUSTER, 'DROP DATABASE IF EXISTS fresh WITH (FORCE)'),
	},
};

class Measurement {
	constructor(engine, name = engine) {
		Object.assign(this, { name, engine: ENGINES[engine], samples: new Map() });
	}

	record(quantity, which, value, unit) {
		const name = `${this.name}_${quantity}`;
		const all = this.samples.get(name) ?? { unit, few: [], many: [] };
		all[which].push(value);
		this.samples.set(name, all);
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

	async load(quantity, which, n, { server, key }, route, env) {
		const { rate, p99 } = await wrk({ url: server.base + route, key, connections: n, env });
		this.record(`${quantity}_${n}_rate`, which, rate, 'per_s');
		this.record(`${quantity}_${n}_p99`, which, p99, 'ms');
	}

	/** Measures reads, after a run for warming up that is not recorded. */
	async measureReads(which) {
		await this.serve(this.engine.url(which), async (up) => {
			this.record('start', which, up.took, 'ms');
			for (const [name, people] of [['status', PEOPLE.few], ['status_of_all', PEOPLE[which]]]) {
				const env = { BENCH_AMONG: String(people) };
				await wrk({ url: `${up.server.base}/kyc/status`, key: up.key, connections: 64, env });
				for (const n of this.engine.connections) await this.load(name, which, n, up, '/kyc/status', env);
			}
			const status = readFileSync(`/proc/${up.server.child.pid}/status`, 'latin1');
			this.record('resident', which, Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]) / 1024, 'MiB');
		});
	}

	async measureWrites(which, n) {
		const database = which === 'few' ? await this.engine.fresh() : this.engine.url(which);
		await this.serve(database, (up) => this.load('prepare', which, n, up, '/kyc/prepare', { BENCH_PREPARE: `m${Date.now()}` }));
		if (which === 'few') await this.engine.dropFresh();
	}

	async measure() {
		await this.engine.dropFresh();
		for (let round = 0; round < ROUNDS; round++) for (const which of ['few', 'many']) await this.measureReads(which);
		for (const n of this.engine.connections)
			for (let round = 0; round < ROUNDS; round++) for (const which of ['few', 'many']) await this.measureWrites(which, n);
		for (const [name, { unit, few, many }] of this.samples) {
			const [a, b] = [median(few), median(many)];
			const worse = unit === 'per_s' ? a / b : b / a;
			report(`${name}_few`, a, unit, unit === 'per_s' ? 0 : 1);
			report(`${name}_many`, b, unit, unit === 'per_s' ? 0 : 1);
			console.log(`# ${name.padEnd(28)} ${worse.toFixed(2)} times worse  at most ${WORST_RATIO}  ${worse <= WORST_RATIO ? 'reached' : 'MISSED'}`);
		}
	}
}

const PARTS = {
	sqlite: () => new Measurement('sqlite').measure(),
	async warm() {
		await timed('sqlite_read_through', () => exec('dd', ['if=many.db', 'of=/dev/null', 'bs=1M'], { cwd: folder, timeout: HOUR }));
		await new Measurement('sqlite', 'sqlite_warm').measure();
	},
	async backup() {
		rmSync(inFolder('backup.db'), { force: true });
		await timed('sqlite_backup', () => kycd('sqlite:many.db', 'db', 'backup', 'backup.db'));
		await timed('sqlite_restore_copy', () => exec('cp', ['backup.db', 'restored.db'], { cwd: folder, timeout: HOUR }));
		rmSync(inFolder('backup.db'));
		await timed('sqlite_restore_check', () => kycd('sqlite:restored.db', 'db', 'check'));
		await new Measurement('sqlite').serve('sqlite:restored.db', ({ took }) => report('sqlite_restore_start', took, 'ms'));
		for (const end of ['', '.lock']) rmSync(inFolder(`restored.db${end}`), { force: true });
	},
	async copy() {
		for (const which of ['few', 'many']) {
			await psql(CLUSTER, `DROP DATABASE IF EXISTS ${which}`);
			await psql(CLUSTER, `CREATE DATABASE ${which}`);
			await timed(`copy_${which}`, () => kycd('', 'db', 'copy', '--from', `sqlite:${which}.db`, '--to', databaseUrl(which)));
		}
		report('postgres_bytes', Number(await psql(databaseUrl('many'), 'SELECT pg_database_size(current_database())')), 'bytes');
	},
	async postgres() {
		for (const which of ['few', 'many']) await psql(databaseUrl(which), 'VACUUM (ANALYZE)');
		await new Measurement('postgres').measure();
	},
	async restore() {
		const dump = inFolder('many.dump');
		await timed('postgres_backup', () => exec('pg_dump', ['--format=custom', '--compress=1', '-f', dump, '-d', databaseUrl('many')], { timeout: HOUR }));
		report('postgres_backup_bytes', statSync(dump).size, 'bytes');
		await psql(CLUSTER, 'DROP DATABASE many');
		await psql(CLUSTER, 'CREATE DATABASE many');
		await timed('postgres_restore', () => exec('pg_restore', ['--jobs=2', '-d', databaseUrl('many'), dump], { timeout: HOUR }));
		rmSync(dump);
		await new Measurement('postgres').serve(databaseUrl('many'), ({ took }) => report('postgres_restore_start', took, 'ms'));
	},
};

try {
	for (const which of ['few', 'many']) await fill(which);
	report('people', MANY, 'count');
	report('sqlite_bytes', statSync(inFolder('many.db')).size, 'bytes');
	for (const part of parts) await PARTS[part]();
} catch (error) {
	console.error(`# large_database: ${error.stack}`);
	process.exitCode = 1;
} finally {
	if (!process.env.BENCH_FOLDER) rmSync(folder, { recursive: true, force: true });
}
