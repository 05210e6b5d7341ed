// On which database the stories run: SQLite, unless E2E_DATABASE is the URL of a PostgreSQL cluster in which we may make
// databases (tools/with_postgres.py sets one up as TEST_POSTGRES). Then each file that a story would have is a database of
// its own there, and goes with the story's folder.
//
//	tools/with_postgres.py sh -c 'cd tests && E2E_DATABASE=$TEST_POSTGRES node --test e2e/otp.test.mjs'
import { execFile, execFileSync } from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';

const CLUSTER = process.env.E2E_DATABASE || undefined;
export const ON_POSTGRES = CLUSTER !== undefined;

/**
 * A story about SQLite's file itself: not told on PostgreSQL. These are all of database, db_copy, hold and trouble (its copies, its holder, its
 * damage), and some of doctor, erase and settings. What operating.test.mjs does is of files too, but names its own.
 */
export const testOfFiles = ON_POSTGRES ? test.skip : test;

/** A long look at pages that the program draws from no row of its database: told on SQLite alone. */
export const testOfLooks = ON_POSTGRES ? test.skip : test;

/** After a kill: on SQLite a start voids all leases, for it is alone; on PostgreSQL others take over when they have run out. */
export const TAKEN_OVER = ON_POSTGRES ? 45_000 : 10_000;

let count = 0;
const made = new Map(); // where the file would be → the database

async function tell(sql) {
	await promisify(execFile)('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', CLUSTER, '-c', sql], { timeout: 30_000 });
}

function urlOf(name, cluster = CLUSTER) {
	const [place, query] = cluster.split('?');
	return `${place.slice(0, place.lastIndexOf('/'))}/${name}${query === undefined ? '' : `?${query}`}`;
}

async function place(file) {
	if (!made.has(file)) {
		const name = `story_${process.pid}_${++count}`;
		made.set(file, { name, ready: tell(`CREATE DATABASE ${name}`) });
	}
	const { name, ready } = made.get(file);
	await ready;
	return urlOf(name);
}

/** An empty database in the cluster beside which we run, whatever the stories run on, and how to ask it; it goes with the test. */
export async function postgres(t) {
	const cluster = process.env.TEST_POSTGRES;
	if (!cluster) throw new Error('run by tools/with_postgres.py, which gives TEST_POSTGRES');
	const name = `beside_${process.pid}_${++count}`;
	const psql = (where, sql) => promisify(execFile)('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', where, '-c', sql], { timeout: 30_000 });
	await psql(cluster, `CREATE DATABASE ${name}`);
	t.after(() => psql(cluster, `DROP DATABASE ${name} WITH (FORCE)`));
	const url = urlOf(name, cluster);
	return { url, ask: async (sql) => (await psql(url, sql)).stdout.trim() };
}

/** The settings, with a database in the cluster instead of a file. */
export async function placed(settings, args, folder) {
	const given = settings.KYCD_DATABASE ?? (args.includes('--dev') ? 'sqlite:var/dev.db' : undefined);
	if (!ON_POSTGRES || folder === undefined || !/^sqlite:[^/]/.test(given ?? '')) return settings;
	return { ...settings, KYCD_DATABASE: await place(path.resolve(folder, given.slice('sqlite:'.length))) };
}

function shell(app, sql, options) {
	const url = app.server.settings.KYCD_DATABASE;
	if (!url.startsWith('sqlite:')) return execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', sql], { encoding: 'utf8' });
	return execFileSync('sqlite3', [...options, path.resolve(app.folder, url.slice('sqlite:'.length)), sql], { encoding: 'utf8' });
}

/** A question to the app's database, in SQL that both engines understand: rows as lines, columns with | between. */
export function ask(app, sql) {
	return shell(app, sql, ['-readonly']).trim();
}

/** The same, as objects. */
export function askRows(app, sql) {
	const text = ON_POSTGRES ? ask(app, `SELECT coalesce(json_agg(row), '[]') FROM (${sql}) AS row`) : shell(app, sql, ['-readonly', '-json']);
	return JSON.parse(text || '[]');
}

/** Bytes as text, in such a question. */
export const hexOf = (column) => (ON_POSTGRES ? `encode("${column}", 'hex')` : `hex("${column}")`);

/** One or several statements that change something beside the running server, all or none. */
export function alter(app, sql) {
	shell(app, ON_POSTGRES ? sql : `PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE; ${sql}; COMMIT`, []);
}

/** Those that lay in this folder are gone. */
export async function dropAll(folder) {
	for (const [file, { name, ready }] of made) {
		if (!file.startsWith(folder + path.sep)) continue;
		made.delete(file);
		await ready.then(() => tell(`DROP DATABASE ${name} WITH (FORCE)`));
	}
}
