// A temporary folder in which the commands of docs/operating.md run as on a real machine: with its own /etc, /var and /usr/local, a
// substitute for systemctl that runs the unit's program (systemctl.py), and substitutes for commands that need root.
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

// Commands that need root. The substitutes check their arguments and change nothing.
const SUBSTITUTES = {
	useradd: 'case "$*" in "--system "*" kycd") ;; *) exit 1 ;; esac',
	chown: 'case "$1" in kycd:kycd) shift && ls -d "$@" >/dev/null ;; *) exit 1 ;; esac',
	chgrp: 'case "$1" in kycd) shift && ls -d "$@" >/dev/null ;; *) exit 1 ;; esac',
	runuser: '[ "$1 $2 $3" = "-u kycd --" ] && shift 3 && exec "$@"',
	journalctl: '[ "$1 $2" = "-u kycd" ] || exit 1\nshift 2; n=1000 words=.\nwhile [ $# -gt 0 ]; do case "$1" in -n) n=$2 ;; -g) words=$2 ;; *) exit 1 ;; esac; shift 2; done\ngrep -P -e "$words" "$STAGE/journal" | tail -n "$n"',
};

export class Installation {
	static async open(t) {
		const installation = new Installation();
		installation.t = t;
		installation.folder = await makeFolder();
		t.after(() => installation.close());
		installation.port = await freePort();
		installation.adminPort = await freePort();
		for (const folder of FOLDERS.filter((folder) => !folder.endsWith('/kycd'))) await mkdir(installation.folder + folder, { recursive: true });
		for (const folder of ['/source/build', '/shims', '/var/lib', '/var/backups']) await mkdir(installation.folder + folder, { recursive: true });
		await symlink(PROGRAM, `${installation.folder}/source/build/kycd`);
		for (const name of ['packaging', 'kycd.conf.example']) await symlink(path.join(ROOT, name), `${installation.folder}/source/${name}`);
		await symlink(SYSTEMCTL, `${installation.folder}/shims/systemctl`);
		for (const [name, lines] of Object.entries(SUBSTITUTES)) {
			await writeFile(`${installation.folder}/shims/${name}`, `#!/bin/sh\n${lines}\n`);
			await chmod(`${installation.folder}/shims/${name}`, 0o755);
		}
		await writeFile(`${installation.folder}/journal`, '');
		return installation;
	}

	/** Returns the path in the temporary folder of a path of a real machine. */
	at(file) {
		return this.folder + file;
	}

	/** Runs shell commands as root would, in the source folder. Resolves to {code, stdout, stderr}. */
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
			// The test must not contact other machines.
			KYCD_PUBLIC_URL: `http://127.0.0.1:${this.port}`,
			KYCD_DIDIT_BASE_URL: 'http://127.0.0.1:1',
			...Object.fromEntries(Object.entries(process.env).filter(([name]) => name.endsWith('SAN_OPTIONS'))),
		};
		const shell = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', staged], { cwd: `${this.folder}/source`, env, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
		const output = { stdout: '', stderr: '' };
		for (const name of ['stdout', 'stderr']) shell[name].on('data', (chunk) => (output[name] += chunk));
		// A command may end without reading its input. Its exit code reports errors.
		shell.stdin?.on('error', () => {}).end(input);
		const [code] = await within(lines, 60_000, once(shell, 'close')).catch((timeout) => {
			shell.kill('SIGKILL');
			throw new Error(`${timeout.message}; its output: ${output.stdout}${output.stderr}`);
		});
		return { code, ...output };
	}

	async journal() {
		return readFile(this.at('/journal'), 'utf8');
	}

	async close() {
		await this.run('systemctl stop kycd');
		await removeFolder(this.folder);
	}
}
