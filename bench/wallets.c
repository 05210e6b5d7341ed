/* kycd's wallet route beside the bare libraries, on the same cores:
 *
 *   wallets checks CHAIN SECONDS                               the library's check of a signature, by all
 * cores wallets journeys CHAIN PORT KEY CONNECTIONS BATCHES FIRST  4,096 new wallets each: challenge,
 * prepare-wallet wallets flood CHAIN PORT KEY CONNECTIONS SECONDS FIRST     the same in batches of 256, for
 * so long wallets email NAME PORT KEY PER_SECOND SECONDS RUN         prepare by e-mail, at a steady pace
 *
 * CHAIN is evm or solana, FIRST the number of the first wallet. Prints `name value unit` lines. Signing is
 * its owner's work, not the server's: it is done between challenge and prepare-wallet, and its time is not
 * counted. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keepalive.h"
#include "signer.h"

#define MESSAGE_SIZE 1024
#define CORES_MAX 64
#define SAMPLES 256 /* signatures that are checked in turn */
#define BATCH 4096  /* so many owners are asked to sign at a time */
#define FLOOD_BATCH 256
#define PATIENCE 300 /* seconds that any of these may take */

static int cores(void)
{
	const long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > CORES_MAX ? CORES_MAX : (int)n;
}

static long number(const char *text)
{
	return strtol(text, NULL, 10);
}

static void *room(size_t n, size_t each)
{
	void *const p = calloc(n, each);

	if (p == NULL)
		die("memory");
	return p;
}

static const char *const chain_words[] = { [EVM] = "evm", [SOLANA] = "solana" };

static enum chain chain_of(const char *word)
{
	return strcmp(word, chain_words[EVM]) == 0 ? EVM : SOLANA;
}

/* Work for each of `n` things, by all cores. */
struct crew {
	void (*work)(void *arg, size_t i);
	void *arg;
	size_t n;
	atomic_size_t next;
};

static void *crew_member(void *arg)
{
	struct crew *const crew = arg;

	for (size_t i; (i = atomic_fetch_add(&crew->next, 1)) < crew->n;)
		crew->work(crew->arg, i);
	return NULL;
}

static void by_all_cores(void (*work)(void *arg, size_t i), void *arg, size_t n)
{
	struct crew crew = { .work = work, .arg = arg, .n = n };
	pthread_t threads[CORES_MAX];
	const int members = cores();

	for (int i = 0; i < members; i++)
		if (pthread_create(&threads[i], NULL, crew_member, &crew) != 0)
			die("thread");
	for (int i = 0; i < members; i++)
		(void)pthread_join(threads[i], NULL);
}

/* As long as a challenge is, and of its look. */
static const char sample[] =
	"kycd KYC verification\n"
	"Wallet: Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew\n\n"
	"Your signature shows kycd that this wallet is yours. Nothing is paid, nothing is moved and nothing is "
	"allowed by it. Sign only if you asked for this.\n\n"
	"Domain: 127.0.0.1:8080\nRequested by: acme\nPurpose: kyc\nNonce: 0123456789abcdef0123456789abcdef\n"
	"Issued at: 2026-01-05T10:05:00.000Z\nExpires at: 2026-01-05T10:15:00.000Z";

struct checks {
	struct signing_wallet wallets[SAMPLES];
	unsigned char signatures[SAMPLES][65];
	int64_t end;
	atomic_size_t done;
};

static void check_for_a_while(void *arg, size_t core)
{
	struct checks *const c = arg;
	size_t n = 0;

	for (; nanos() < c->end; n++) {
		const size_t i = (core + n) % SAMPLES;

		if (!check_bytes(&c->wallets[i], sample, sizeof(sample) - 1, c->signatures[i]))
			die("a right signature does not verify");
	}
	atomic_fetch_add(&c->done, n);
}

static void checks(enum chain chain, const char *seconds)
{
	static struct checks c;
	int64_t start;

	for (size_t i = 0; i < SAMPLES; i++) {
		make_wallet(chain, i, &c.wallets[i]);
		sign_bytes(&c.wallets[i], sample, sizeof(sample) - 1, c.signatures[i]);
	}
	start = nanos();
	c.end = start + number(seconds) * 1000000000;
	by_all_cores(check_for_a_while, &c, (size_t)cores());
	printf("%s_checks_rate %.0f per_s\n", chain_words[chain],
		(double)c.done * 1e9 / (double)(nanos() - start));
}

struct owner {
	struct signing_wallet wallet;
	char message[MESSAGE_SIZE]; /* as JSON has it */
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

static bool take_challenge(void *arg, size_t i, const struct reply_text *reply)
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

/* Of JSON's escapes a challenge has the line end alone. */
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

/* Nanoseconds from `start` on, as what so many a second are. */
static double rate(size_t n, int64_t took)
{
	return (double)n * 1e9 / (double)took;
}

struct journeys {
	struct owners owners;
	struct drive drive;
	int64_t asking, preparing; /* nanoseconds in all */
};

/* One batch of owners. */
static void travel(struct journeys *j, uint32_t *asked, uint32_t *prepared)
{
	int64_t start;

	by_all_cores(make_owner, &j->owners, j->owners.n);
	start = nanos();
	j->drive.micros = asked;
	(void)drive(&j->drive, &(struct requests){ write_challenge, take_challenge, &j->owners });
	j->asking += nanos() - start;
	by_all_cores(sign_challenge, &j->owners, j->owners.n);
	start = nanos();
	j->drive.micros = prepared;
	(void)drive(&j->drive, &(struct requests){ write_prepare, is_created, &j->owners });
	j->preparing += nanos() - start;
	j->owners.first += j->owners.n;
}

static struct journeys journeys_open(char **argv, size_t batch)
{
	const int connections = (int)number(argv[3]);

	return (struct journeys){
		.owners = { argv[2], chain_of(argv[0]), (uint64_t)number(argv[5]),
			room(batch, sizeof(struct owner)), batch },
		.drive = { .port = number(argv[1]),
			.threads = connections > 1 ? cores() : 1,
			.connections = connections,
			.n = batch },
	};
}

static void measure_journeys(char **argv)
{
	const size_t batches = (size_t)number(argv[4]), n = batches * BATCH;
	struct journeys j = journeys_open(argv, BATCH);
	uint32_t *const asked = room(n, sizeof(uint32_t)), *const prepared = room(n, sizeof(uint32_t));
	char name[64];

	for (size_t i = 0; i < batches; i++)
		travel(&j, asked + i * BATCH, prepared + i * BATCH);
	snprintf(name, sizeof(name), "%s_challenge", argv[0]);
	printf("%s_rate %.0f per_s\n", name, rate(n, j.asking));
	print_times(name, asked, n);
	snprintf(name, sizeof(name), "%s_prepare", argv[0]);
	printf("%s_rate %.0f per_s\n", name, rate(n, j.preparing));
	print_times(name, prepared, n);
	printf("%s_journeys_rate %.0f per_s\n", argv[0], rate(n, j.asking + j.preparing));
	free(asked);
	free(prepared);
	free(j.owners.list);
}

static void flood(char **argv)
{
	const int64_t start = nanos(), until = start + number(argv[4]) * 1000000000;
	struct journeys j = journeys_open(argv, FLOOD_BATCH);
	uint32_t *const times = room(FLOOD_BATCH, sizeof(uint32_t));
	size_t n = 0;

	for (; nanos() < until; n += FLOOD_BATCH)
		travel(&j, times, times);
	printf("flood_journeys_rate %.0f per_s\n", rate(n, nanos() - start));
	free(times);
	free(j.owners.list);
}

struct letters {
	const char *key, *run;
};

static size_t write_email(void *arg, size_t i, char out[REQUEST_SIZE])
{
	const struct letters *const l = arg;
	char body[128];

	snprintf(body, sizeof(body), "{\"email\":\"steady-%s-%06zu@example.com\"}", l->run, i);
	return write_post(out, l->key, "/kyc/prepare", body);
}

static void email(char **argv)
{
	struct letters l = { argv[2], argv[5] };
	const long per_second = number(argv[3]);
	const size_t n = (size_t)(per_second * number(argv[4]));
	const struct drive d = { number(argv[1]), 8, 8, n, 0, room(n, sizeof(uint32_t)) };

	drive_steadily(&d, &(struct requests){ write_email, is_created, &l }, per_second);
	print_times(argv[0], d.micros, n);
	free(d.micros);
}

int main(int argc, char **argv)
{
	(void)alarm(PATIENCE);
	signer_start();
	if (argc == 4 && strcmp(argv[1], "checks") == 0)
		checks(chain_of(argv[2]), argv[3]);
	else if (argc == 8 && strcmp(argv[1], "journeys") == 0)
		measure_journeys(argv + 2);
	else if (argc == 8 && strcmp(argv[1], "flood") == 0)
		flood(argv + 2);
	else if (argc == 8 && strcmp(argv[1], "email") == 0)
		email(argv + 2);
	else
		return 2;
	return 0;
}
