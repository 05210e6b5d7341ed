// What packaging/ says, held against the program: the unit's rules and that it runs under them, the image's packages.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { chmod, copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { App, expect, newEmail } from './lib/app.mjs';
import { PROGRAM, makeFolder, removeFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const execute = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const UNIT = path.join(ROOT, 'packaging/kycd.service');
const UNDER_UNIT = fileURLToPath(new URL('lib/under_unit.py', import.meta.url));
const CONTAINERFILE = path.join(ROOT, 'packaging/Containerfile');

async function exposure(unit) {
	const { stdout } = await execute('systemd-analyze', ['security', '--offline=true', '--no-pager', unit]);
	const found = /Overall exposure level for kycd\.service: (\d+\.\d)/.exec(stdout);
	assert.ok(found, stdout);
	return Number(found[1]);
}

/** The lines of a unit as [name, value]. */
function lines(unit) {
	return unit.split('\n').map((line) => /^([A-Za-z]+)=(.*)$/.exec(line)?.slice(1)).filter(Boolean);
}

test('the unit is exposed below 2.0, and systemd finds nothing wrong with it', async (t) => {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	assert.ok((await exposure(UNIT)) < 2.0);

	const unit = await readFile(UNIT, 'utf8');
	const open = path.join(folder, 'kycd.service');
	await writeFile(open, unit.replace(/^(SystemCallFilter|CapabilityBoundingSet|ProtectSystem|PrivateDevices)=.*\n/gm, ''));
	assert.ok((await exposure(open)) >= 2.0, 'the measure measures');

	// The program is looked for where the unit says; here it is somewhere else.
	await copyFile(PROGRAM, path.join(folder, 'kycd'));
	await chmod(path.join(folder, 'kycd'), 0o755);
	await writeFile(open, unit.replaceAll('/usr/local/bin/kycd', path.join(folder, 'kycd')));
	const { stdout, stderr } = await execute('systemd-analyze', ['verify', '--man=no', open]);
	assert.equal(stdout + stderr, '');
	await writeFile(open, unit.replace('RestrictRealtime', 'RestrictRealTime'));
	const wrong = await execute('systemd-analyze', ['verify', '--man=no', open]).catch((refused) => refused);
	assert.match(wrong.stderr, /RestrictRealTime/);
});

test('the unit names secrets that the program knows, and leaves its stop the time it takes', async () => {
	const unit = lines(await readFile(UNIT, 'utf8'));
	const values = (name) => unit.filter(([key]) => key === name).map(([, value]) => value);
	const known = JSON.parse((await execute(PROGRAM, ['config', 'show', '--json', '--dev'], { cwd: '/', env: {} })).stdout).map((row) => row.name);

	const handed = values('LoadCredential').map((value) => value.split(':'));
	for (const [name, file] of handed) assert.equal(file, `/etc/kycd/${name}`);
	const read = values('Environment').map((value) => /^(KYCD_\w+)_FILE=%d\/(\w+)$/.exec(value));
	assert.deepEqual(read.map((found) => found[2]).sort(), handed.map(([name]) => name).sort());
	for (const [, setting, name] of read) {
		assert.ok(known.includes(setting), setting);
		assert.equal(setting, `KYCD_${name.toUpperCase()}`);
	}
	assert.ok(Number(values('TimeoutStopSec')[0]) > 10, 'interface.md 1: at most 10 s in all');
	assert.deepEqual([values('StateDirectory'), values('StateDirectoryMode'), values('Restart')], [['kycd'], ['0700'], ['on-failure']]);
	assert.match(values('ExecReload')[0], /kill -HUP \$MAINPID/);
});

test('the whole way runs under the unit\'s filters', async (t) => {
	// What looks for leaks at the end of an instrumented build traces the program, which no filter allows.
	const app = await App.open(t, { under: [UNDER_UNIT, UNIT], settings: { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:detect_leaks=0` } });
	await app.server.stop();
	// By name: the look-up of names has system calls and address families of its own.
	app.server.given = { ...app.server.given, KYCD_SMTP_URL: `smtp://localhost:${app.mailServer.port}` };
	await app.server.start();
	const status = await readFile(`/proc/${app.server.child.pid}/status`, 'utf8');
	assert.match(status, /^Seccomp:\t2$/m);
	assert.match(status, /^NoNewPrivs:\t1$/m);

	const email = newEmail();
	const { session_id } = await app.approved(email);
	expect(await app.status(email), 200);
	const at = await app.server.call('GET', `/return?session_id=${session_id}`);
	assert.ok([200, 303].includes(at.http), at.text);
	await Promise.all(Array.from({ length: 100 }, () => app.prepare(newEmail())));
	assert.match(await app.server.metrics(), /kycd_requests_total/);
	app.server.child.kill('SIGHUP');
	await until('the settings to be read again', () => app.server.log.includes('event=reload_applied'));
	// A stop that ends with 0, and not by the signal of a refused system call.
	await app.server.stop();
});

const debian12 = existsSync('/etc/os-release') && /^VERSION_ID="12"$/m.test(await readFile('/etc/os-release', 'utf8'));

/** The words of a Containerfile's instructions, each installation by itself. */
async function stages() {
	const text = (await readFile(CONTAINERFILE, 'utf8')).replace(/^\s*#.*\n/gm, '').replace(/\\\n/g, ' ');
	const all = text.split('\n').filter((line) => line.trim() !== '').map((line) => /^([A-Z]+)\s+(.*)$/.exec(line).slice(1));
	const starts = all.flatMap(([name], i) => (name === 'FROM' ? [i] : []));
	return starts.map((start, i) => all.slice(start, starts[i + 1]));
}

function of(installation, name) {
	return installation.filter(([key]) => key === name).map(([, value]) => value);
}

function packages(installation) {
	return of(installation, 'RUN').flatMap((line) => [.../apt-get .*?install (.*?)(?:&&|$)/g[Symbol.matchAll](line)]).flatMap(([, words]) => words.split(/\s+/)).filter((word) => /^[a-z0-9]/.test(word));
}

test('the image is built from what the build reads', { skip: !debian12 && 'the image is Debian 12\'s' }, async () => {
	const [build, image] = await stages();
	const copied = of(build, 'COPY').flatMap((line) => line.split(/\s+/).slice(0, -1));
	for (const source of copied) assert.ok(existsSync(path.join(ROOT, source)), `COPY ${source}`);
	const inside = (file) => copied.some((source) => file === source || file.startsWith(`${source}/`));

	// What Ninja reads for the program, and what Meson read to write it down.
	const folder = path.dirname(PROGRAM);
	const listed = (await execute('ninja', ['-C', folder, '-t', 'inputs', 'kycd'], { maxBuffer: 1 << 24 })).stdout.split('\n');
	const read = [...listed.filter((line) => line.startsWith('../')).map((line) => path.resolve(folder, line)), ...JSON.parse(await readFile(path.join(folder, 'meson-info/intro-buildsystem_files.json'), 'utf8'))]
		.filter((file) => file.startsWith(ROOT))
		.map((file) => path.relative(ROOT, file))
		.filter((file) => !/^(tests|fuzz)\//.test(file)); // only where cmocka is asked for
	assert.ok(read.includes('src/main/cli/main.c') && read.includes('meson.build'), 'the list of what is read is one');
	for (const file of read) assert.ok(inside(file), `the build reads ${file}, which the image does not copy`);
	assert.ok(inside('Makefile') && inside('tools/setup.sh') && inside('tools/configure.sh'));

	// make itself is what a bare Debian lacks; all else comes from the list that everybody builds with.
	assert.deepEqual(packages(build), ['make']);
	assert.ok(of(build, 'RUN').includes('tools/setup.sh build') && of(build, 'RUN').includes('make all'));
	assert.deepEqual(of(image, 'COPY'), ['--from=build /source/build/kycd /usr/local/bin/kycd']);
});

test('the image has the libraries that the program is linked with, and no others', { skip: !debian12 && 'the image is Debian 12\'s' }, async () => {
	const [, image] = await stages();
	const named = packages(image);
	// A build that is watched has libraries of its own.
	const needed = [...(await execute('readelf', ['-d', PROGRAM])).stdout.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name).filter((name) => !/^lib(asan|ubsan|gcov)/.test(name));
	const where = Object.fromEntries([...(await execute('ldd', [PROGRAM])).stdout.matchAll(/^\s*(\S+) => (\S+)/gm)].map(([, name, file]) => [name, file]));
	const owners = new Set();
	for (const name of needed.filter((library) => where[library])) {
		const files = [where[name], realpathSync(where[name])].flatMap((file) => [file, file.replace(/^\/usr/, '')]);
		const owner = (await Promise.all(files.map((file) => execute('dpkg-query', ['-S', file]).catch(() => null)))).find(Boolean);
		assert.ok(owner, `a package of ${where[name]}`);
		owners.add(owner.stdout.split(':')[0]);
	}
	owners.delete('libc6');
	assert.ok(owners.size >= 5, [...owners].join(' '));
	assert.deepEqual(named.slice().sort(), [...owners, 'ca-certificates', 'curl'].sort());
});

test('the image runs as nobody else, and its settings are settings', async () => {
	const [, image] = await stages();
	assert.deepEqual(of(image, 'USER'), ['10001:10001']);
	assert.deepEqual([of(image, 'ENTRYPOINT'), of(image, 'CMD'), of(image, 'STOPSIGNAL'), of(image, 'VOLUME')], [['["/usr/local/bin/kycd"]'], ['["serve"]'], ['SIGTERM'], ['/var/lib/kycd']]);
	const settings = Object.fromEntries(of(image, 'ENV').flatMap((line) => line.split(/\s+/)).map((word) => word.split(/=(.*)/s)));
	assert.ok(!('KYCD_ADMIN_LISTEN' in settings), 'the admin listener stays on loopback');
	const folder = await makeFolder();
	try {
		const { stdout } = await execute(PROGRAM, ['config', 'show', '--json', '--dev'], { cwd: folder, env: { ...settings, KYCD_DEV_OPEN: '1' } });
		const rows = Object.fromEntries(JSON.parse(stdout).map((row) => [row.name, row]));
		for (const [name, value] of Object.entries(settings)) assert.deepEqual([rows[name].value, rows[name].origin], [value, 'environment']);
		assert.match(of(image, 'HEALTHCHECK')[0], new RegExp(`"http://${rows.KYCD_ADMIN_LISTEN.value}/health/ready"`));
	} finally {
		await removeFolder(folder);
	}
});
