// Measures what one verified person costs on SQLite and on PostgreSQL. Each person goes through prepare, an e-mail with a code, a
// session, a provider event with the approval, and one status request. Sixteen people do so at the same time. Reports per person:
// CPU time of kycd and of the database server, database size in bytes, bytes written to disk or to the write-ahead log, flushes,
// and rows. Run by tools/with_postgres.py. Prints `name value unit` lines. Environment: BENCH_PEOPLE (1000).
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

process.env.KYCD ??= path.join(path.dirname(fileURLToPath(import.meta.url)), '../build/kycd');
const { queryDatabase, postgres } = await import('../tests/e2e/lib/database.mjs');
const { App, expect, newEmail } = await import('../tests/e2e/lib/app.mjs');
const { until } = await import('../tests/e2e/lib/wait.mjs');

const people = Number(process.env.BENCH_PEOPLE ?? 1000);
const CONCURRENCY = 16;
const TICK_MS = 10; // unit of the times in /proc/PID/stat on Linux
const TABLES = ['users', 'addresses', 'enrolments', 'otps', 'sessions', 'effects', 'provider_events', 'provider_event_bodies', 'audit_entries'];

const fields = (pid) => readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '').split(' ');
/** Returns the processor time of a process in milliseconds; `withChildren`: including its children that have exited. */
const cpuOf = (pid, withChildren) => fields(pid).slice(11, withChildren ? 15 : 13).reduce((sum, n) => sum + Number(n), 0) * TICK_MS;

/**
 * Returns the processor time of the PostgreSQL server whose cluster is in this folder: of the postmaster and its children. The
 * postmaster's time includes the children that have exited.
 */
function cpuOfCluster(folder) {
	const parent = readFileSync(path.join(folder, 'data/postmaster.pid'), 'latin1').split('\n')[0];
	let sum = 0;
	for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
		try {
			if (fields(pid)[1] === parent) sum += cpuOf(pid, true);
		} catch (error) {
			if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
		}
	}
	return sum + cpuOf(parent, true);
}

async function verifyPeople(app) {
	const remaining = Array.from({ length: people }, () => newEmail('cost'));
	await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
		for (let email; (email = remaining.pop()); ) {
			await app.approvePerson(email);
			await until('approval', async () => expect(await app.status(email), 200).text.includes('"approved":true'));
		}
	}));
}

/**
 * The engines. `counters` returns the totals so far. If `stop` is true, PostgreSQL's `counters` first stops kycd, because the
 * statistics of PostgreSQL are complete only after all connections of kycd are closed.
 */
const ENGINES = {
	sqlite: () => ({
		settings: {},
		async counters(app) {
			const io = readFileSync(`/proc/${app.server.child.pid}/io`, 'latin1');
			return {
				bytes: Number(queryDatabase(app, 'SELECT page_count * page_size FROM pragma_page_count, pragma_page_size')),
				written: Number(/^write_bytes: (\d+)/m.exec(io)[1]),
				flushes: await app.server.metric('kycd_commit_duration_seconds_count'),
				cpu_database: 0,
			};
		},
	}),
	postgres: async (t) => {
		const db = await postgres(t);
		const folder = /[?&]host=([^&]+)/.exec(db.url)[1];
		return {
			settings: { KYCD_DATABASE: db.url },
			async counters(app, stop) {
				if (stop) {
					await app.server.stop();
					await until("kycd's connections to close", async () => (await db.query(`SELECT count(*) FROM pg_stat_activity WHERE application_name = 'kycd'`)) === '0');
				}
				const row = await db.query(`SELECT pg_database_size(current_database()), pg_current_wal_lsn() - '0/0', wal_sync FROM pg_stat_wal`);
				const [bytes, written, flushes] = row.split('|').map(Number);
				return { bytes, written, flushes, cpu_database: cpuOfCluster(folder) };
			},
		};
	},
};

async function measure(t, name) {
	const engine = await ENGINES[name](t);
	const app = await App.open(t, { settings: { KYCD_LOG: 'warn', ...engine.settings } });
	const rows = () => TABLES.reduce((sum, table) => sum + Number(queryDatabase(app, `SELECT count(*) FROM ${table}`)), 0);
	const totals = async (stop) => {
		const cpu = cpuOf(app.server.child.pid);
		return { cpu_kycd: cpu, rows: rows(), ...(await engine.counters(app, stop)) };
	};
	await app.approvePerson(newEmail('first'));
	const before = await totals(false);
	const began = performance.now();
	await verifyPeople(app);
	await until('all e-mails to be sent', () => queryDatabase(app, 'SELECT count(*) FROM effects WHERE done = 0') === '0');
	const seconds = (performance.now() - began) / 1000;
	const after = await totals(true);
	for (const [counter, unit] of Object.entries({ cpu_kycd: 'ms', cpu_database: 'ms', bytes: 'bytes', written: 'bytes', flushes: 'count', rows: 'count' }))
		console.log(`cost_${name}_${counter} ${((after[counter] - before[counter]) / people).toFixed(unit === 'bytes' ? 0 : 2)} ${unit}`);
	console.log(`cost_${name}_rate ${(people / seconds).toFixed(0)} per_s`);
	for (const table of TABLES) console.log(`# ${name} ${table}: ${(Number(queryDatabase(app, `SELECT count(*) FROM ${table}`)) / (people + 1)).toFixed(2)} rows`);
}

for (const name of Object.keys(ENGINES)) {
	const closing = [];
	try {
		await measure({ after: (close) => closing.push(close) }, name);
	} catch (error) {
		console.error(`# cost_per_person: ${error.stack}`);
		process.exitCode = 1;
	} finally {
		for (const close of closing.reverse()) await close();
	}
}
