// Measures pages of the console over HTTP, signed in as the operator of development mode:
//
//	KYCD=build/kycd node bench/console_lists.mjs FOLDER [PATH …]
//
// Starts `kycd serve --dev` in the folder, whose var/dev.db was filled by console_lists.sql; KYCD_DATABASE in the
// environment selects another database. Without paths, measures the overview and the lists. Prints the median and the longest of 20
// requests for each page after a first one, and the CPU time of the server for each of them, which other programs change little.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

process.env.KYCD ??= path.join(path.dirname(fileURLToPath(import.meta.url)), '../build/kycd');
const { ConsoleClient, ConsoleServer } = await import('../tests/e2e/lib/console.mjs');

const [, , folder, ...paths] = process.argv;
const REQUESTS = 20;
const DAY = 86_400_000;
const day = (age) => new Date(Date.now() - age * DAY).toISOString().slice(0, 10);
const people = (query) => `/console/people?tenant=acme&${query}`;
const PAGES = [
	'/console',
	'/console?tenant=acme',
	people(''),
	...['pending', 'in_review', 'approved', 'declined', 'expired'].map((status) => people(`status=${status}`)),
	people(`from=${day(300)}&to=${day(299)}`),
	people(`status=in_review&from=${day(300)}&to=${day(200)}`),
	people(`status=expired&from=${day(300)}&to=${day(200)}`),
	'/console/people?tenant=bank',
	'/console/reviews',
	'/console/audit',
	'/console/audit?action=user_erased',
	'/console/audit?subject=nobody',
	'/console/webhooks',
	'/console/tenants',
];

/** CPU time of the server in milliseconds; the kernel counts in hundredths of a second. */
function cpuTime() {
	const fields = readFileSync(`/proc/${server.child.pid}/stat`, 'latin1').split(') ')[1].split(' ');
	return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function measure(client, where) {
	const times = [];
	let cpu;
	for (let i = 0; i <= REQUESTS; i++) {
		if (i === 1) cpu = cpuTime();
		const begun = performance.now();
		const { http, text } = await client.get(where);
		if (http !== 200) throw new Error(`${where}: ${http}\n${text}`);
		times.push(performance.now() - begun);
	}
	const [first, ...rest] = times;
	rest.sort((a, b) => a - b);
	return { first, median: rest[REQUESTS / 2], longest: rest.at(-1), cpu: (cpuTime() - cpu) / REQUESTS };
}

const database = process.env.KYCD_DATABASE;
const server = new ConsoleServer({ folder: path.resolve(folder), args: ['--dev'], settings: database ? { KYCD_DATABASE: database } : {} });
await server.start();
try {
	const client = await ConsoleClient.ofDev(server);
	for (const where of paths.length > 0 ? paths : PAGES) {
		const { first, median, longest, cpu } = await measure(client, where);
		console.log(`${where}: median ${median.toFixed(1)} ms, longest ${longest.toFixed(1)} ms, first ${first.toFixed(1)} ms, CPU ${cpu.toFixed(1)} ms`);
	}
	for (let i = 0, next = '/console/reviews'; next && i < 40 && paths.length === 0; i++) {
		const begun = performance.now();
		const { text } = await client.get(next);
		next = /href="(\/console\/reviews\?[^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
		if (i % 10 === 9) console.log(`page ${i + 1} of the reviews: ${(performance.now() - begun).toFixed(1)} ms`);
	}
} finally {
	await server.stop();
}
