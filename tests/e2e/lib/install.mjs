// A scratch place that is a machine to the commands of docs/operating.md: its own /etc, /var and /usr/local, a systemctl that
// runs the unit's program, and stand-ins for what only root may do.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './http.mjs';
import { PROGRAM, makeFolder, removeFolder } from './kycd.mjs';
import { within } from './wait.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SYSTEMCTL = fileURLToPath(new URL('systemctl.py', import.meta.url));
const FOLDERS = ['/etc/kycd', '/etc/systemd/system', '/usr/local/bin', '/var/lib/kycd', '/var/backups/kycd'];

// Owners and users need root; here everything is ours. What they are given is looked at all the same.
const STAND_INS = {
	useradd: 'case "$*" in "--system "*" kycd") ;; *) exit 1 ;; esac',
	chown: 'case "$1" in kycd:kycd) shift && ls -d "$@" >/dev/null ;; *) exit 1 ;; esac',
	chgrp: 'case "$1" in kycd) shift && ls -d "$@" >/dev/null ;; *) exit 1 ;; esac',
	runuser: '[ "$1 $2 $3" = "-u kycd --" ] && shift 3 && exec "$@"',
	journalctl: '[ "$1 $2" = "-u kycd" ] || exit 1\nshift 2; n=1000 words=.\nwhile [ $# -gt 0 ]; do case "$1" in -n) n=$2 ;; -g) words=$2 ;; *) exit 1 ;; esac; shift 2; done\ngrep -P -e "$words" "$STAGE/journal" | tail -n "$n"',
};

export class Installation {
	static async open(t) {
		const it = new Installation();
		it.t = t;
		it.folder = await makeFolder();
		t.after(() => it.close());
		it.port = await freePort();
		it.adminPort = await freePort();
		for (const folder of FOLDERS.filter((one) => !one.endsWith('/kycd'))) await mkdir(it.folder + folder, { recursive: true });
		for (const folder of ['/source/build', '/shims', '/var/lib', '/var/backups']) await mkdir(it.folder + folder, { recursive: true });
		await symlink(PROGRAM, `${it.folder}/source/build/kycd`);
		for (const name of ['packaging', 'kycd.conf.example']) await symlink(path.join(ROOT, name), `${it.folder}/source/${name}`);
		await symlink(SYSTEMCTL, `${it.folder}/shims/systemctl`);
		for (const [name, lines] of Object.entries(STAND_INS)) {
			await writeFile(`${it.folder}/shims/${name}`, `#!/bin/sh\n${lines}\n`);
			await chmod(`${it.folder}/shims/${name}`, 0o755);
		}
		await writeFile(`${it.folder}/journal`, '');
		return it;
	}

	/** A path of the real machine, here. */
	at(file) {
		return this.folder + file;
	}

	/** Lines as a shell of root would run them, started in the source; gives what they said. */
	async run(lines, { input } = {}) {
		const staged = FOLDERS.reduce((text, folder) => text.replaceAll(folder, this.at(folder)), lines)
			.replaceAll('127.0.0.1:8080', `127.0.0.1:${this.port}`)
			.replaceAll('127.0.0.1:8081', `127.0.0.1:${this.adminPort}`);
		const env = {
			STAGE: this.folder,
			STAGE_FOLDERS: FOLDERS.join(':'),
			PATH: `${this.folder}/shims:${this.at('/usr/local/bin')}:${process.env.PATH}`,
			KYCD_LISTEN: `127.0.0.1:${this.port}`,
			KYCD_ADMIN_LISTEN: `127.0.0.1:${this.adminPort}`,
			// Nobody outside this machine is asked for anything.
			KYCD_PUBLIC_URL: `http://127.0.0.1:${this.port}`,
			KYCD_DIDIT_BASE_URL: 'http://127.0.0.1:1',
			...Object.fromEntries(Object.entries(process.env).filter(([name]) => name.endsWith('SAN_OPTIONS'))),
		};
		const shell = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', staged], { cwd: `${this.folder}/source`, env, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
		const said = { stdout: '', stderr: '' };
		for (const out of ['stdout', 'stderr']) shell[out].on('data', (piece) => (said[out] += piece));
		// A command that ends without reading says so by its code.
		shell.stdin?.on('error', () => {}).end(input);
		const [code] = await within(lines, 60_000, once(shell, 'close')).catch((late) => {
			shell.kill('SIGKILL');
			throw new Error(`${late.message}; it said: ${said.stdout}${said.stderr}`);
		});
		return { code, ...said };
	}

	async journal() {
		return readFile(this.at('/journal'), 'utf8');
	}

	async close() {
		await this.run('systemctl stop kycd');
		await removeFolder(this.folder);
	}
}
