#!/bin/sh
# Measures kycd beside nginx's fixed answer, SQLite with a commit each, bare checks of signatures and the disk's flush, in
# one run on this machine, everything on loopback. docs/measurements.md says what the lines mean. Prints `name value unit`;
# lines that begin with # are for people. Ends with 1 when anything answered wrongly. Each pair of measurements is taken in
# turn, status three times and what writes, where the disk has its say, five times, and the median is told: a busy moment of
# the machine spoils one of them. BENCH_SECONDS is the length of each; BENCH_ONLY=wallets leaves out all but wallets.
set -eu
cd "$(dirname "$0")/.."
PATH="$PATH:/usr/sbin:/sbin"
seconds=${BENCH_SECONDS:-3}
rounds="1 2 3"
rounds_of_writing="1 2 3 4 5"
counts="1 64 127 128 129 256 512 1000"
kycd=$PWD/build/kycd
here=$PWD/bench
tmp=$(mktemp -d "$PWD/build/bench.XXXXXX") # on the disk that is measured
pids=
faults=0

finish() {
	status=$?
	trap - EXIT INT TERM HUP
	for pid in $pids; do kill "$pid" 2>/dev/null || true; done
	for pid in $pids; do wait "$pid" 2>/dev/null || true; done
	if [ $status -ne 0 ]; then
		for log in "$tmp"/*.log; do
			[ -s "$log" ] && { echo "# $(basename "$log"):" && tail -n 20 "$log"; } >&2
		done
	fi
	rm -rf "$tmp"
	exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

fail() {
	echo "# FAILED: $*"
	faults=$((faults + 1))
}
# The environment's own settings have no say here, nor has a kycd.conf in the working folder.
for name in $(env | sed -n 's/^\(KYCD_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done

# The last value of that name: a median, or what was just measured.
value() { cat "$tmp/results" "$tmp/round" 2>/dev/null | awk -v name="$1" '$1 == name { v = $2 } END { print v }'; }
note() { cat >>"$tmp/round"; }
# What the rounds noted: medians, of counts the sums, in the order they came first.
settle() {
	awk '
		!($1 in n) { order[++names] = $1; unit[$1] = $3 }
		{ list[$1, ++n[$1]] = $2 + 0; sum[$1] += $2 }
		END {
			for (i = 1; i <= names; i++) {
				name = order[i]
				for (a = 1; a <= n[name]; a++)
					for (b = a + 1; b <= n[name]; b++)
						if (list[name, b] < list[name, a]) {
							t = list[name, a]; list[name, a] = list[name, b]; list[name, b] = t
						}
				print name, unit[name] == "count" ? sum[name] : list[name, int((n[name] + 1) / 2)], unit[name]
			}
		}' "$tmp/round" | tell
	rm -f "$tmp/round"
}
tell() { tee -a "$tmp/results"; }
ratio() { # name, above, below
	awk -v name="$1" -v a="$(value "$2")" -v b="$(value "$3")" 'BEGIN { printf "%s %.2f times\n", name, a / b }' |
		note
}
# Missing a goal is told, not punished: another machine, or a busy one, has other ratios.
beside_goal() { # name, goal
	awk -v name="$1" -v is="$(value "$1")" -v goal="$2" \
		'BEGIN { printf "# %-24s %5.2f  goal %.2f  %s\n", name, is, goal, (is >= goal) ? "reached" : "MISSED" }'
}
within_goal() { # name, at most
	awk -v name="$1" -v is="$(value "$1")" -v goal="$2" \
		'BEGIN { printf "# %-24s %5.1f  at most %.0f  %s\n", name, is, goal, (is <= goal) ? "reached" : "MISSED" }'
}
resident() { awk '/^VmRSS/ { printf "%.1f\n", $2 / 1024 }' "/proc/$1/status"; }
threads_for() { if [ "$1" -eq 1 ]; then echo 1; else echo 2; fi; }

build_tools() {
	# shellcheck disable=SC2046 # flags are words
	${CC:-gcc} -std=gnu17 -O2 -Wall -Wextra -Werror -o "$tmp/yardstick" "$here/yardstick.c" \
		$(pkg-config --cflags --libs sqlite3)
	${CC:-gcc} -std=gnu17 -O2 -Wall -Wextra -Werror -o "$tmp/door" "$here/door.c"
	# shellcheck disable=SC2046 # flags are words
	${CC:-gcc} -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -Isrc -o "$tmp/wallets" "$here/wallets.c" "$here/signer.c" \
		"$here/keepalive.c" src/crypto/keccak.c src/text/base58.c src/base/str.c \
		$(pkg-config --cflags --libs libsecp256k1 libsodium) -pthread
	# The schema as kycd makes it in SQLite.
	cat sql/*.sql | sed 's/{int}/INTEGER/g; s/{text}/TEXT/g; s/{bytes}/BLOB/g; s/{strict}/STRICT, WITHOUT ROWID/g' \
		>"$tmp/schema.sql"
}

choose_ports() {
	# shellcheck disable=SC2046 # three numbers
	set -- $("$tmp/door" free 3)
	port=$1 admin=$2 fixed=$3
}

# $1: log; the rest: arguments of kycd. Its pid is in $server.
start_kycd() {
	log=$1
	shift
	(cd "$tmp" && exec "$kycd" serve "$@") >>"$tmp/$log" 2>&1 &
	server=$!
	pids="$pids $server"
	"$tmp/door" wait "$port" /health/ready 10000 || {
		echo "# kycd does not become ready"
		exit 1
	}
}
stop_kycd() {
	kill "$server"
	wait "$server" || fail "kycd ended with $?"
	pids=$(echo "$pids" | sed "s/ $server\$//;s/ $server / /")
}

settings() {
	export KYCD_LISTEN="127.0.0.1:$port" KYCD_ADMIN_LISTEN="127.0.0.1:$admin" KYCD_DATABASE="sqlite:$tmp/kycd.db"
	KYCD_SECRET_KEY=$("$kycd" secret generate)
	export KYCD_SECRET_KEY KYCD_API_KEYS=required KYCD_LOG=warn KYCD_MAX_CONNECTIONS_PER_ADDRESS=1024
	url=http://127.0.0.1:$port
}

ask() { # path, body
	curl -sS --max-time 10 -H "x-api-key: $key" -H 'Content-Type: application/json' "$url$1" ${2:+-d "$2"}
}
# $1: how often at most, twenty times a second; then a command that prints something when it is so.
until_some() {
	left=$1
	shift
	while [ "$left" -gt 0 ]; do
		found=$("$@") || true
		[ -n "$found" ] && return 0
		sleep 0.05
		left=$((left - 1))
	done
	echo "# never came true: $*"
	exit 1
}
letter_code() {
	curl -s "$url/sandbox/inbox?to=ana@example.com" | grep -o '"text":"[0-9]*' | grep -o '[0-9]*$'
}
approved() { ask '/kyc/status?email=ana%40example.com' | grep '"approved":true'; }

# One person, approved by the built-in sandbox, so that status has something to say.
set_up() {
	(cd "$tmp" && "$kycd" tenant add acme) >>"$tmp/setup.log" 2>&1
	key=$(cd "$tmp" && "$kycd" key create --tenant acme --rate-per-minute 2147483647 --rate-per-second 2147483647 \
		2>>"$tmp/setup.log" | tail -n 1)
	start_kycd setup.log --dev
	ask /kyc/prepare '{"email":"ana@example.com"}' >/dev/null
	ask /security/email/send-otp '{"email":"ana@example.com"}' >/dev/null
	until_some 200 letter_code
	ask /security/email/verify-otp '{"email":"ana@example.com","code":"'"$found"'"}' >/dev/null
	page=$(ask /kyc/create/verify_public_kyc '{"email":"ana@example.com"}' | grep -o 'http[^"]*session/[^"]*')
	curl -sS --max-time 10 "$page/submit" -H 'Content-Type: application/json' -d '{"scenario":"approve"}' >/dev/null
	until_some 200 approved
	stop_kycd
}

# From here on it is a plain `serve`. Nothing is sent: no letter is asked for, and the one session is final.
start_measured() {
	export KYCD_SMTP_URL=smtp://127.0.0.1:9 KYCD_MAIL_FROM=kyc@example.com KYCD_DIDIT_CLIENT_ID=bench
	export KYCD_DIDIT_CLIENT_SECRET=bench KYCD_DIDIT_WEBHOOK_SECRET=none
	began=$(date +%s%N)
	start_kycd kycd.log
	took=$((($(date +%s%N) - began) / 1000))
}
start_time() { # name
	awk -v name="$1" -v us=$took 'BEGIN { printf "%s %.1f ms\n", name, us / 1000 }' | tell
}

wire_size() { # url
	curl -sS -o /dev/null -w '%{size_header} %{size_download}\n' -H "x-api-key: $key" "$1" | awk '{ print $1 + $2 }'
}
write_nginx() { # bytes of body
	cat >"$tmp/nginx.conf" <<-END
		daemon off;
		worker_processes auto;
		pid $tmp/nginx.pid;
		error_log $tmp/nginx.log warn;
		events { worker_connections 1024; }
		http {
			access_log off;
			keepalive_requests 1000000000;
			client_body_temp_path $tmp/b; proxy_temp_path $tmp/p; fastcgi_temp_path $tmp/f;
			uwsgi_temp_path $tmp/u; scgi_temp_path $tmp/s;
			default_type application/json;
			server {
				listen 127.0.0.1:$fixed backlog=1024;
				location / { return 200 '$(printf "%$1s" '' | tr ' ' x)'; }
			}
		}
	END
}
start_nginx() {
	nginx -e "$tmp/nginx.log" -p "$tmp" -c "$tmp/nginx.conf" &
	web=$!
	pids="$pids $web"
	"$tmp/door" wait "$fixed" / 5000
}
stop_nginx() {
	kill "$web"
	wait "$web" || true
	pids=$(echo "$pids" | sed "s/ $web\$//;s/ $web / /")
}
# The same number of bytes on the wire, head and body together: nginx's head is shorter.
nginx_like_status() {
	size=$(wire_size "$url$status_path")
	write_nginx "$size"
	start_nginx
	over=$(($(wire_size "http://127.0.0.1:$fixed/") - size))
	stop_nginx
	write_nginx $((size - over))
	start_nginx
	echo "status_size $size bytes" | tell
	echo "nginx_size $(wire_size "http://127.0.0.1:$fixed/") bytes" | tell
}

load() { # name, connections, url
	BENCH_NAME=$1_$2 wrk -s "$here/load.lua" -c "$2" -t "$(threads_for "$2")" -d "${seconds}s" --timeout 10s \
		-H "x-api-key: $key" -H 'Content-Type: application/json' "$3" >"$tmp/wrk.out" || fail "wrk: $1 $2"
	sed -n "/^$1_$2_/p" "$tmp/wrk.out" | note
	[ "$(value "$1_$2_errors")" = 0 ] || fail "$1 at $2 connections: not every answer was a 2xx"
}
counted() { # route, status
	curl -sS "http://127.0.0.1:$admin/metrics" | tr -d '"' |
		awk -v what="kycd_requests_total{route=$1,status=$2}" '$1 == what { n = $2 } END { print n + 0 }'
}
meter() { curl -sS "http://127.0.0.1:$admin/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }
# In the middle of a measurement, into the file that is read after it.
resident_soon() { (sleep $((seconds / 2)) && resident "$server" >"$tmp/resident") & }

measure_status() { # connections
	load nginx "$1" "http://127.0.0.1:$fixed$status_path"
	resident_soon
	load status "$1" "$url$status_path"
	wait $!
	ratio "status_$1_to_nginx" "status_$1_rate" "nginx_$1_rate"
}
measure_prepare() { # connections, round
	"$tmp/yardstick" sqlite "$tmp" "$tmp/schema.sql" "$seconds" | sed "s/^sqlite_/sqlite_beside_$1_/" | note
	was=$(counted /kyc/prepare 201)
	groups=$(meter kycd_writer_group_size_count) jobs=$(meter kycd_writer_group_size_sum)
	resident_soon
	BENCH_PREPARE=$1r$2 load prepare "$1" "$url/kyc/prepare"
	wait $!
	made=$(($(counted /kyc/prepare 201) - was))
	[ "$made" -ge "$(value "prepare_$1_answers")" ] || fail "prepare at $1: only $made of the answers were 201"
	awk -v n="$1" -v g="$(meter kycd_writer_group_size_count)" -v j="$(meter kycd_writer_group_size_sum)" \
		-v g0="$groups" -v j0="$jobs" \
		'BEGIN { if (g > g0) printf "prepare_%d_group %.1f jobs\n", n, (j - j0) / (g - g0) }' | note
	ratio "prepare_$1_to_sqlite" "prepare_$1_rate" "sqlite_beside_$1_rate"
}

wallets() { # what, and what it asks for
	"$tmp/wallets" "$@" >"$tmp/wallets.out" || fail "wallets $1 $2"
	note <"$tmp/wallets.out"
}
# No wallet comes twice: each round has numbers of its own.
measure_wallets() { # chain, round
	wallets checks "$1" "$seconds"
	wallets journeys "$1" "$port" "$key" 64 4 "${2}000000000"
	ratio "$1_journeys_to_checks" "$1_journeys_rate" "$1_checks_rate"
}
# Those who flood yield to the honest client and the server.
measure_flood() { # chain, round
	wallets email email_quiet "$port" "$key" 250 "$seconds" "q$2"
	nice -n 10 "$tmp/wallets" flood "$1" "$port" "$key" 64 $((seconds + 1)) "${2}500000000" >"$tmp/flood.out" &
	flood=$!
	pids="$pids $flood"
	sleep 0.5
	wallets email email_flood "$port" "$key" 250 "$seconds" "f$2"
	wait "$flood" || fail "the flood"
	pids=$(echo "$pids" | sed "s/ $flood\$//;s/ $flood / /")
	note <"$tmp/flood.out"
	ratio email_flood_to_quiet email_flood_p99 email_quiet_p99
}

measure_by_wallet() {
	for round in $rounds_of_writing; do
		for chain in evm solana; do measure_wallets $chain "$round"; done
	done
	settle
	for round in $rounds_of_writing; do measure_flood "$([ $((round % 2)) = 0 ] && echo evm || echo solana)" "$round"; done
	settle
	for chain in evm solana; do beside_goal ${chain}_journeys_to_checks 0.30; done
	within_goal email_flood_to_quiet 2
}

# No number of connections stalls: each is driven for a second, reading and writing, and must not fall far behind 64.
measure_counts() {
	whole=$seconds
	seconds=1
	for connections in $counts; do load count_status "$connections" "$url$status_path"; done
	for connections in $counts; do
		BENCH_PREPARE=c$connections load count_prepare "$connections" "$url/kyc/prepare"
	done
	seconds=$whole
	for what in count_status count_prepare; do
		for connections in $counts; do
			[ "$connections" -ne 1 ] || continue
			awk -v n="$(value "${what}_${connections}_rate")" -v least="$(value "${what}_64_rate")" \
				'BEGIN { exit !(n >= least / 4) }' || fail "$what stalls at $connections connections"
		done
	done
	settle
}

# What a story's client measures: a real mail server, a steady pace. Its own server, without our settings.
measure_story() { # script
	(cd tests && env -i PATH="$PATH" HOME="$HOME" node "$here/$1") >"$tmp/story" 2>"$tmp/story.log" || fail "$1"
	tell <"$tmp/story"
}

# Ticks that the cores worked, and that they were there: the load of everybody. What we and our children used of them.
ticks_all() { awk '/^cpu / { print $2 + $3 + $4, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 }' /proc/stat; }
ticks_ours() { sed 's/.*) //' "/proc/$$/stat" | awk '{ print $12 + $13 + $14 + $15 }'; }
others() { # from before: all, there, ours
	echo "$* $(ticks_all) $(ticks_ours)" |
		awk '{ n = ($4 - $1 - $6 + $3) * 100 / ($5 - $2); printf "others %.0f percent\n", n < 0 ? 0 : n }' | tell
}

build_tools
choose_ports
before="$(ticks_all) $(ticks_ours)"
settings
status_path='/kyc/status?email=ana%40example.com'
gib=$(awk '/MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)
echo "# $(nproc) cores, $gib GiB of memory; load before: $(cut -d ' ' -f 1-3 /proc/loadavg)"
echo "# wrk on the same cores: 1 thread at 1 connection, else 2; medians of three times $seconds s"
"$tmp/yardstick" flush "$tmp" 3 | tell
set_up
start_measured
start_time start
echo "resident_start $(resident "$server") MiB" | tell
approved >/dev/null || fail "nobody is approved"
if [ "${BENCH_ONLY:-all}" = wallets ]; then
	measure_by_wallet
	stop_kycd
	# shellcheck disable=SC2086 # three numbers
	others $before
	exit $((faults > 0))
fi
nginx_like_status
for connections in 1 64 256; do
	for round in $rounds; do measure_status $connections; done
	settle
done
echo "resident_status_256 $(cat "$tmp/resident") MiB" | tell
measure_by_wallet
for connections in 1 64 256; do
	for round in $rounds_of_writing; do measure_prepare $connections "$round"; done
	settle
done
echo "resident_prepare_256 $(cat "$tmp/resident") MiB" | tell
measure_counts
approved >/dev/null || fail "the approved person is gone"
stop_kycd
echo "people $(sqlite3 "$tmp/kycd.db" 'SELECT count(*) FROM users') count" | tell
start_measured
start_time start_full
stop_kycd
stop_nginx
measure_story letters.mjs
measure_story limits.mjs
# shellcheck disable=SC2086 # three numbers
others $before
for connections in 1 64 256; do beside_goal status_${connections}_to_nginx 0.30; done
beside_goal prepare_1_to_sqlite 0.50
for connections in 64 256; do beside_goal prepare_${connections}_to_sqlite 3.50; done
beside_goal siege_kept 0.90
within_goal status_64_p99 10
within_goal prepare_64_p99 30
within_goal letter_p99 1000
within_goal verify_100_p99 5
within_goal start_full 50
within_goal resident_start 16
within_goal resident_status_256 40
within_goal resident_prepare_256 40
[ $faults -eq 0 ] || exit 1
