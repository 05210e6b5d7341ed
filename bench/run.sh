#!/bin/sh
# Measures kycd and compares it, on the same machine and in the same run, with baselines: nginx returning a fixed response,
# SQLite committing each person separately, signature libraries without kycd, and the disk's flush. Everything is on
# loopback. docs/measurements.md explains the results. Prints `name value unit` lines, and lines with # for readers. Exits with
# 1 when a response is wrong. kycd and its baseline are measured alternately, reads three times and writes, which depend on the
# disk, five times; the median is reported, so that other load on the machine distorts at most some of the rounds.
# Environment: BENCH_SECONDS, the length of each measurement (3); BENCH_ONLY=wallets, to measure only the wallet routes.
set -eu
cd "$(dirname "$0")/.."
PATH="$PATH:/usr/sbin:/sbin"
seconds=${BENCH_SECONDS:-3}
read_rounds="1 2 3"
write_rounds="1 2 3 4 5"
counts="1 64 127 128 129 256 512 1000"
kycd=$PWD/build/kycd
here=$PWD/bench
tmp=$(mktemp -d "$PWD/build/bench.XXXXXX") # on the disk to be measured
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
# Ignores KYCD_… settings of the caller. A kycd.conf in the current folder is ignored too, as kycd is started in $tmp.
for name in $(env | sed -n 's/^\(KYCD_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done

# Prints the last value with this name in the current round; if the round has none, the last reported one.
value() { cat "$tmp/results" "$tmp/round" 2>/dev/null | awk -v name="$1" '$1 == name { v = $2 } END { print v }'; }
record() { cat >>"$tmp/round"; }
# Reports what the rounds recorded: the sums of counts, and the medians of everything else.
report_medians() {
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
		}' "$tmp/round" | report
	rm -f "$tmp/round"
}
report() { tee -a "$tmp/results"; }
ratio() { # name, numerator, denominator
	awk -v name="$1" -v a="$(value "$2")" -v b="$(value "$3")" 'BEGIN { printf "%s %.2f times\n", name, a / b }' |
		record
}
# A missed goal does not fail the run, because the ratios are different on another machine or on a busy one.
compare_with_minimum() { # name, goal
	awk -v name="$1" -v is="$(value "$1")" -v goal="$2" \
		'BEGIN { printf "# %-24s %5.2f  goal %.2f  %s\n", name, is, goal, (is >= goal) ? "reached" : "MISSED" }'
}
compare_with_maximum() { # name, goal
	awk -v name="$1" -v is="$(value "$1")" -v goal="$2" \
		'BEGIN { printf "# %-24s %5.1f  at most %.0f  %s\n", name, is, goal, (is <= goal) ? "reached" : "MISSED" }'
}
resident() { awk '/^VmRSS/ { printf "%.1f\n", $2 / 1024 }' "/proc/$1/status"; }
threads_for() { if [ "$1" -eq 1 ]; then echo 1; else echo 2; fi; }

build_tools() {
	# shellcheck disable=SC2046 # the output of pkg-config must be split into words
	${CC:-gcc} -std=gnu17 -O2 -Wall -Wextra -Werror -o "$tmp/write_baseline" "$here/write_baseline.c" \
		$(pkg-config --cflags --libs sqlite3)
	${CC:-gcc} -std=gnu17 -O2 -Wall -Wextra -Werror -o "$tmp/server_probe" "$here/server_probe.c"
	# shellcheck disable=SC2046 # the output of pkg-config must be split into words
	${CC:-gcc} -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -Isrc -o "$tmp/wallets" "$here/wallets.c" "$here/signer.c" \
		"$here/http_load.c" src/crypto/keccak.c src/text/base58.c src/base/str.c \
		$(pkg-config --cflags --libs libsecp256k1 libsodium) -pthread
	# kycd's schema, with the type names for SQLite.
	cat sql/*.sql | sed 's/{int}/INTEGER/g; s/{text}/TEXT/g; s/{bytes}/BLOB/g; s/{strict}/STRICT, WITHOUT ROWID/g' \
		>"$tmp/schema.sql"
}

choose_ports() {
	# shellcheck disable=SC2046 # three numbers
	set -- $("$tmp/server_probe" free 3)
	port=$1 admin=$2 nginx_port=$3
}

# Starts `kycd serve`. $1: the log file; the other arguments are passed to kycd. Sets $server to its process id.
start_kycd() {
	log=$1
	shift
	(cd "$tmp" && exec "$kycd" serve "$@") >>"$tmp/$log" 2>&1 &
	server=$!
	pids="$pids $server"
	"$tmp/server_probe" wait "$port" /health/ready 10000 || {
		echo "# kycd was not ready within 10 s"
		exit 1
	}
}
stop_kycd() {
	kill "$server"
	wait "$server" || fail "kycd exited with status $?"
	pids=$(echo "$pids" | sed "s/ $server\$//;s/ $server / /")
}

set_settings() {
	export KYCD_LISTEN="127.0.0.1:$port" KYCD_ADMIN_LISTEN="127.0.0.1:$admin" KYCD_DATABASE="sqlite:$tmp/kycd.db"
	KYCD_SECRET_KEY=$("$kycd" secret generate)
	export KYCD_SECRET_KEY KYCD_API_KEYS=required KYCD_LOG=warn KYCD_MAX_CONNECTIONS_PER_ADDRESS=1024
	url=http://127.0.0.1:$port
}

call_api() { # path, body
	curl -sS --max-time 10 -H "x-api-key: $key" -H 'Content-Type: application/json' "$url$1" ${2:+-d "$2"}
}
# Runs a command up to $1 times, every 50 ms, until it prints something; sets $found to the output.
wait_for_output() {
	left=$1
	shift
	while [ "$left" -gt 0 ]; do
		found=$("$@") || true
		[ -n "$found" ] && return 0
		sleep 0.05
		left=$((left - 1))
	done
	echo "# no output within the time limit: $*"
	exit 1
}
read_otp() {
	curl -s "$url/sandbox/inbox?to=ana@example.com" | grep -o '"text":"[0-9]*' | grep -o '[0-9]*$'
}
read_approved() { call_api '/kyc/status?email=ana%40example.com' | grep '"approved":true'; }

# Creates a tenant, its API key and one person whom the built-in sandbox approves: the subject of the status requests.
set_up_person() {
	(cd "$tmp" && "$kycd" db migrate && "$kycd" tenant add acme) >>"$tmp/setup.log" 2>&1
	key=$(cd "$tmp" && "$kycd" key create --tenant acme --rate-per-minute 2147483647 --rate-per-second 2147483647 \
		2>>"$tmp/setup.log" | tail -n 1)
	start_kycd setup.log --dev
	call_api /kyc/prepare '{"email":"ana@example.com"}' >/dev/null
	call_api /security/email/send-otp '{"email":"ana@example.com"}' >/dev/null
	wait_for_output 200 read_otp
	call_api /security/email/verify-otp '{"email":"ana@example.com","code":"'"$found"'"}' >/dev/null
	page=$(call_api /kyc/create/verify_public_kyc '{"email":"ana@example.com"}' | grep -o 'http[^"]*session/[^"]*')
	curl -sS --max-time 10 "$page/submit" -H 'Content-Type: application/json' -d '{"scenario":"approve"}' >/dev/null
	wait_for_output 200 read_approved
	stop_kycd
}

# Starts kycd as in production. The mail server and the provider are not called: no e-mail is requested, and the only
# session has its final status. Sets $startup_us to the time until kycd was ready, in microseconds.
start_production() {
	export KYCD_SMTP_URL=smtp://127.0.0.1:9 KYCD_MAIL_FROM=kyc@example.com KYCD_DIDIT_CLIENT_ID=bench
	export KYCD_DIDIT_CLIENT_SECRET=bench KYCD_DIDIT_WEBHOOK_SECRET=none
	began=$(date +%s%N)
	start_kycd kycd.log
	startup_us=$((($(date +%s%N) - began) / 1000))
}
report_startup() { # name
	awk -v name="$1" -v us=$startup_us 'BEGIN { printf "%s %.1f ms\n", name, us / 1000 }' | report
}

response_size() { # url
	curl -sS -o /dev/null -w '%{size_header} %{size_download}\n' -H "x-api-key: $key" "$1" | awk '{ print $1 + $2 }'
}
write_nginx_conf() { # bytes of body
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
				listen 127.0.0.1:$nginx_port backlog=1024;
				location / { return 200 '$(printf "%$1s" '' | tr ' ' x)'; }
			}
		}
	END
}
start_nginx() {
	nginx -e "$tmp/nginx.log" -p "$tmp" -c "$tmp/nginx.conf" &
	nginx_pid=$!
	pids="$pids $nginx_pid"
	"$tmp/server_probe" wait "$nginx_port" / 5000
}
stop_nginx() {
	kill "$nginx_pid"
	wait "$nginx_pid" || true
	pids=$(echo "$pids" | sed "s/ $nginx_pid\$//;s/ $nginx_pid / /")
}
# Starts nginx with a response of the same size as kycd's status response, headers and body together. The headers of nginx
# have another size than kycd's, so nginx is first started once to measure them.
start_nginx_with_status_size() {
	size=$(response_size "$url$status_path")
	write_nginx_conf "$size"
	start_nginx
	excess=$(($(response_size "http://127.0.0.1:$nginx_port/") - size))
	stop_nginx
	write_nginx_conf $((size - excess))
	start_nginx
	echo "status_size $size bytes" | report
	echo "nginx_size $(response_size "http://127.0.0.1:$nginx_port/") bytes" | report
}

run_wrk() { # name, connections, url
	BENCH_NAME=$1_$2 wrk -s "$here/load.lua" -c "$2" -t "$(threads_for "$2")" -d "${seconds}s" --timeout 10s \
		-H "x-api-key: $key" -H 'Content-Type: application/json' "$3" >"$tmp/wrk.out" || fail "wrk: $1 $2"
	sed -n "/^$1_$2_/p" "$tmp/wrk.out" | record
	[ "$(value "$1_$2_errors")" = 0 ] || fail "$1 at $2 connections: not every response was a 2xx"
}
request_count() { # route, status
	curl -sS "http://127.0.0.1:$admin/metrics" | tr -d '"' |
		awk -v what="kycd_requests_total{route=$1,status=$2}" '$1 == what { n = $2 } END { print n + 0 }'
}
metric() { curl -sS "http://127.0.0.1:$admin/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }
# Writes kycd's resident memory in the middle of the measurement that starts now into $tmp/resident.
sample_resident() { (sleep $((seconds / 2)) && resident "$server" >"$tmp/resident") & }

measure_status() { # connections
	run_wrk nginx "$1" "http://127.0.0.1:$nginx_port$status_path"
	sample_resident
	run_wrk status "$1" "$url$status_path"
	wait $!
	ratio "status_$1_to_nginx" "status_$1_rate" "nginx_$1_rate"
}
measure_prepare() { # connections, round
	"$tmp/write_baseline" sqlite "$tmp" "$tmp/schema.sql" "$seconds" | sed "s/^sqlite_/sqlite_baseline_$1_/" | record
	created_before=$(request_count /kyc/prepare 201)
	groups=$(metric kycd_writer_group_size_count) jobs=$(metric kycd_writer_group_size_sum)
	sample_resident
	BENCH_PREPARE=$1r$2 run_wrk prepare "$1" "$url/kyc/prepare"
	wait $!
	created=$(($(request_count /kyc/prepare 201) - created_before))
	[ "$created" -ge "$(value "prepare_$1_responses")" ] || fail "prepare at $1 connections: only $created of the responses were 201"
	awk -v n="$1" -v g="$(metric kycd_writer_group_size_count)" -v j="$(metric kycd_writer_group_size_sum)" \
		-v g0="$groups" -v j0="$jobs" \
		'BEGIN { if (g > g0) printf "prepare_%d_group %.1f jobs\n", n, (j - j0) / (g - g0) }' | record
	ratio "prepare_$1_to_sqlite" "prepare_$1_rate" "sqlite_baseline_$1_rate"
}

run_wallets() { # arguments of bench/wallets.c
	"$tmp/wallets" "$@" >"$tmp/wallets.out" || fail "wallets $1 $2"
	record <"$tmp/wallets.out"
}
# Each round has its own range of wallet numbers, so that all wallets are new.
measure_wallets() { # chain, round
	run_wallets verify "$1" "$seconds"
	run_wallets enrol "$1" "$port" "$key" 64 4 "${2}000000000"
	ratio "$1_enrolment_to_verify" "$1_enrolment_rate" "$1_verify_rate"
}
# Measures `prepare` by e-mail, first alone and then during a flood of wallet enrolments. The flooding client has a lower
# priority than the measured client and the server.
measure_flood() { # chain, round
	run_wallets email email_quiet "$port" "$key" 250 "$seconds" "q$2"
	nice -n 10 "$tmp/wallets" flood "$1" "$port" "$key" 64 $((seconds + 1)) "${2}500000000" >"$tmp/flood.out" &
	flood=$!
	pids="$pids $flood"
	sleep 0.5
	run_wallets email email_flood "$port" "$key" 250 "$seconds" "f$2"
	wait "$flood" || fail "wallets flood $1"
	pids=$(echo "$pids" | sed "s/ $flood\$//;s/ $flood / /")
	record <"$tmp/flood.out"
	ratio email_flood_to_quiet email_flood_p99 email_quiet_p99
}

measure_wallet_routes() {
	for round in $write_rounds; do
		for chain in evm solana; do measure_wallets $chain "$round"; done
	done
	report_medians
	for round in $write_rounds; do measure_flood "$([ $((round % 2)) = 0 ] && echo evm || echo solana)" "$round"; done
	report_medians
	for chain in evm solana; do compare_with_minimum ${chain}_enrolment_to_verify 0.30; done
	compare_with_maximum email_flood_to_quiet 2
}

# Checks that throughput does not collapse at any number of connections: one second of reads and one of writes each, at
# least a quarter of the rate at 64 connections.
measure_connection_counts() {
	seconds_before=$seconds
	seconds=1
	for connections in $counts; do run_wrk count_status "$connections" "$url$status_path"; done
	for connections in $counts; do
		BENCH_PREPARE=c$connections run_wrk count_prepare "$connections" "$url/kyc/prepare"
	done
	seconds=$seconds_before
	for what in count_status count_prepare; do
		for connections in $counts; do
			[ "$connections" -ne 1 ] || continue
			awk -v n="$(value "${what}_${connections}_rate")" -v least="$(value "${what}_64_rate")" \
				'BEGIN { exit !(n >= least / 4) }' || fail "$what at $connections connections: less than a quarter of the rate at 64"
		done
	done
	report_medians
}

# Runs a benchmark in JavaScript with an empty environment. It starts a kycd of its own.
run_node_benchmark() { # script
	(cd tests && env -i PATH="$PATH" HOME="$HOME" node "$here/$1") >"$tmp/node.out" 2>"$tmp/node.log" || fail "$1"
	report <"$tmp/node.out"
}

# ticks_all prints the processor time that all processes used and the total available time, ticks_ours the time that this
# script and its children used; all in clock ticks.
ticks_all() { awk '/^cpu / { print $2 + $3 + $4, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 }' /proc/stat; }
ticks_ours() { sed 's/.*) //' "/proc/$$/stat" | awk '{ print $12 + $13 + $14 + $15 }'; }
# Reports the share of the processor time that other processes used since the start.
report_other_load() { # at the start: used by all, available, used by this script
	echo "$* $(ticks_all) $(ticks_ours)" |
		awk '{ n = ($4 - $1 - $6 + $3) * 100 / ($5 - $2); printf "others %.0f percent\n", n < 0 ? 0 : n }' | report
}

build_tools
choose_ports
ticks_before="$(ticks_all) $(ticks_ours)"
set_settings
status_path='/kyc/status?email=ana%40example.com'
gib=$(awk '/MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)
echo "# $(nproc) cores, $gib GiB of memory; load before: $(cut -d ' ' -f 1-3 /proc/loadavg)"
echo "# wrk on the same cores: 1 thread at 1 connection, else 2; medians of 3 (reads) or 5 (writes) rounds of $seconds s"
"$tmp/write_baseline" flush "$tmp" 3 | report
set_up_person
start_production
report_startup start
echo "resident_start $(resident "$server") MiB" | report
read_approved >/dev/null || fail "the person is not approved before the measurement"
if [ "${BENCH_ONLY:-all}" = wallets ]; then
	measure_wallet_routes
	stop_kycd
	# shellcheck disable=SC2086 # three numbers
	report_other_load $ticks_before
	exit $((faults > 0))
fi
start_nginx_with_status_size
for connections in 1 64 256; do
	for round in $read_rounds; do measure_status $connections; done
	report_medians
done
echo "resident_status_256 $(cat "$tmp/resident") MiB" | report
measure_wallet_routes
for connections in 1 64 256; do
	for round in $write_rounds; do measure_prepare $connections "$round"; done
	report_medians
done
echo "resident_prepare_256 $(cat "$tmp/resident") MiB" | report
measure_connection_counts
read_approved >/dev/null || fail "the person is not approved after the measurement"
stop_kycd
echo "people $(sqlite3 "$tmp/kycd.db" 'SELECT count(*) FROM users') count" | report
start_production
report_startup start_full
stop_kycd
stop_nginx
run_node_benchmark mail_latency.mjs
run_node_benchmark hostile_clients.mjs
# shellcheck disable=SC2086 # three numbers
report_other_load $ticks_before
for connections in 1 64 256; do compare_with_minimum status_${connections}_to_nginx 0.30; done
compare_with_minimum prepare_1_to_sqlite 0.50
for connections in 64 256; do compare_with_minimum prepare_${connections}_to_sqlite 3.50; done
compare_with_minimum hostile_rate_kept 0.90
compare_with_maximum status_64_p99 10
compare_with_maximum prepare_64_p99 30
compare_with_maximum mail_p99 1000
compare_with_maximum verify_100_p99 5
compare_with_maximum start_full 50
compare_with_maximum resident_start 16
compare_with_maximum resident_status_256 40
compare_with_maximum resident_prepare_256 40
[ $faults -eq 0 ] || exit 1
