// Selects the database of the end-to-end tests: SQLite, or PostgreSQL if E2E_DATABASE is the URL of a cluster in which databases
// may be created (tools/with_postgres.py starts one and sets TEST_POSTGRES). On PostgreSQL, each SQLite file that a test would use
// is replaced by a database in the cluster, which is dropped together with the test's folder.
//
//	tools/with_postgres.py sh -c 'cd tests && E2E_DATABASE=$TEST_POSTGRES node --test e2e/otp.test.mjs'
import { execFile, execFileSync } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';

const CLUSTER = process.env.E2E_DATABASE || undefined;
export const ON_POSTGRES = CLUSTER !== undefined;

/**
 * Declares a test about the SQLite file itself, which is skipped on PostgreSQL: all tests of the files database, db_copy,
 * instance_lock and database_faults, and some of doctor, erase and settings. operating.test.mjs does not need it, because its
 * commands name their own database.
 */
export const sqliteTest = ON_POSTGRES ? test.skip : test;

/** Declares a long test of pages that do not depend on the database. It is skipped on PostgreSQL. */
export const pageTest = ON_POSTGRES ? test.skip : test;

/**
 * Time limit for work that a killed instance had leased, in milliseconds. On SQLite a restart releases all leases at once, because no
 * other instance can exist; on PostgreSQL the leases have to expire.
 */
export const TAKEOVER_LIMIT_MS = ON_POSTGRES ? 45_000 : 10_000;

let databaseCount = 0;
const databases = new Map(); // path of the SQLite file that is replaced → {name, ready}

async function runPsql(sql) {
	await promisify(execFile)('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', CLUSTER, '-c', sql], { timeout: 30_000 });
}

function databaseUrl(name, cluster = CLUSTER) {
	const [base, query] = cluster.split('?');
	return `${base.slice(0, base.lastIndexOf('/'))}/${name}${query === undefined ? '' : `?${query}`}`;
}

/** Returns the URL of the database that replaces the SQLite file, and creates the database if needed. */
async function databaseUrlFor(file) {
	if (!databases.has(file)) {
		const name = `e2e_${process.pid}_${++databaseCount}`;
		databases.set(file, { name, ready: runPsql(`CREATE DATABASE ${name}`) });
	}
	const { name, ready } = databases.get(file);
	await ready;
	return databaseUrl(name);
}

/**
 * Creates an empty database in the cluster TEST_POSTGRES, whichever database the tests use, and drops it when the test ends. Returns
 * {url, query}; `query` resolves to rows as lines, with columns separated by `|`.
 */
export async function postgres(t) {
	const cluster = process.env.TEST_POSTGRES;
	if (!cluster) throw new Error('TEST_POSTGRES is not set: run this with tools/with_postgres.py');
	const name = `extra_${process.pid}_${++databaseCount}`;
	const psql = (target, sql) => promisify(execFile)('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', target, '-c', sql], { timeout: 30_000 });
	await psql(cluster, `CREATE DATABASE ${name}`);
	t.after(() => psql(cluster, `DROP DATABASE ${name} WITH (FORCE)`));
	const url = databaseUrl(name, cluster);
	return { url, query: async (sql) => (await psql(url, sql)).stdout.trim() };
}

/** Returns the settings; on PostgreSQL with the URL of a database in the cluster instead of a SQLite file below `folder`. */
export async function resolveDatabase(settings, args, folder) {
	const database = settings.KYCD_DATABASE ?? (args.includes('--dev') ? 'sqlite:var/dev.db' : undefined);
	if (!ON_POSTGRES || folder === undefined || !/^sqlite:[^/]/.test(database ?? '')) return settings;
	return { ...settings, KYCD_DATABASE: await databaseUrlFor(path.resolve(folder, database.slice('sqlite:'.length))) };
}

/** Runs SQL on the app's database: with `sqlite3` and these options, or with `psql` on PostgreSQL. */
function runSql(app, sql, options) {
	const url = app.server.settings.KYCD_DATABASE;
	if (!url.startsWith('sqlite:')) return execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', sql], { encoding: 'utf8' });
	return execFileSync('sqlite3', ['-cmd', '.timeout 5000', ...options, path.resolve(app.folder, url.slice('sqlite:'.length)), sql], { encoding: 'utf8' });
}

/** Runs a query on the app's database. The SQL must be valid for both engines. Returns rows as lines, columns separated by `|`. */
export function queryDatabase(app, sql) {
	return runSql(app, sql, ['-readonly']).trim();
}

/** Like queryDatabase, but returns the rows as objects. */
export function queryRows(app, sql) {
	const text = ON_POSTGRES ? queryDatabase(app, `SELECT coalesce(json_agg(row), '[]') FROM (${sql}) AS row`) : runSql(app, sql, ['-readonly', '-json']);
	return JSON.parse(text || '[]');
}

/** Returns an SQL expression for the bytes of a column in hexadecimal. */
export const hexColumn = (column) => (ON_POSTGRES ? `encode("${column}", 'hex')` : `hex("${column}")`);

/** Runs statements that change the app's database while the server runs, in one transaction. */
export function executeSql(app, sql) {
	runSql(app, ON_POSTGRES ? sql : `PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE; ${sql}; COMMIT`, []);
}

/** Drops the databases that replace SQLite files of this folder. */
export async function dropDatabases(folder) {
	for (const [file, { name, ready }] of databases) {
		if (!file.startsWith(folder + path.sep)) continue;
		databases.delete(file);
		await ready.then(() => runPsql(`DROP DATABASE ${name} WITH (FORCE)`));
	}
}
