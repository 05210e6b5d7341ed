/* kycd's wallet route compared with the signature libraries alone, on the same cores:
 *
 *   wallets verify CHAIN SECONDS
 *           verifies signatures with the library, on all cores
 *   wallets enrol CHAIN PORT KEY CONNECTIONS BATCHES FIRST
 *           enrols batches of 4,096 new wallets: POST challenge, then POST prepare-wallet
 *   wallets flood CHAIN PORT KEY CONNECTIONS SECONDS FIRST
 *           the same in batches of 256, until the time is over
 *   wallets email NAME PORT KEY PER_SECOND SECONDS RUN
 *           calls `prepare` by e-mail at a fixed rate
 *
 * CHAIN is evm or solana. FIRST is the number of the first wallet. RUN makes the e-mail addresses of each run
 * unique. Prints `name value unit` lines. People sign on their own devices: the signatures are made between
 * challenge and prepare-wallet, and that time is not counted. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http_load.h"
#include "signer.h"

#define MESSAGE_SIZE 1024
#define CORES_MAX 64
#define SAMPLES 256 /* different signatures, verified in rotation */
#define BATCH 4096  /* wallets per batch */
#define FLOOD_BATCH 256
#define TIMEOUT_SECONDS 300 /* time limit of the whole program */

static int cores(void)
{
	const long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > CORES_MAX ? CORES_MAX : (int)n;
}

static long parse_number(const char *text)
{
	return strtol(text, NULL, 10);
}

static void *allocate(size_t n, size_t each)
{
	void *const p = calloc(n, each);

	if (p == NULL)
		die("memory");
	return p;
}

static const char *const chain_names[] = { [EVM] = "evm", [SOLANA] = "solana" };

static enum chain parse_chain(const char *name)
{
	return strcmp(name, chain_names[EVM]) == 0 ? EVM : SOLANA;
}

/* Calls `work` for the numbers 0 to n - 1, on all cores. */
struct parallel_loop {
	void (*work)(void *arg, size_t i);
	void *arg;
	size_t n;
	atomic_size_t next;
};

static void *run_loop_thread(void *arg)
{
	struct parallel_loop *const loop = arg;

	for (size_t i; (i = atomic_fetch_add(&loop->next, 1)) < loop->n;)
		loop->work(loop->arg, i);
	return NULL;
}

static void run_on_all_cores(void (*work)(void *arg, size_t i), void *arg, size_t n)
{
	struct parallel_loop loop = { .work = work, .arg = arg, .n = n };
	pthread_t threads[CORES_MAX];
	const int n_threads = cores();

	for (int i = 0; i < n_threads; i++)
		if (pthread_create(&threads[i], NULL, run_loop_thread, &loop) != 0)
			die("thread");
	for (int i = 0; i < n_threads; i++)
		(void)pthread_join(threads[i], NULL);
}

/* A text that has the form and the length of a challenge. */
static const char sample[] =
	"kycd KYC verification\n"
	"Wallet: Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew\n\n"
	"Your signature shows kycd that this wallet is yours. It does not pay, transfer or authorize anything. "
	"Sign only if you requested this.\n\n"
	"Domain: 127.0.0.1:8080\nRequested by: acme\nPurpose: kyc\nNonce: 0123456789abcdef0123456789abcdef\n"
	"Issued at: 2026-01-05T10:05:00.000Z\nExpires at: 2026-01-05T10:15:00.000Z";

struct verification {
	struct signing_wallet wallets[SAMPLES];
	unsigned char signatures[SAMPLES][65];
	int64_t end;
	atomic_size_t done;
};

static void verify_until_end(void *arg, size_t core)
{
	struct verification *const v = arg;
	size_t n = 0;

	for (; nanos() < v->end; n++) {
		const size_t i = (core + n) % SAMPLES;

		if (!verify_bytes(&v->wallets[i], sample, sizeof(sample) - 1, v->signatures[i]))
			die("a valid signature was rejected");
	}
	atomic_fetch_add(&v->done, n);
}

static void measure_verification(enum chain chain, const char *seconds)
{
	static struct verification v;
	int64_t start;

	for (size_t i = 0; i < SAMPLES; i++) {
		make_wallet(chain, i, &v.wallets[i]);
		sign_bytes(&v.wallets[i], sample, sizeof(sample) - 1, v.signatures[i]);
	}
	start = nanos();
	v.end = start + parse_number(seconds) * 1000000000;
	run_on_all_cores(verify_until_end, &v, (size_t)cores());
	printf("%s_verify_rate %.0f per_s\n", chain_names[chain],
		(double)v.done * 1e9 / (double)(nanos() - start));
}

struct owner {
	struct signing_wallet wallet;
	char message[MESSAGE_SIZE]; /* the challenge as a JSON string, still escaped */
	char signed_text[SIGNED_SIZE];
};

struct owners {
	const char *key;
	enum chain chain;
	uint64_t first;
	struct owner *list;
	size_t n;
};

static void make_owner(void *arg, size_t i)
{
	const struct owners *const o = arg;

	make_wallet(o->chain, o->first + i, &o->list[i].wallet);
}

static size_t write_challenge(void *arg, size_t i, char out[REQUEST_SIZE])
{
	const struct owners *const o = arg;
	char body[128];

	snprintf(body, sizeof(body), "{\"wallet\":\"%s\"}", o->list[i].wallet.address);
	return write_post(out, o->key, "/security/wallet/challenge", body);
}

static bool save_challenge(void *arg, size_t i, const struct reply_text *reply)
{
	static const char label[] = "\"data\":{\"message\":\"";
	const struct owners *const o = arg;
	const char *const at = strstr(reply->body, label);
	size_t n = 0;

	if (reply->status != 201 || at == NULL)
		return false;
	for (const char *p = at + strlen(label); *p && *p != '"' && n < MESSAGE_SIZE - 2; p++) {
		if (*p == '\\')
			o->list[i].message[n++] = *p++;
		o->list[i].message[n++] = *p;
	}
	o->list[i].message[n] = '\0';
	return n < MESSAGE_SIZE - 2;
}

/* The only JSON escape in a challenge is \n. */
static void sign_challenge(void *arg, size_t i)
{
	const struct owners *const o = arg;
	struct owner *const owner = &o->list[i];
	char plain[MESSAGE_SIZE];
	size_t n = 0;

	for (const char *p = owner->message; *p; p++)
		plain[n++] = *p == '\\' && *++p == 'n' ? '\n' : *p;
	sign_text(&owner->wallet, plain, n, owner->signed_text);
}

static size_t write_prepare(void *arg, size_t i, char out[REQUEST_SIZE])
{
	const struct owners *const o = arg;
	const struct owner *const owner = &o->list[i];
	char body[MESSAGE_SIZE + 512];

	snprintf(body, sizeof(body), "{\"wallet\":\"%s\",\"message\":\"%s\",\"signed_bytes\":\"%s\"}",
		owner->wallet.address, owner->message, owner->signed_text);
	return write_post(out, o->key, "/kyc/prepare-wallet", body);
}

static bool is_created(void *arg, size_t i, const struct reply_text *reply)
{
	(void)arg;
	(void)i;
	return reply->status == 201;
}

/* Rate per second of `n` operations in `took` nanoseconds. */
static double rate(size_t n, int64_t took)
{
	return (double)n * 1e9 / (double)took;
}

struct enrolment_run {
	struct owners owners;
	struct load_params load;
	int64_t challenge_time, prepare_time; /* total of all batches, in nanoseconds */
};

/* Enrols one batch of wallets. Writes the durations of its challenge and prepare-wallet requests in
 * microseconds. */
static void enrol_batch(struct enrolment_run *run, uint32_t *challenge_micros, uint32_t *prepare_micros)
{
	int64_t start;

	run_on_all_cores(make_owner, &run->owners, run->owners.n);
	start = nanos();
	run->load.micros = challenge_micros;
	(void)load_at_full_speed(
		&run->load, &(struct requests){ write_challenge, save_challenge, &run->owners });
	run->challenge_time += nanos() - start;
	run_on_all_cores(sign_challenge, &run->owners, run->owners.n);
	start = nanos();
	run->load.micros = prepare_micros;
	(void)load_at_full_speed(&run->load, &(struct requests){ write_prepare, is_created, &run->owners });
	run->prepare_time += nanos() - start;
	run->owners.first += run->owners.n;
}

static struct enrolment_run enrolment_run_open(char **argv, size_t batch)
{
	const int connections = (int)parse_number(argv[3]);

	return (struct enrolment_run){
		.owners = { argv[2], parse_chain(argv[0]), (uint64_t)parse_number(argv[5]),
			allocate(batch, sizeof(struct owner)), batch },
		.load = { .port = parse_number(argv[1]),
			.threads = connections > 1 ? cores() : 1,
			.connections = connections,
			.n = batch },
	};
}

static void measure_enrolments(char **argv)
{
	const size_t batches = (size_t)parse_number(argv[4]), n = batches * BATCH;
	struct enrolment_run run = enrolment_run_open(argv, BATCH);
	uint32_t *const challenge_micros = allocate(n, sizeof(uint32_t));
	uint32_t *const prepare_micros = allocate(n, sizeof(uint32_t));
	char name[64];

	for (size_t i = 0; i < batches; i++)
		enrol_batch(&run, challenge_micros + i * BATCH, prepare_micros + i * BATCH);
	snprintf(name, sizeof(name), "%s_challenge", argv[0]);
	printf("%s_rate %.0f per_s\n", name, rate(n, run.challenge_time));
	print_durations(name, challenge_micros, n);
	snprintf(name, sizeof(name), "%s_prepare", argv[0]);
	printf("%s_rate %.0f per_s\n", name, rate(n, run.prepare_time));
	print_durations(name, prepare_micros, n);
	printf("%s_enrolment_rate %.0f per_s\n", argv[0], rate(n, run.challenge_time + run.prepare_time));
	free(challenge_micros);
	free(prepare_micros);
	free(run.owners.list);
}

static void measure_flood(char **argv)
{
	const int64_t start = nanos(), until = start + parse_number(argv[4]) * 1000000000;
	struct enrolment_run run = enrolment_run_open(argv, FLOOD_BATCH);
	uint32_t *const micros = allocate(FLOOD_BATCH, sizeof(uint32_t));
	size_t n = 0;

	for (; nanos() < until; n += FLOOD_BATCH)
		enrol_batch(&run, micros, micros);
	printf("flood_enrolment_rate %.0f per_s\n", rate(n, nanos() - start));
	free(micros);
	free(run.owners.list);
}

struct email_run {
	const char *key, *run;
};

static size_t write_email(void *arg, size_t i, char out[REQUEST_SIZE])
{
	const struct email_run *const run = arg;
	char body[128];

	snprintf(body, sizeof(body), "{\"email\":\"steady-%s-%06zu@example.com\"}", run->run, i);
	return write_post(out, run->key, "/kyc/prepare", body);
}

static void measure_email(char **argv)
{
	struct email_run run = { argv[2], argv[5] };
	const long per_second = parse_number(argv[3]);
	const size_t n = (size_t)(per_second * parse_number(argv[4]));
	const struct load_params params = { parse_number(argv[1]), 8, 8, n, 0,
		allocate(n, sizeof(uint32_t)) };

	load_at_rate(&params, &(struct requests){ write_email, is_created, &run }, per_second);
	print_durations(argv[0], params.micros, n);
	free(params.micros);
}

int main(int argc, char **argv)
{
	(void)alarm(TIMEOUT_SECONDS);
	signer_start();
	if (argc == 4 && strcmp(argv[1], "verify") == 0)
		measure_verification(parse_chain(argv[2]), argv[3]);
	else if (argc == 8 && strcmp(argv[1], "enrol") == 0)
		measure_enrolments(argv + 2);
	else if (argc == 8 && strcmp(argv[1], "flood") == 0)
		measure_flood(argv + 2);
	else if (argc == 8 && strcmp(argv[1], "email") == 0)
		measure_email(argv + 2);
	else
		return 2;
	return 0;
}
