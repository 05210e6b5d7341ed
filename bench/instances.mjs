// Four instances on one PostgreSQL, 5,000 codes, instances killed with -9 in between: how many letters are sent twice.
// Run by tools/with_postgres.py. Prints `name value unit`; ends with 1 when a letter is missing, or was sent twice though no
// dead instance had it in hand. BENCH_CODES, BENCH_KILLS.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.env.KYCD ??= path.join(root, 'build/kycd');
const { postgres } = await import('../tests/e2e/lib/database.mjs');
const { judge, sendWhileKilled } = await import('../tests/e2e/lib/killed.mjs');

const codes = Number(process.env.BENCH_CODES ?? 5000);
const kills = Number(process.env.BENCH_KILLS ?? 12);
const closing = [];
try {
	const t = { after: (close) => closing.push(close) };
	const told = await sendWhileKilled(t, await postgres(t), { codes, kills, settings: { KYCD_LOG: 'info' } });
	for (const name of ['accepted', 'unanswered', 'taken', 'kills', 'held', 'twice']) console.log(`instances_${name} ${told[name]} count`);
	console.log(`instances_strangers ${told.strangers.length} count`);
	console.log(`instances_lost ${told.lost.length} count`);
	console.log(`instances_time ${told.seconds.toFixed(0)} s`);
	judge(told);
} catch (trouble) {
	console.error(`# instances: ${trouble.stack}`);
	process.exitCode = 1;
} finally {
	for (const close of closing.reverse()) await close();
}
