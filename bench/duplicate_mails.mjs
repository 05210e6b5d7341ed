// Counts e-mails that are sent twice: four instances on one PostgreSQL database send 5,000 codes while instances are killed with
// SIGKILL. Run by tools/with_postgres.py. Prints `name value unit` lines; exits with 1 when an e-mail is missing, or was sent twice
// although no killed instance was sending it. Environment: BENCH_CODES (5000), BENCH_KILLS (12).
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.env.KYCD ??= path.join(root, 'build/kycd');
const { postgres } = await import('../tests/e2e/lib/database.mjs');
const { assertDelivery, sendWhileKilled } = await import('../tests/e2e/lib/mail_crash.mjs');

const codes = Number(process.env.BENCH_CODES ?? 5000);
const kills = Number(process.env.BENCH_KILLS ?? 12);
const closing = [];
try {
	const t = { after: (close) => closing.push(close) };
	const result = await sendWhileKilled(t, await postgres(t), { codes, kills, settings: { KYCD_LOG: 'info' } });
	const counts = {
		codes_accepted: result.accepted, requests_unanswered: result.unanswered, received: result.received, kills: result.kills,
		leased_at_kill: result.leased, received_twice: result.duplicates, twice_unexplained: result.unexplained.length, lost: result.lost.length,
	};
	for (const [name, count] of Object.entries(counts)) console.log(`mails_${name} ${count} count`);
	console.log(`mails_time ${result.seconds.toFixed(0)} s`);
	assertDelivery(result);
} catch (error) {
	console.error(`# duplicate_mails: ${error.stack}`);
	process.exitCode = 1;
} finally {
	for (const close of closing.reverse()) await close();
}
