// Waiting for a condition, with a bound. Nothing here sleeps until something has "probably" happened.
import { setTimeout as pause } from 'node:timers/promises';

/** Calls `look` until it gives something true; gives that. Fails after `limit` ms, naming `what` it was waiting for. */
export async function until(what, look, limit = 10_000) {
	const end = Date.now() + limit;
	let last;
	for (;;) {
		try {
			const seen = await look();
			if (seen) return seen;
			last = undefined;
		} catch (trouble) {
			last = trouble;
		}
		if (Date.now() >= end) throw new Error(`waited ${limit} ms for ${what}`, { cause: last });
		await pause(10);
	}
}

/** The promise's value, or a failure that names `what` after `limit` ms. */
export async function within(what, limit, promise) {
	const stop = new AbortController();
	const late = pause(limit, undefined, { signal: stop.signal }).then(
		() => {
			throw new Error(`${what}: not within ${limit} ms`);
		},
		() => new Promise(() => {}),
	);
	try {
		return await Promise.race([promise, late]);
	} finally {
		stop.abort();
	}
}

/** A door for `n` at once: work given to it waits until it is let in, in the order of asking. */
export function door(n) {
	const waiting = [];
	let free = n;
	return async (work) => {
		if (free > 0) free -= 1;
		else await new Promise((letIn) => waiting.push(letIn));
		try {
			return await work();
		} finally {
			const next = waiting.shift();
			if (next) next();
			else free += 1;
		}
	};
}

/** A promise, and what settles it. */
export function signal() {
	const it = {};
	it.promise = new Promise((resolve, reject) => Object.assign(it, { resolve, reject }));
	return it;
}

export function median(numbers) {
	const sorted = [...numbers].sort((a, b) => a - b);
	return sorted[sorted.length >> 1];
}
