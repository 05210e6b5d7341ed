// What kycd reports to systemd: when it is ready, reloads and stops, and that its listeners answer.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { App } from './lib/app.mjs';
import { temporaryFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const RECEIVER = fileURLToPath(new URL('lib/notify_socket.py', import.meta.url));

async function openReceiver(t) {
	const name = path.join(await temporaryFolder(t), 'notify');
	const child = spawn('python3', [RECEIVER, name], { stdio: ['ignore', 'pipe', 'inherit'] });
	const reports = [];
	t.after(() => child.kill());
	createInterface({ input: child.stdout }).on('line', (line) => reports.push(JSON.parse(line)));
	await until('the socket', () => reports[0] === 'bound');
	reports.shift();
	return { name, reports };
}

test('kycd reports ready, reloads, stops, and again and again that its listeners answer', async (t) => {
	const { name, reports } = await openReceiver(t);
	const count = (word) => reports.filter((report) => report.startsWith(word)).length;
	const app = await App.open(t, { settings: { NOTIFY_SOCKET: name, WATCHDOG_USEC: '3000000' } });
	await until('READY=1', () => count('READY=1') === 1);
	assert.equal(reports[0], 'READY=1');
	await until('three reports that the listeners answer', () => count('WATCHDOG=1') >= 3);

	app.server.child.kill('SIGHUP');
	await until('the end of the reload', () => count('READY=1') === 2);
	assert.ok(reports.findIndex((report) => report.startsWith('RELOADING=1\nMONOTONIC_USEC=')) < reports.lastIndexOf('READY=1'));
	await app.server.stop();
	await until('STOPPING=1', () => count('STOPPING=1') === 1);
	assert.equal(reports.at(-1), 'STOPPING=1');
});

test('kycd reports nothing while a listener does not answer', async (t) => {
	const { name, reports } = await openReceiver(t);
	const app = await App.open(t, { settings: { NOTIFY_SOCKET: name, WATCHDOG_USEC: '3000000' } });
	await until('a report', () => reports.includes('WATCHDOG=1'));
	app.server.child.kill('SIGSTOP');
	await until('the process to be stopped', async () => (await import('node:fs')).readFileSync(`/proc/${app.server.child.pid}/stat`, 'utf8').split(' ')[2] === 'T');
	const before = reports.length;
	await new Promise((resolve) => setTimeout(resolve, 2_000));
	assert.equal(reports.length, before);
	app.server.child.kill('SIGCONT');
	await until('a report after the process continues', () => reports.length > before);
});
