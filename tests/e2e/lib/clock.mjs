// A wall clock that a test can set while a program runs. The monotonic clock goes on, as it does when an operator or NTP sets the
// clock of a machine.
import { execFileSync } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import path from 'node:path';

const SOURCE = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static const volatile long long *offset_s;
__attribute__((constructor)) static void open_offset(void)
{
	const int fd = open(getenv("CLOCK_OFFSET_FILE"), O_RDONLY);
	void *const mapped = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*offset_s), PROT_READ, MAP_SHARED, fd, 0);
	if (mapped == MAP_FAILED)
		abort();
	offset_s = mapped;
}
int clock_gettime(clockid_t id, struct timespec *t)
{
	const long done = syscall(SYS_clock_gettime, id, t);
	if (offset_s && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		t->tv_sec += *offset_s;
	return (int)done;
}
`;

/** `under` is a command line that runs a program with this clock; `set` sets how many seconds the clock is ahead. */
export class MovableClock {
	static async open(folder) {
		const clock = new MovableClock();
		clock.file = path.join(folder, 'clock.offset');
		await writeFile(path.join(folder, 'movable_clock.c'), SOURCE);
		execFileSync('cc', ['-shared', '-fPIC', '-o', 'movable_clock.so', 'movable_clock.c'], { cwd: folder });
		await writeFile(clock.file, Buffer.alloc(8));
		clock.under = ['env', `CLOCK_OFFSET_FILE=${clock.file}`, `LD_PRELOAD=${path.join(folder, 'movable_clock.so')}`, `ASAN_OPTIONS=${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`];
		return clock;
	}

	/** Writes into the file in place, because the program has mapped it. */
	async set(seconds) {
		const bytes = Buffer.alloc(8);
		bytes.writeBigInt64LE(BigInt(seconds));
		const file = await open(this.file, 'r+');
		await file.write(bytes, 0, 8, 0);
		await file.close();
	}
}
