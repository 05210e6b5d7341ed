// Checks packaging/ against the program: the systemd unit's restrictions, the program running under them, and the files and
// packages of the container image.
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

/** Returns the directives of a unit file as [name, value]. */
function directives(unit) {
	return unit.split('\n').map((line) => /^([A-Za-z]+)=(.*)$/.exec(line)?.slice(1)).filter(Boolean);
}

test('the unit has an exposure level below 2.0, and systemd-analyze verify reports no problem', async (t) => {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	assert.ok((await exposure(UNIT)) < 2.0);

	const unit = await readFile(UNIT, 'utf8');
	const open = path.join(folder, 'kycd.service');
	await writeFile(open, unit.replace(/^(SystemCallFilter|CapabilityBoundingSet|ProtectSystem|PrivateDevices)=.*\n/gm, ''));
	assert.ok((await exposure(open)) >= 2.0, 'a unit without these restrictions has a higher level');

	// systemd-analyze checks that the program exists, so the unit gets the path of a copy.
	await copyFile(PROGRAM, path.join(folder, 'kycd'));
	await chmod(path.join(folder, 'kycd'), 0o755);
	await writeFile(open, unit.replaceAll('/usr/local/bin/kycd', path.join(folder, 'kycd')));
	const { stdout, stderr } = await execute('systemd-analyze', ['verify', '--man=no', open]);
	assert.equal(stdout + stderr, '');
	await writeFile(open, unit.replace('RestrictRealtime', 'RestrictRealTime'));
	const misspelt = await execute('systemd-analyze', ['verify', '--man=no', open]).catch((error) => error);
	assert.match(misspelt.stderr, /RestrictRealTime/);
});

test('the unit passes only secrets that the program has as settings, and allows more time than a stop takes', async () => {
	const unit = directives(await readFile(UNIT, 'utf8'));
	const values = (name) => unit.filter(([key]) => key === name).map(([, value]) => value);
	const settingNames = JSON.parse((await execute(PROGRAM, ['config', 'show', '--json', '--dev'], { cwd: '/', env: {} })).stdout).map((row) => row.name);

	const credentials = values('LoadCredential').map((value) => value.split(':'));
	for (const [name, file] of credentials) assert.equal(file, `/etc/kycd/${name}`);
	const variables = values('Environment').map((value) => /^(KYCD_\w+)_FILE=%d\/(\w+)$/.exec(value));
	assert.deepEqual(variables.map((found) => found[2]).sort(), credentials.map(([name]) => name).sort());
	for (const [, setting, name] of variables) {
		assert.ok(settingNames.includes(setting), setting);
		assert.equal(setting, `KYCD_${name.toUpperCase()}`);
	}
	assert.ok(Number(values('TimeoutStopSec')[0]) > 10, 'a stop takes at most 10 s (interface.md, section 1)');
	assert.deepEqual([values('StateDirectory'), values('StateDirectoryMode'), values('Restart')], [['kycd'], ['0700'], ['on-failure']]);
	assert.match(values('ExecReload')[0], /kill -HUP \$MAINPID/);
});

test('from prepare to approved the program works under the unit\'s system call filter', async (t) => {
	// The leak check at the end of a sanitizer build uses ptrace, which the filter does not allow.
	const app = await App.open(t, { under: [UNDER_UNIT, UNIT], settings: { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:detect_leaks=0` } });
	await app.server.stop();
	// The URL has a host name instead of an address, because name resolution needs more system calls and address families.
	app.server.givenSettings = { ...app.server.givenSettings, KYCD_SMTP_URL: `smtp://localhost:${app.mailServer.port}` };
	await app.server.start();
	const status = await readFile(`/proc/${app.server.child.pid}/status`, 'utf8');
	assert.match(status, /^Seccomp:\t2$/m);
	assert.match(status, /^NoNewPrivs:\t1$/m);

	const email = newEmail();
	const { session_id } = await app.approvePerson(email);
	expect(await app.status(email), 200);
	const returned = await app.server.call('GET', `/return?session_id=${session_id}`);
	assert.ok([200, 303].includes(returned.http), returned.text);
	await Promise.all(Array.from({ length: 100 }, () => app.prepare(newEmail())));
	assert.match(await app.server.metrics(), /kycd_requests_total/);
	app.server.child.kill('SIGHUP');
	await until('the settings to be reloaded', () => app.server.log.includes('event=reload_applied'));
	// stop() requires exit code 0; a refused system call would have killed the program with a signal.
	await app.server.stop();
});

const debian12 = existsSync('/etc/os-release') && /^VERSION_ID="12"$/m.test(await readFile('/etc/os-release', 'utf8'));

/** Returns the instructions of the Containerfile as [name, value], one list per build stage. */
async function stages() {
	const text = (await readFile(CONTAINERFILE, 'utf8')).replace(/^\s*#.*\n/gm, '').replace(/\\\n/g, ' ');
	const all = text.split('\n').filter((line) => line.trim() !== '').map((line) => /^([A-Z]+)\s+(.*)$/.exec(line).slice(1));
	const starts = all.flatMap(([name], i) => (name === 'FROM' ? [i] : []));
	return starts.map((start, i) => all.slice(start, starts[i + 1]));
}

function valuesOf(stage, name) {
	return stage.filter(([key]) => key === name).map(([, value]) => value);
}

function aptPackages(stage) {
	return valuesOf(stage, 'RUN').flatMap((line) => [.../apt-get .*?install (.*?)(?:&&|$)/g[Symbol.matchAll](line)]).flatMap(([, words]) => words.split(/\s+/)).filter((word) => /^[a-z0-9]/.test(word));
}

test('the image copies every file that the build reads', { skip: !debian12 && 'the image is for Debian 12, this machine is not' }, async () => {
	const [build, image] = await stages();
	const copied = valuesOf(build, 'COPY').flatMap((line) => line.split(/\s+/).slice(0, -1));
	for (const source of copied) assert.ok(existsSync(path.join(ROOT, source)), `COPY ${source}`);
	const isCopied = (file) => copied.some((source) => file === source || file.startsWith(`${source}/`));

	// The files that Ninja reads to build the program, and the files that Meson read to configure it.
	const folder = path.dirname(PROGRAM);
	const listed = (await execute('ninja', ['-C', folder, '-t', 'inputs', 'kycd'], { maxBuffer: 1 << 24 })).stdout.split('\n');
	const read = [...listed.filter((line) => line.startsWith('../')).map((line) => path.resolve(folder, line)), ...JSON.parse(await readFile(path.join(folder, 'meson-info/intro-buildsystem_files.json'), 'utf8'))]
		.filter((file) => file.startsWith(ROOT))
		.map((file) => path.relative(ROOT, file))
		.filter((file) => !/^(tests|fuzz)\//.test(file)); // read only when the tests are enabled
	assert.ok(read.includes('src/main/cli/main.c') && read.includes('meson.build'), 'the list contains known files');
	for (const file of read) assert.ok(isCopied(file), `the build reads ${file}, which the image does not copy`);
	assert.ok(isCopied('Makefile') && isCopied('tools/setup.sh') && isCopied('tools/configure.sh'));

	// A minimal Debian has no make. tools/setup.sh, which developers use too, installs all other packages.
	assert.deepEqual(aptPackages(build), ['make']);
	assert.ok(valuesOf(build, 'RUN').includes('tools/setup.sh build') && valuesOf(build, 'RUN').includes('make all'));
	assert.deepEqual(valuesOf(image, 'COPY'), ['--from=build /source/build/kycd /usr/local/bin/kycd']);
});

test('the image installs the libraries that the program is linked with, and no others', { skip: !debian12 && 'the image is for Debian 12, this machine is not' }, async () => {
	const [, image] = await stages();
	const installed = aptPackages(image);
	// A sanitizer or coverage build links additional libraries.
	const needed = [...(await execute('readelf', ['-d', PROGRAM])).stdout.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name).filter((name) => !/^lib(asan|ubsan|gcov)/.test(name));
	const libraryFiles = Object.fromEntries([...(await execute('ldd', [PROGRAM])).stdout.matchAll(/^\s*(\S+) => (\S+)/gm)].map(([, name, file]) => [name, file]));
	const owners = new Set();
	for (const name of needed.filter((library) => libraryFiles[library])) {
		const files = [libraryFiles[name], realpathSync(libraryFiles[name])].flatMap((file) => [file, file.replace(/^\/usr/, '')]);
		const owner = (await Promise.all(files.map((file) => execute('dpkg-query', ['-S', file]).catch(() => null)))).find(Boolean);
		assert.ok(owner, `no package owns ${libraryFiles[name]}`);
		owners.add(owner.stdout.split(':')[0]);
	}
	owners.delete('libc6');
	assert.ok(owners.size >= 5, [...owners].join(' '));
	assert.deepEqual(installed.slice().sort(), [...owners, 'ca-certificates', 'curl'].sort());
});

test('the image runs as an unprivileged user, and its environment contains only known settings', async () => {
	const [, image] = await stages();
	assert.deepEqual(valuesOf(image, 'USER'), ['10001:10001']);
	assert.deepEqual([valuesOf(image, 'ENTRYPOINT'), valuesOf(image, 'CMD'), valuesOf(image, 'STOPSIGNAL'), valuesOf(image, 'VOLUME')], [['["/usr/local/bin/kycd"]'], ['["serve"]'], ['SIGTERM'], ['/var/lib/kycd']]);
	const settings = Object.fromEntries(valuesOf(image, 'ENV').flatMap((line) => line.split(/\s+/)).map((word) => word.split(/=(.*)/s)));
	assert.ok(!('KYCD_ADMIN_LISTEN' in settings), 'the admin listener stays on loopback');
	const folder = await makeFolder();
	try {
		const { stdout } = await execute(PROGRAM, ['config', 'show', '--json', '--dev'], { cwd: folder, env: { ...settings, KYCD_DEV_OPEN: '1' } });
		const rows = Object.fromEntries(JSON.parse(stdout).map((row) => [row.name, row]));
		for (const [name, value] of Object.entries(settings)) assert.deepEqual([rows[name].value, rows[name].origin], [value, 'environment']);
		assert.match(valuesOf(image, 'HEALTHCHECK')[0], new RegExp(`"http://${rows.KYCD_ADMIN_LISTEN.value}/health/ready"`));
	} finally {
		await removeFolder(folder);
	}
});

test('the manual pages have every command and every setting, and man shows them without a warning', async (t) => {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	await execute(path.join(ROOT, 'tools/man_pages.py'), [PROGRAM, folder]);
	const plain = async (file) => (await readFile(path.join(folder, file), 'utf8')).replaceAll('\\-', '-').replace(/\\\[u([0-9A-F]{4})\]/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
	const usages = (await execute(PROGRAM, ['--help'])).stdout.split('\n').filter((line) => line.startsWith('  kycd ')).map((line) => line.trim());
	const commandPage = await plain('kycd.8');
	for (const usage of usages) assert.ok(commandPage.includes(`.TP\n.B ${usage}\n`), usage);

	const settings = JSON.parse((await execute(PROGRAM, ['config', 'show', '--json', '--dev'], { cwd: '/', env: {} })).stdout).map((row) => row.name);
	const settingsPage = await plain('kycd.conf.5');
	for (const name of settings) assert.ok(settingsPage.includes(`.TP\n.B ${name.replace('KYCD_', '').toLowerCase()}\n`), name);
	assert.equal(settingsPage.match(/^\.TP$/gm).length, settings.length);
	for (const file of ['kycd.8', 'kycd.conf.5']) {
		const { stdout, stderr } = await execute('groff', ['-man', '-Tutf8', '-ww', path.join(folder, file)]);
		assert.equal(stderr, '');
		assert.ok(stdout.length > 2_000);
	}
});

test('bash completes commands, options and files', async () => {
	const completions = async (...words) => {
		const script = `PATH=$1:$PATH; . "$2"; shift 2; COMP_WORDS=(kycd "$@"); COMP_CWORD=$#; _kycd; printf '%s\\n' "\${COMPREPLY[@]}"`;
		const { stdout } = await execute('bash', ['-c', script, 'bash', path.dirname(PROGRAM), path.join(ROOT, 'packaging/kycd.bash-completion'), ...words]);
		return stdout.split('\n').filter(Boolean).sort();
	};
	assert.deepEqual(await completions('ten'), ['tenant']);
	assert.ok((await completions('')).includes('serve'));
	for (const word of ['add', 'list', 'set']) assert.ok((await completions('tenant', '')).includes(word));
	assert.deepEqual(await completions('serve', '--cr'), ['--create']);
	assert.ok((await completions('tenant', 'add', 'acme', '--')).includes('--group'));
	assert.ok(!(await completions('tenant', 'list', '--')).includes('--group'));
	assert.ok((await completions('key', 'list', '--')).includes('--config'));
	assert.ok((await completions('serve', '--config', '/etc/passw')).includes('/etc/passwd'));
});
