// A PostgreSQL server for one test, which can be killed, run out of disk space and be disconnected. If the tests run as root, its
// data and its write-ahead log (WAL) are on small tmpfs disks and it has a network interface of its own, both in private
// namespaces that are removed with it. For other users there are no such disks, and a proxy in this process replaces the network.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './http.mjs';
import { until, within } from './wait.mjs';

const DISK_MB = 96;
const SETTINGS = {
	max_connections: 60, superuser_reserved_connections: 3, fsync: 'on', wal_level: 'minimal', max_wal_senders: 0, shared_buffers: '16MB',
	log_min_messages: 'warning', timezone: 'UTC', autovacuum: 'off', wal_recycle: 'off', max_wal_size: '64MB',
};

/** Settings of a server that has a standby. */
export const REPLICATION_SETTINGS = { wal_level: 'replica', max_wal_senders: 4 };

const execute = promisify(execFile);

/** Returns the path of a PostgreSQL program of the newest version that is installed. */
async function postgresProgram(name) {
	const versions = (await readdir('/usr/lib/postgresql').catch(() => [])).sort((a, b) => b - a);
	return versions.length > 0 ? `/usr/lib/postgresql/${versions[0]}/bin/${name}` : name;
}

/**
 * Starts a process that owns private mount and network namespaces with a tmpfs on each of `disks`. Returns undefined without the
 * needed privileges, which root may lack in a container.
 */
async function startNamespaceProcess(disks, user) {
	const mounts = disks.map((disk) => `mount -t tmpfs -o size=${DISK_MB}m,mode=700,uid=${user.uid},gid=${user.gid} none ${disk}`);
	const script = [...mounts, 'ip link set lo up', 'echo ready', 'exec sleep 600'].join(' && ');
	const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--net', '--mount', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
	const [output] = await Promise.race([once(child.stdout, 'data'), once(child, 'close').then(() => ['']), once(child, 'error').then(() => [''])]);
	return String(output).startsWith('ready') ? child : undefined;
}

/** Returns the user and group ids that PostgreSQL runs with, because it refuses to run as root. */
function unprivilegedUser() {
	for (const name of ['postgres', 'nobody']) {
		try {
			const id = (flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
			return { uid: id('-u'), gid: id('-g') };
		} catch {
			// This user does not exist: try the next name.
		}
	}
	throw new Error('PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`');
}

/**
 * A proxy that forwards bytes in both directions. While it is blocked it forwards nothing: both ends stay connected and receive
 * nothing.
 */
class BlockableProxy {
	/** Listens on `port` and connects to the Unix socket `file`. */
	async open(file, port) {
		this.file = file;
		this.pairs = new Set();
		this.blocked = false;
		this.server = net.createServer((client) => {
			const upstream = net.connect(this.file);
			const pair = [client, upstream];
			this.pairs.add(pair);
			for (const [one, other] of [[client, upstream], [upstream, client]]) {
				one.on('error', () => {});
				one.on('close', () => !this.blocked && this.pairs.delete(pair) && other.destroy());
			}
			if (!this.blocked) this.#pipe(pair);
		});
		await new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
		return this;
	}

	#pipe([client, upstream]) {
		client.pipe(upstream);
		upstream.pipe(client);
	}

	/** New connections lead to another socket. Those that exist stay as they are. */
	forwardTo(file) {
		this.file = file;
	}

	block() {
		this.blocked = true;
		for (const [client, upstream] of this.pairs) {
			client.unpipe(upstream).pause();
			upstream.unpipe(client).pause();
		}
	}

	unblock() {
		this.blocked = false;
		for (const pair of this.pairs) {
			if (pair.some((socket) => socket.destroyed)) for (const socket of pair) socket.destroy();
			else this.#pipe(pair);
		}
	}

	close() {
		for (const pair of this.pairs) for (const socket of pair) socket.destroy();
		this.server.close();
	}
}

export class Cluster {
	/**
	 * Starts a server with a role `app`, not a superuser, that owns a database `app`; `url` is its URL. `isolated`: with disks and a
	 * network interface of its own, if the test runs as root. The server is removed when the test `t` ends.
	 */
	static async open(t, { isolated = true, settings = {} } = {}) {
		const cluster = await new Cluster().#prepareFolder(t, isolated, settings);
		await cluster.#initialize();
		await cluster.start();
		await cluster.#openNetwork();
		await cluster.query('CREATE ROLE app LOGIN');
		await cluster.query('CREATE DATABASE app OWNER app');
		return cluster;
	}

	/** Starts a synchronous standby of this server: a COMMIT waits for the standby. Requires `REPLICATION_SETTINGS`. */
	async addStandby(t) {
		const standby = await new Cluster().#prepareFolder(t, false, this.settings);
		await standby.#copyFrom(this);
		await standby.start();
		await standby.#openNetwork();
		await this.query("ALTER SYSTEM SET synchronous_standby_names = '*'");
		await this.query('SELECT pg_reload_conf()');
		await until('the standby to become synchronous', async () => (await this.query('SELECT sync_state FROM pg_stat_replication')) === 'sync', 20_000);
		return standby;
	}

	/** Creates the server's folder, and determines its port, its user and its namespaces. */
	async #prepareFolder(t, isolated, settings) {
		this.settings = settings;
		this.log = '';
		t.after(() => this.close());
		this.folder = await mkdtemp('/tmp/kycd-pgf-'); // the path is short, because a socket's path has at most 107 bytes
		[this.data, this.wal] = ['data', 'wal'].map((name) => path.join(this.folder, name));
		this.port = await freePort();
		if (process.getuid() !== 0) return this;
		this.user = unprivilegedUser();
		await chown(this.folder, this.user.uid, this.user.gid);
		execFileSync('install', ['-d', '-m', '700', '-o', String(this.user.uid), '-g', String(this.user.gid), this.data, this.wal]);
		if (isolated) this.namespaceProcess = await startNamespaceProcess([this.data, this.wal], this.user);
		return this;
	}

	/** Returns a command line that runs `command` in the server's namespaces and as its user. */
	#commandLine(command) {
		const asUser = this.user ? [`--reuid=${this.user.uid}`, `--regid=${this.user.gid}`, '--clear-groups'] : [];
		return [...this.#inNamespaces(), 'setpriv', ...asUser, '--pdeathsig', 'QUIT', ...command];
	}

	/** Returns the start of a command line that runs in the server's namespaces, or nothing if it has none. */
	#inNamespaces() {
		return this.namespaceProcess ? ['nsenter', '-t', String(this.namespaceProcess.pid), '--net', '--mount'] : [];
	}

	async #initialize() {
		const [program, ...args] = this.#commandLine([await postgresProgram('initdb'), '-D', this.data, '--waldir', this.wal, '--wal-segsize=1', '-U', 'kycd', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']);
		await execute(program, args, { cwd: '/', timeout: 60_000 });
		const [shell, ...script] = this.#commandLine(['sh', '-c', `echo 'host all all 198.18.0.0/15 trust' >> ${this.data}/pg_hba.conf`]);
		await execute(shell, script);
	}

	async #copyFrom({ folder, port }) {
		const source = `host=${folder} port=${port} user=kycd`;
		const [program, ...args] = this.#commandLine([await postgresProgram('pg_basebackup'), '-D', this.data, '--waldir', this.wal, '-d', source, '-R', '--checkpoint=fast', '--no-sync']);
		await execute(program, args, { cwd: '/', timeout: 60_000 });
	}

	/** Connects kycd with the server, by a pair of virtual network interfaces (veth) or by the proxy, and sets `url`. */
	async #openNetwork() {
		const url = (host, port) => `postgresql://app@${host}:${port}/app`;
		if (!this.namespaceProcess) {
			const port = await freePort();
			this.proxy = await new BlockableProxy().open(path.join(this.folder, `.s.PGSQL.${this.port}`), port);
			this.url = url('127.0.0.1', port);
			return;
		}
		const [localAddress, serverAddress] = [this.#address(1), this.#address(2)];
		this.interface = `kpg${process.pid}`;
		execFileSync('ip', ['link', 'add', this.interface, 'type', 'veth', 'peer', 'name', 'far', 'netns', String(this.namespaceProcess.pid)]);
		execFileSync('ip', ['addr', 'add', `${localAddress}/30`, 'dev', this.interface]);
		execFileSync('ip', ['link', 'set', this.interface, 'up']);
		this.#ipInNamespace('addr', 'add', `${serverAddress}/30`, 'dev', 'far');
		this.#ipInNamespace('link', 'set', 'far', 'up');
		this.url = url(serverAddress, this.port);
	}

	/** Returns an address of the range that is reserved for tests of networks (RFC 2544); each process has four addresses. */
	#address(last) {
		const network = process.pid % 16384;
		return `198.18.${network >> 6}.${((network & 63) << 2) + last}`;
	}

	#ipInNamespace(...words) {
		const [program, ...args] = [...this.#inNamespaces(), 'ip', ...words];
		execFileSync(program, args);
	}

	/** From now on no packet arrives at either end, and the connections stay open. */
	blockNetwork() {
		if (this.proxy) this.proxy.block();
		else this.#ipInNamespace('link', 'set', 'far', 'down');
	}

	restoreNetwork() {
		if (this.proxy) this.proxy.unblock();
		else this.#ipInNamespace('link', 'set', 'far', 'up');
	}

	async start(settings = {}, limit = 30_000) {
		const allSettings = { ...SETTINGS, ...this.settings, listen_addresses: this.namespaceProcess ? '0.0.0.0' : '', port: this.port, unix_socket_directories: this.folder, ...settings };
		const options = Object.entries(allSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
		const [program, ...args] = this.#commandLine([await postgresProgram('postgres'), '-D', this.data, ...options]);
		const isReady = await postgresProgram('pg_isready');
		// After SIGKILL, PostgreSQL does not start until the last child process of the old server has ended and released the shared
		// memory. So try again until it runs.
		await until('the database server to run', async () => {
			if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) {
				this.child = spawn(program, args, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
				this.child.stderr.on('data', (chunk) => (this.log += chunk));
				this.ended = once(this.child, 'close');
			}
			await execute(isReady, ['-q', '-h', this.folder, '-p', String(this.port)]);
			return true;
		}, limit);
	}

	/** Kills one server process that serves kycd, as the kernel does when memory runs out. PostgreSQL then restarts all of them. */
	async killBackend() {
		process.kill(Number(await this.query("SELECT max(pid) FROM pg_stat_activity WHERE datname = 'app'")), 'SIGKILL');
	}

	/** SIGINT stops the server as `systemctl restart` does; SIGKILL kills it as the kernel does when memory runs out. */
	async stop(signal = 'SIGINT') {
		this.child.kill(signal);
		await within(`end of the database server after ${signal}`, 20_000, this.ended);
	}

	/** Kills all processes of the server at once, as when its machine fails. */
	async killAll() {
		const { pid } = this.child;
		const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean);
		for (const id of [pid, ...children.map(Number)]) {
			try {
				process.kill(id, 'SIGKILL');
			} catch (error) {
				if (error.code !== 'ESRCH') throw error; // a child process ends by itself when the main process is gone
			}
		}
		await within('end of the database server', 20_000, this.ended);
	}

	/** Runs SQL as the superuser, for whom PostgreSQL reserves connections. Returns rows as lines, columns separated by `|`. */
	async query(sql, database = 'postgres') {
		const { stdout } = await execute('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', `postgresql://kycd@/${database}?host=${this.folder}&port=${this.port}`, '-c', sql], { timeout: 20_000 });
		return stdout.trim();
	}

	/**
	 * Fills the disk of the tables (`data`) or of the write-ahead log (`wal`) completely. Requires disks of its own
	 * (`namespaceProcess`).
	 */
	async fillDisk(disk) {
		const [program, ...args] = this.#commandLine(['sh', '-c', `cat /dev/zero > ${disk}/ballast`]);
		await execute(program, args).catch(() => {});
	}

	/** Undoes fillDisk. */
	async freeDisk(disk) {
		const [program, ...args] = this.#commandLine(['rm', `${disk}/ballast`]);
		await execute(program, args);
	}

	async close() {
		this.proxy?.close();
		if (this.child && this.child.exitCode === null && this.child.signalCode === null) await this.stop('SIGQUIT');
		if (this.interface) execFileSync('ip', ['link', 'del', this.interface], { stdio: 'ignore' });
		this.namespaceProcess?.kill('SIGKILL');
		if (this.folder) await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
	}
}
