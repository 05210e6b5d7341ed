// Functions that wait for a condition, always with a time limit. Tests use them instead of sleeping for a fixed time.
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Calls `condition` every 10 ms until it returns a truthy value, and returns that value. Fails after `limit` ms with `what` in
 * the message.
 */
export async function until(what, condition, limit = 10_000) {
	const end = Date.now() + limit;
	let lastError;
	for (;;) {
		try {
			const value = await condition();
			if (value) return value;
			lastError = undefined;
		} catch (error) {
			lastError = error;
		}
		if (Date.now() >= end) throw new Error(`waited ${limit} ms for ${what}`, { cause: lastError });
		await pause(10);
	}
}

/** Resolves to the promise's value. Fails after `limit` ms with `what` in the message. */
export async function within(what, limit, promise) {
	const timer = new AbortController();
	const timeout = pause(limit, undefined, { signal: timer.signal }).then(
		() => {
			throw new Error(`${what}: not done within ${limit} ms`);
		},
		() => new Promise(() => {}),
	);
	try {
		return await Promise.race([promise, timeout]);
	} finally {
		timer.abort();
	}
}

/** Returns a function that runs the work given to it, at most `n` at the same time, in the order of the calls. */
export function limitConcurrency(n) {
	const waiting = [];
	let free = n;
	return async (work) => {
		if (free > 0) free -= 1;
		else await new Promise((start) => waiting.push(start));
		try {
			return await work();
		} finally {
			const next = waiting.shift();
			if (next) next();
			else free += 1;
		}
	};
}

/** Returns {promise, resolve, reject}. */
export function deferred() {
	const result = {};
	result.promise = new Promise((resolve, reject) => Object.assign(result, { resolve, reject }));
	return result;
}

export function median(numbers) {
	const sorted = [...numbers].sort((a, b) => a - b);
	return sorted[sorted.length >> 1];
}
