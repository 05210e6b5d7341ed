// A PgBouncer process between kycd and a Cluster.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './http.mjs';
import { makeFolder, removeFolder } from './kycd.mjs';
import { until, within } from './wait.mjs';

export class PgBouncer {
	/** Starts PgBouncer before the database `app` of the cluster `pg`; `url` is its URL. It ends with the test `t`. */
	static async open(t, pg, { poolMode = 'session', poolSize }) {
		const pooler = new PgBouncer();
		t.after(() => pooler.close());
		pooler.folder = await makeFolder();
		await chmod(pooler.folder, 0o755); // PgBouncer does not run as root, and reads its files as another user
		pooler.port = await freePort();
		pooler.url = `postgresql://app@127.0.0.1:${pooler.port}/app`;
		const users = path.join(pooler.folder, 'users');
		await writeFile(users, '"app" ""\n');
		await writeFile(path.join(pooler.folder, 'pgbouncer.ini'), [
			'[databases]', `app = host=${pg.folder} port=${pg.port} dbname=app`, '[pgbouncer]', 'listen_addr = 127.0.0.1', `listen_port = ${pooler.port}`,
			'unix_socket_dir =', 'auth_type = trust', `auth_file = ${users}`, 'admin_users = app', 'max_client_conn = 200', 'log_connections = 0',
			'log_disconnections = 0', `pool_mode = ${poolMode}`, `default_pool_size = ${poolSize}`, '',
		].join('\n'));
		await pooler.#start(pg);
		return pooler;
	}

	async #start(pg) {
		const asUser = pg.user ? [`--reuid=${pg.user.uid}`, `--regid=${pg.user.gid}`, '--clear-groups'] : [];
		this.log = '';
		this.child = spawn('setpriv', [...asUser, '--pdeathsig', 'KILL', 'pgbouncer', path.join(this.folder, 'pgbouncer.ini')], { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
		for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (chunk) => (this.log += chunk));
		this.ended = once(this.child, 'close');
		await until('PgBouncer to accept connections', async () => {
			const socket = net.connect(this.port, '127.0.0.1');
			await once(socket, 'connect');
			socket.destroy();
			return true;
		});
	}

	/** Changes the pool mode of the running process. */
	async setMode(poolMode) {
		const file = path.join(this.folder, 'pgbouncer.ini');
		await writeFile(file, (await readFile(file, 'utf8')).replace(/pool_mode = \w+/, `pool_mode = ${poolMode}`));
		await promisify(execFile)('psql', ['-qX', '-d', this.url.replace(/app$/, 'pgbouncer'), '-c', 'RELOAD'], { timeout: 10_000 });
	}

	/** Suspends the process: connections stay open, and nothing is answered. */
	suspend() {
		this.child.kill('SIGSTOP');
	}

	resume() {
		this.child.kill('SIGCONT');
	}

	async close() {
		if (this.child && this.child.exitCode === null && this.child.signalCode === null) {
			this.child.kill('SIGKILL');
			await within('end of PgBouncer', 10_000, this.ended);
		}
		if (this.folder) await removeFolder(this.folder);
	}
}
