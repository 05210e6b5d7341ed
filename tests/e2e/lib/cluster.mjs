// A PostgreSQL server of a story's own, to be killed, starved, filled up and cut off. As root its data and its log (WAL) lie on
// small disks of their own and it stands on a network of its own (private namespaces: nobody else sees either, and both go with it); as anybody
// else it has neither, and the network is a proxy of ours.
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

/** What a server that is followed is started with. */
export const REPLICATED = { wal_level: 'replica', max_wal_senders: 4 };

const asked = promisify(execFile);

async function tool(name) {
	const versions = (await readdir('/usr/lib/postgresql').catch(() => [])).sort((a, b) => b - a);
	return versions.length > 0 ? `/usr/lib/postgresql/${versions[0]}/bin/${name}` : name;
}

/** What needs root is done by root alone; a container's root may lack the right. */
async function holder(disks, user) {
	const mounts = disks.map((disk) => `mount -t tmpfs -o size=${DISK_MB}m,mode=700,uid=${user.uid},gid=${user.gid} none ${disk}`);
	const script = [...mounts, 'ip link set lo up', 'echo ready', 'exec sleep 600'].join(' && ');
	const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--net', '--mount', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
	const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'close').then(() => ['']), once(child, 'error').then(() => [''])]);
	return String(said).startsWith('ready') ? child : undefined;
}

function who() {
	for (const name of ['postgres', 'nobody']) {
		try {
			const number = (flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
			return { uid: number('-u'), gid: number('-g') };
		} catch {
			// the next
		}
	}
	throw new Error('as root, and there is neither a user postgres nor nobody');
}

/** Bytes go both ways until it hangs: then none does, and nobody is told. */
class Hanging {
	async open(file, port) {
		this.pairs = new Set();
		this.hung = false;
		this.server = net.createServer((near) => {
			const far = net.connect(file);
			const pair = [near, far];
			this.pairs.add(pair);
			for (const [one, other] of [[near, far], [far, near]]) {
				one.on('error', () => {});
				one.on('close', () => !this.hung && this.pairs.delete(pair) && other.destroy());
			}
			if (!this.hung) this.#join(pair);
		});
		await new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
		return this;
	}

	#join([near, far]) {
		near.pipe(far);
		far.pipe(near);
	}

	hang() {
		this.hung = true;
		for (const [near, far] of this.pairs) {
			near.unpipe(far).pause();
			far.unpipe(near).pause();
		}
	}

	resume() {
		this.hung = false;
		for (const pair of this.pairs) {
			if (pair.some((socket) => socket.destroyed)) for (const socket of pair) socket.destroy();
			else this.#join(pair);
		}
	}

	close() {
		for (const pair of this.pairs) for (const socket of pair) socket.destroy();
		this.server.close();
	}
}

export class Cluster {
	/** Running, with a user `app` (no superuser) who owns a database `app`. `apart`: on disks and a network of its own, as root. */
	static async open(t, { apart = true, settings = {} } = {}) {
		const cluster = await new Cluster().#settle(t, apart, settings);
		await cluster.#make();
		await cluster.start();
		await cluster.#reach();
		await cluster.ask('CREATE ROLE app LOGIN');
		await cluster.ask('CREATE DATABASE app OWNER app');
		return cluster;
	}

	/** Another one, that follows this one: what this one says is committed the other has too. Only with `REPLICATED`. */
	async standby(t) {
		const other = await new Cluster().#settle(t, false, this.settings);
		await other.#follow(this);
		await other.start();
		await other.#reach();
		await this.ask("ALTER SYSTEM SET synchronous_standby_names = '*'");
		await this.ask('SELECT pg_reload_conf()');
		await until('the standby to be waited for', async () => (await this.ask('SELECT sync_state FROM pg_stat_replication')) === 'sync', 20_000);
		return other;
	}

	/** A place to be, and as whom. */
	async #settle(t, apart, settings) {
		this.settings = settings;
		this.log = '';
		t.after(() => this.close());
		this.folder = await mkdtemp('/tmp/kycd-pgf-'); // short: a socket's path has at most 107 bytes
		[this.data, this.wal] = ['data', 'wal'].map((name) => path.join(this.folder, name));
		this.port = await freePort();
		if (process.getuid() !== 0) return this;
		this.user = who();
		await chown(this.folder, this.user.uid, this.user.gid);
		execFileSync('install', ['-d', '-m', '700', '-o', String(this.user.uid), '-g', String(this.user.gid), this.data, this.wal]);
		if (apart) this.holder = await holder([this.data, this.wal], this.user);
		return this;
	}

	/** A command line that runs this one beside the server, as its user. */
	#beside(command) {
		const as = this.user ? [`--reuid=${this.user.uid}`, `--regid=${this.user.gid}`, '--clear-groups'] : [];
		return [...this.#inside(), 'setpriv', ...as, '--pdeathsig', 'QUIT', ...command];
	}

	#inside() {
		return this.holder ? ['nsenter', '-t', String(this.holder.pid), '--net', '--mount'] : [];
	}

	async #make() {
		const [first, ...rest] = this.#beside([await tool('initdb'), '-D', this.data, '--waldir', this.wal, '--wal-segsize=1', '-U', 'kycd', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']);
		await asked(first, rest, { cwd: '/', timeout: 60_000 });
		const [run, ...line] = [...this.#beside(['sh', '-c', `echo 'host all all 198.18.0.0/15 trust' >> ${this.data}/pg_hba.conf`])];
		await asked(run, line);
	}

	async #follow({ folder, port }) {
		const from = `host=${folder} port=${port} user=kycd`;
		const [first, ...rest] = this.#beside([await tool('pg_basebackup'), '-D', this.data, '--waldir', this.wal, '-d', from, '-R', '--checkpoint=fast', '--no-sync']);
		await asked(first, rest, { cwd: '/', timeout: 60_000 });
	}

	/** How kycd gets there: by a line of two ends, one of them in the server's network, or through the proxy. */
	async #reach() {
		const url = (host, port) => `postgresql://app@${host}:${port}/app`;
		if (!this.holder) {
			const port = await freePort();
			this.proxy = await new Hanging().open(path.join(this.folder, `.s.PGSQL.${this.port}`), port);
			this.url = url('127.0.0.1', port);
			return;
		}
		const [ours, theirs] = [this.#address(1), this.#address(2)];
		this.end = `kpg${process.pid}`;
		execFileSync('ip', ['link', 'add', this.end, 'type', 'veth', 'peer', 'name', 'far', 'netns', String(this.holder.pid)]);
		execFileSync('ip', ['addr', 'add', `${ours}/30`, 'dev', this.end]);
		execFileSync('ip', ['link', 'set', this.end, 'up']);
		this.#far('addr', 'add', `${theirs}/30`, 'dev', 'far');
		this.#far('link', 'set', 'far', 'up');
		this.url = url(theirs, this.port);
	}

	/** Of the range that is there for tests of networks (RFC 2544). */
	#address(last) {
		const net = process.pid % 16384;
		return `198.18.${net >> 6}.${((net & 63) << 2) + last}`;
	}

	#far(...words) {
		const [first, ...rest] = [...this.#inside(), 'ip', ...words];
		execFileSync(first, rest);
	}

	hang() {
		if (this.proxy) this.proxy.hang();
		else this.#far('link', 'set', 'far', 'down');
	}

	resume() {
		if (this.proxy) this.proxy.resume();
		else this.#far('link', 'set', 'far', 'up');
	}

	async start(settings = {}, limit = 30_000) {
		const all = { ...SETTINGS, ...this.settings, listen_addresses: this.holder ? '0.0.0.0' : '', port: this.port, unix_socket_directories: this.folder, ...settings };
		const line = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
		const [first, ...rest] = this.#beside([await tool('postgres'), '-D', this.data, ...line]);
		const isReady = await tool('pg_isready');
		// The memory of one that was killed is given back when its last child has noticed.
		await until('the database server to run', async () => {
			if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) {
				this.child = spawn(first, rest, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
				this.child.stderr.on('data', (piece) => (this.log += piece));
				this.ended = once(this.child, 'close');
			}
			await asked(isReady, ['-q', '-h', this.folder, '-p', String(this.port)]);
			return true;
		}, limit);
	}

	/** One of the processes that serve us, as the kernel does when there is no memory: the others end too, and all begins anew. */
	async killOne() {
		process.kill(Number(await this.ask("SELECT max(pid) FROM pg_stat_activity WHERE datname = 'app'")), 'SIGKILL');
	}

	/** SIGINT: as `systemctl restart` stops it. SIGKILL: as the kernel does, when there is no memory. */
	async stop(signal = 'SIGINT') {
		this.child.kill(signal);
		await within(`the database server's end by ${signal}`, 20_000, this.ended);
	}

	/** All its processes at once, as a machine goes. */
	async die() {
		const { pid } = this.child;
		const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean);
		for (const each of [pid, ...children.map(Number)]) {
			try {
				process.kill(each, 'SIGKILL');
			} catch (gone) {
				if (gone.code !== 'ESRCH') throw gone; // they end by themselves when the first one is not there
			}
		}
		await within('the end of the database server', 20_000, this.ended);
	}

	/** As its superuser, for whom there is always a connection. */
	async ask(sql, database = 'postgres') {
		const { stdout } = await asked('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', `postgresql://kycd@/${database}?host=${this.folder}&port=${this.port}`, '-c', sql], { timeout: 20_000 });
		return stdout.trim();
	}

	/** The disk of the tables (`data`) or that of the log of what is committed (`wal`), to the last byte. Only with `holder`. */
	async fill(disk) {
		const [first, ...rest] = this.#beside(['sh', '-c', `cat /dev/zero > ${disk}/ballast`]);
		await asked(first, rest).catch(() => {});
	}

	async makeRoom(disk) {
		const [first, ...rest] = this.#beside(['rm', `${disk}/ballast`]);
		await asked(first, rest);
	}

	async close() {
		this.proxy?.close();
		if (this.child && this.child.exitCode === null && this.child.signalCode === null) await this.stop('SIGQUIT');
		if (this.end) execFileSync('ip', ['link', 'del', this.end], { stdio: 'ignore' });
		this.holder?.kill('SIGKILL');
		if (this.folder) await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
	}
}
