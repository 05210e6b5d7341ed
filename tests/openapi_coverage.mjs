// Compares the answers that the C tests and the end-to-end tests received with the program's OpenAPI document. The tests append the
// answers to the file OBSERVED_ANSWERS, one line each. With --all it also lists described answers that no test received: either the
// document describes an answer that does not exist, or a test is missing. Exits with 1 on any difference.
import { existsSync, readFileSync } from 'node:fs';
import { describedAnswers, assertDescribed } from './e2e/lib/description.mjs';

const file = process.env.OBSERVED_ANSWERS;
const lines = file && existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
const received = new Map(); // names of answers by route
const errors = new Set();
for (const line of new Set(lines)) {
	try {
		const { route, name } = assertDescribed(JSON.parse(line));
		if (name) received.set(route, (received.get(route) ?? new Set()).add(name));
	} catch (error) {
		errors.add(error.message.split('\n')[0]);
	}
}
const receivedNames = new Set([...received.values()].flatMap((names) => [...names]));
const { routes, shared } = describedAnswers();
const missing = [
	...routes.flatMap(({ route, names }) => names.filter((name) => !received.get(route)?.has(name)).map((name) => `${route}: ${name}`)),
	...shared.filter((name) => !receivedNames.has(name)).map((name) => `any route: ${name}`),
];
for (const error of errors) console.error(error);
if (process.argv.includes('--all')) for (const name of missing) console.error(`described, but received by no test: ${name}`);
const failed = lines.length === 0 || errors.size > 0 || (process.argv.includes('--all') && missing.length > 0);
console.log(`answers compared with the description: ${lines.length}, ${errors.size} not as described${process.argv.includes('--all') ? `, ${missing.length} received by no test` : ''}`);
process.exit(failed ? 1 : 0);
