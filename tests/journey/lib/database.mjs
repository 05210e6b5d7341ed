// On which database the stories run: SQLite, unless JOURNEY_DATABASE is the URL of a PostgreSQL cluster in which we may make
// databases (tools/with_postgres.py sets one up as TEST_POSTGRES). Then each file that a story would have is a database of
// its own there, and goes with the story's folder.
//
//	tools/with_postgres.py sh -c 'cd tests && JOURNEY_DATABASE=$TEST_POSTGRES node --test journey/codes.test.mjs'
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const CLUSTER = process.env.JOURNEY_DATABASE || undefined;
export const ON_POSTGRES = CLUSTER !== undefined;

/** What a story says that is about SQLite's file itself: its holder, its log, its copies, its damage. For test()'s options. */
export const OF_FILES = { skip: ON_POSTGRES && "a story of SQLite's file" };

let count = 0;
const made = new Map(); // where the file would be → the database

async function tell(sql) {
	await promisify(execFile)('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', CLUSTER, '-c', sql], { timeout: 30_000 });
}

function urlOf(name) {
	const [place, query] = CLUSTER.split('?');
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

/** The settings, with a database in the cluster instead of a file. */
export async function placed(settings, args, folder) {
	const given = settings.KYCD_DATABASE ?? (args.includes('--dev') ? 'sqlite:var/dev.db' : undefined);
	if (!ON_POSTGRES || folder === undefined || !given?.startsWith('sqlite:')) return settings;
	return { ...settings, KYCD_DATABASE: await place(path.resolve(folder, given.slice('sqlite:'.length))) };
}

/** Those that lay in this folder are gone. */
export async function dropAll(folder) {
	for (const [file, { name, ready }] of made) {
		if (!file.startsWith(folder + path.sep)) continue;
		made.delete(file);
		await ready.then(() => tell(`DROP DATABASE ${name} WITH (FORCE)`));
	}
}
