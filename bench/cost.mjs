// What one verified person costs, on SQLite and on PostgreSQL: from prepare by way of letter, code, session and the provider's event to
// approved, with one status read, sixteen people at a time. Processor time of kycd and of the database, bytes on disk and in the log,
// flushes, rows. Run by tools/with_postgres.py. Prints `name value unit`. BENCH_PEOPLE (1000).
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

process.env.KYCD ??= path.join(path.dirname(fileURLToPath(import.meta.url)), '../build/kycd');
const { ask, postgres } = await import('../tests/e2e/lib/database.mjs');
const { House, expect, somebody } = await import('../tests/e2e/lib/house.mjs');
const { until } = await import('../tests/e2e/lib/wait.mjs');

const people = Number(process.env.BENCH_PEOPLE ?? 1000);
const AT_ONCE = 16;
const TICK_MS = 10; // of /proc, on Linux
const TABLES = ['users', 'addresses', 'enrolments', 'otps', 'sessions', 'effects', 'provider_events', 'provider_event_bodies', 'audit_entries'];

const fields = (pid) => readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '').split(' ');
/** Processor time of a process, with that of its ended children if `whole`. */
const cpuOf = (pid, whole) => fields(pid).slice(11, whole ? 15 : 13).reduce((sum, n) => sum + Number(n), 0) * TICK_MS;

/** Of the server that lies in this folder: the postmaster and all that it started. Who ends meanwhile is then the postmaster's. */
function cpuOfCluster(folder) {
	const parent = readFileSync(path.join(folder, 'data/postmaster.pid'), 'latin1').split('\n')[0];
	let sum = 0;
	for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
		try {
			if (fields(pid)[1] === parent) sum += cpuOf(pid, true);
		} catch (trouble) {
			if (trouble.code !== 'ENOENT' && trouble.code !== 'ESRCH') throw trouble;
		}
	}
	return sum + cpuOf(parent, true);
}

async function whole(house) {
	const left = Array.from({ length: people }, () => somebody('cost'));
	await Promise.all(Array.from({ length: AT_ONCE }, async () => {
		for (let email; (email = left.pop()); ) {
			await house.approved(email);
			await until('approval', async () => expect(await house.status(email), 200).text.includes('"approved":true'));
		}
	}));
}

/** Each tells what stands there now; `stop` ends the server first where only that makes the database's own account complete. */
const ENGINES = {
	sqlite: () => ({
		settings: {},
		async look(house) {
			const io = readFileSync(`/proc/${house.server.child.pid}/io`, 'latin1');
			return {
				bytes: Number(ask(house, 'SELECT page_count * page_size FROM pragma_page_count, pragma_page_size')),
				written: Number(/^write_bytes: (\d+)/m.exec(io)[1]),
				flushes: await house.server.metric('kycd_commit_duration_seconds_count'),
				cpu_database: 0,
			};
		},
	}),
	postgres: async (t) => {
		const db = await postgres(t);
		const folder = /[?&]host=([^&]+)/.exec(db.url)[1];
		return {
			settings: { KYCD_DATABASE: db.url },
			async look(house, stop) {
				if (stop) {
					await house.server.stop();
					await until('its connections to be gone', async () => (await db.ask(`SELECT count(*) FROM pg_stat_activity WHERE application_name = 'kycd'`)) === '0');
				}
				const told = await db.ask(`SELECT pg_database_size(current_database()), pg_current_wal_lsn() - '0/0', wal_sync FROM pg_stat_wal`);
				const [bytes, written, flushes] = told.split('|').map(Number);
				return { bytes, written, flushes, cpu_database: cpuOfCluster(folder) };
			},
		};
	},
};

async function measure(t, name) {
	const engine = await ENGINES[name](t);
	const house = await House.open(t, { settings: { KYCD_LOG: 'warn', ...engine.settings } });
	const rows = () => TABLES.reduce((sum, table) => sum + Number(ask(house, `SELECT count(*) FROM ${table}`)), 0);
	const look = async (stop) => {
		const cpu = cpuOf(house.server.child.pid);
		return { cpu_kycd: cpu, rows: rows(), ...(await engine.look(house, stop)) };
	};
	await house.approved(somebody('first'));
	const before = await look(false);
	const began = performance.now();
	await whole(house);
	await until('all letters to be finished', () => ask(house, 'SELECT count(*) FROM effects WHERE done = 0') === '0');
	const seconds = (performance.now() - began) / 1000;
	const after = await look(true);
	for (const [what, unit] of Object.entries({ cpu_kycd: 'ms', cpu_database: 'ms', bytes: 'bytes', written: 'bytes', flushes: 'count', rows: 'count' }))
		console.log(`cost_${name}_${what} ${((after[what] - before[what]) / people).toFixed(unit === 'bytes' ? 0 : 2)} ${unit}`);
	console.log(`cost_${name}_rate ${(people / seconds).toFixed(0)} per_s`);
	for (const table of TABLES) console.log(`# ${name} ${table}: ${(Number(ask(house, `SELECT count(*) FROM ${table}`)) / (people + 1)).toFixed(2)} rows`);
}

for (const name of Object.keys(ENGINES)) {
	const closing = [];
	try {
		await measure({ after: (close) => closing.push(close) }, name);
	} catch (trouble) {
		console.error(`# cost: ${trouble.stack}`);
		process.exitCode = 1;
	} finally {
		for (const close of closing.reverse()) await close();
	}
}
