// Runs wrk once with bench/load.lua, which reads its parameters from the environment. Throws when a response is not a 2xx.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const exec = promisify(execFile);
/** The length of each measurement, in seconds. */
export const seconds = Number(process.env.BENCH_SECONDS ?? 3);
/** Settings with rate and connection limits that no benchmark reaches. */
export const UNLIMITED = { KYCD_RATE_PER_SECOND: 2147483647, KYCD_RATE_PER_MINUTE: 2147483647, KYCD_LOG: 'warn', KYCD_MAX_CONNECTIONS_PER_ADDRESS: 1024 };

const TIMEOUT_MS = 60_000;
const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'load.lua');

/** Resolves to {rate, p99}: the requests per second, and the 99th percentile of their duration in milliseconds. */
export async function wrk({ url, key, connections, threads = Math.min(connections, 2), env = {} }) {
	const args = ['-s', script, '-c', connections, '-t', threads, '-d', `${seconds}s`, '--timeout', '10s', '-H', `x-api-key: ${key}`, '-H', 'Content-Type: application/json', url];
	const { stdout } = await exec('wrk', args.map(String), { timeout: TIMEOUT_MS, env: { PATH: process.env.PATH, BENCH_NAME: 'x', ...env } });
	const value = (name) => Number(new RegExp(`^x_${name} ([\\d.]+)`, 'm').exec(stdout)[1]);
	if (value('errors') !== 0) throw new Error(`not every response was a 2xx: ${stdout}`);
	return { rate: value('rate'), p99: value('p99') };
}
