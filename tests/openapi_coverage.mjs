// Holds what the C tests and the stories heard (a line each, in the file named by OBSERVED_ANSWERS) against the description of the
// program, and says what is described but was never heard: such an answer is of no route, or a test is missing.
import { existsSync, readFileSync } from 'node:fs';
import { everything, held } from './e2e/lib/description.mjs';

const file = process.env.OBSERVED_ANSWERS;
const lines = file && existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
const seen = new Map();
const wrong = new Set();
for (const line of new Set(lines)) {
	try {
		const { route, name } = held(JSON.parse(line));
		if (name) seen.set(route, (seen.get(route) ?? new Set()).add(name));
	} catch (trouble) {
		wrong.add(trouble.message.split('\n')[0]);
	}
}
const all = new Set([...seen.values()].flatMap((names) => [...names]));
const { routes, shared } = everything();
const never = [
	...routes.flatMap(({ route, names }) => names.filter((name) => !seen.get(route)?.has(name)).map((name) => `${route}: ${name}`)),
	...shared.filter((name) => !all.has(name)).map((name) => `any route: ${name}`),
];
for (const trouble of wrong) console.error(trouble);
if (process.argv.includes('--all')) for (const name of never) console.error(`described, and never heard: ${name}`);
const failed = lines.length === 0 || wrong.size > 0 || (process.argv.includes('--all') && never.length > 0);
console.log(`answers held against the description: ${lines.length}, ${wrong.size} not as described${process.argv.includes('--all') ? `, ${never.length} never heard` : ''}`);
process.exit(failed ? 1 : 0);
