// Compares kycd on PostgreSQL with pgbench, on the same server and cores and with the same number of clients:
// - `prepare` calls are compared with an INSERT of the same number of bytes per transaction;
// - `status` calls are compared with the SELECT that kycd sends, and with the last part of that SELECT alone;
// - two kycd instances are compared with one, with the same total number of connections.
// Run by tools/with_postgres.py. Prints `name value unit` lines; exits with 1 when a response is wrong. Everything is measured
// alternately in three rounds, and the medians are reported.
// Environment: BENCH_SECONDS, the length of each measurement (3).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { UNLIMITED, exec, seconds, wrk } from './wrk.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
process.env.KYCD ??= path.join(here, '../build/kycd');
const { postgres } = await import('../tests/e2e/lib/database.mjs');
const { App } = await import('../tests/e2e/lib/app.mjs');
const { Server } = await import('../tests/e2e/lib/kycd.mjs');
const { median } = await import('../tests/e2e/lib/wait.mjs');

const ROUNDS = 3;
const EMAIL = 'ana@example.com';
const STATUS = `/kyc/status?email=${encodeURIComponent(EMAIL)}`;
const PGBENCH_TIMEOUT_MS = 60_000;
const GOALS = { prepare: 0.3, status: 0.25, two: 0.9 };

/** Query for the total size in bytes of the rows of one prepared person. */
const ROW_BYTES = `SELECT sum(one)::int FROM (SELECT avg(pg_column_size(t.*)) AS one FROM users t
	UNION ALL SELECT avg(pg_column_size(t.*)) FROM addresses t UNION ALL SELECT avg(pg_column_size(t.*)) FROM enrolments t
	UNION ALL SELECT avg(pg_column_size(t.*)) FROM audit_entries t) AS sizes`;

/** Query for the text of the SELECT that kycd sends for a status request, from the server's statistics. */
const STATUS_QUERY = `SELECT query FROM pg_stat_activity WHERE application_name = 'kycd' AND query LIKE '%ORDINALITY%' LIMIT 1`;
/** Query for the parameters of kycd's SELECT for a status request, in their order. */
const STATUS_PARAMETERS = 'SELECT blind_index, tenant_id FROM enrolments';

/** The planner settings of kycd's connections, so that pgbench's SELECT has the same plan. */
const PLANNER_OPTIONS = ['plan_cache_mode=force_generic_plan', 'jit=off', 'enable_seqscan=off', 'enable_bitmapscan=off', 'enable_memoize=off'].map((one) => `-c ${one}`).join(' ');

/** The last part of kycd's SELECT for a status request: the person's sessions. */
const SESSIONS_QUERY = (user) => `SELECT "id", "user_id", "tenant_id", "flow", "provider_version", "features", "provider_ref", "status", "sealed_url", "sealed_decision", "blocklisted", "created_at",
	"provider_event_at", "last_update_at", "last_poll_at", "return_poll_at", "instance_id", "quota_month", "after_declines", "next_poll_at" FROM "sessions" WHERE "user_id" = '${user}'
	ORDER BY "created_at" DESC, "id" DESC LIMIT 2 OFFSET 0;`;

class Bench {
	rates = new Map();

	record(name, rate) {
		this.rates.set(name, [...(this.rates.get(name) ?? []), rate]);
	}

	/** Reports the median of the rounds' ratios, because other load on the machine changes from round to round. */
	reportRatio(name, numerator, denominator, goal) {
		const all = this.rates.get(numerator).map((rate, i) => rate / this.rates.get(denominator)[i]);
		const is = median(all);
		console.log(`${name} ${is.toFixed(2)} times`);
		console.log(`# ${name.padEnd(28)} ${is.toFixed(2)}  goal ${goal.toFixed(2)}  ${is >= goal ? 'reached' : 'MISSED'}  (${all.map((one) => one.toFixed(2)).join(' ')})`);
	}

	async pgbench(name, clients, script) {
		const { stdout } = await exec('pgbench', ['-n', '-M', 'prepared', '-c', clients, '-j', 2, '-T', seconds, '-f', script, this.db.url].map(String), { timeout: PGBENCH_TIMEOUT_MS, env: { ...process.env, PGOPTIONS: PLANNER_OPTIONS } });
		if (!/number of failed transactions: 0 /.test(stdout)) throw new Error(stdout);
		this.record(name, Number(/tps = ([\d.]+)/.exec(stdout)[1]));
	}

	/** Measures a route with all connections to one instance, or with half of the connections to each of two instances. */
	async kycd(name, connections, servers, route, env = () => ({})) {
		const share = connections / servers.length;
		const results = await Promise.all(servers.map((server, i) => wrk({ url: server.base + route, key: this.app.key, connections: share, threads: 2 / servers.length, env: env(i) })));
		this.record(name, results.reduce((sum, { rate }) => sum + rate, 0));
		this.record(`${name}_p99`, Math.max(...results.map(({ p99 }) => p99)));
	}
}

async function setUp(t, bench, folder) {
	bench.db = await postgres(t);
	const app = await App.open(t, { settings: { KYCD_DATABASE: bench.db.url, ...UNLIMITED } });
	bench.app = app;
	await app.approvePerson(EMAIL);
	const second = new Server({ folder: app.folder, settings: app.server.givenSettings });
	t.after(() => second.kill());
	await second.start();
	const bytes = Number(await bench.db.query(ROW_BYTES));
	const user = await bench.db.query('SELECT id FROM users');
	await bench.db.query('CREATE TABLE baseline (id bigint PRIMARY KEY, body bytea NOT NULL)');
	console.log(`pg_row_bytes ${bytes} bytes`);
	const scripts = { insert: path.join(folder, 'insert.sql'), select: path.join(folder, 'select.sql'), part: path.join(folder, 'part.sql') };
	const parameters = (await bench.db.query(STATUS_PARAMETERS)).split('|');
	await fetch(app.server.base + STATUS, { headers: { 'x-api-key': app.key } });
	const statusQuery = (await bench.db.query(STATUS_QUERY)).replace(/\$(\d)/g, (_, i) => `ARRAY['${parameters[i - 1]}']`);
	writeFileSync(scripts.insert, `\\set id random(1, 4611686018427387904)\nINSERT INTO baseline VALUES (:id, '\\x${'5a'.repeat(bytes)}');\n`);
	writeFileSync(scripts.select, `${statusQuery};`);
	writeFileSync(scripts.part, SESSIONS_QUERY(user).replace(/\s+/g, ' '));
	return { ...scripts, servers: [app.server, second] };
}

async function measure(bench, { insert, select, part, servers }) {
	for (const n of [16, 64]) {
		for (let round = 0; round < ROUNDS; round++) {
			const newPeople = (run) => (i) => ({ BENCH_PREPARE: `${run}${n}r${round}i${i}` });
			await bench.pgbench(`pg_insert_${n}`, n, insert);
			await bench.kycd(`pg_prepare_${n}`, n, servers.slice(0, 1), '/kyc/prepare', newPeople('one'));
			await bench.kycd(`pg_prepare_${n}_two`, n, servers, '/kyc/prepare', newPeople('two'));
			await bench.pgbench(`pg_select_${n}`, n, select);
			await bench.pgbench(`pg_part_${n}`, n, part);
			await bench.kycd(`pg_status_${n}`, n, servers.slice(0, 1), STATUS);
			await bench.kycd(`pg_status_${n}_two`, n, servers, STATUS);
		}
	}
	for (const [name, rates] of bench.rates) console.log(name.endsWith('_p99') ? `${name} ${median(rates).toFixed(1)} ms` : `${name}_rate ${median(rates).toFixed(0)} per_s`);
	for (const n of [16, 64]) {
		for (const [kind, baseline] of [['prepare', 'insert'], ['status', 'select']]) {
			bench.reportRatio(`pg_${kind}_${n}_to_pgbench`, `pg_${kind}_${n}`, `pg_${baseline}_${n}`, GOALS[kind]);
			bench.reportRatio(`pg_${kind}_${n}_two_to_one`, `pg_${kind}_${n}_two`, `pg_${kind}_${n}`, GOALS.two);
		}
		bench.reportRatio(`pg_status_${n}_to_part`, `pg_status_${n}`, `pg_part_${n}`, GOALS.status);
	}
}

const closing = [];
const folder = mkdtempSync('/tmp/kycd-bench-');
try {
	const bench = new Bench();
	await measure(bench, await setUp({ after: (close) => closing.push(close) }, bench, folder));
} catch (error) {
	console.error(`# postgres: ${error.stack}`);
	process.exitCode = 1;
} finally {
	for (const close of closing.reverse()) await close();
	rmSync(folder, { recursive: true, force: true });
}
