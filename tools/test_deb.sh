#!/bin/bash
# Installs, upgrades and purges the Debian package in a fresh Debian 12 system, which debootstrap creates in a temporary folder. Follows
# the manual page kycd(8) from the installation to the first approved person. Needs root, debootstrap and a mirror of Debian.
# Environment: DEBIAN_MIRROR, the URL of the mirror (default: the first one of apt's own sources).
# shellcheck disable=SC2016 # the single quotes keep the variables for the shell inside
set -eu
cd "$(dirname "$0")/.."
if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
	echo 'tools/test_deb.sh: needs root and the package debootstrap' >&2
	exit 1
fi
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Codename: bookworm' | head -n 1)}
architecture=$(dpkg --print-architecture)
root=$(mktemp -d)
chmod 0755 "$root" # the user kycd reads it as the root folder
cleanup() {
	[ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
	umount "$root/proc" 2>/dev/null || true
	rm -rf "$root"
}
trap cleanup EXIT
step() { printf '\n== %s\n' "$*"; }
inside() { chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root "$@"; }
fail() {
	echo "tools/test_deb.sh: $*" >&2
	exit 1
}

step 'Build two versions of the package'
old=$(DEB_VERSION=0.1.9 tools/build_deb.sh)
new=$(tools/build_deb.sh)

step 'Create a Debian 12 system'
debootstrap --variant=minbase --include=ca-certificates,curl,man-db,init-system-helpers,bash-completion bookworm "$root" "$mirror" >"$root.log" 2>&1 ||
	{ tail -n 20 "$root.log"; fail 'debootstrap failed'; }
rm -f "$root.log"
cp /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
mount -t proc proc "$root/proc"
find "$root/etc" "$root/var/lib" "$root/usr" -not -path '*/var/lib/dpkg/*' -not -path '*/var/lib/apt/*' | LC_ALL=C sort >"$root/files.before"

step "Install $old"
cp "$old" "$root/old.deb" && cp "$new" "$root/new.deb"
inside apt-get install -y -q --no-install-recommends ./old.deb >/dev/null 2>"$root/errors" || { cat "$root/errors"; fail 'the installation failed'; }
inside kycd version
assert_mode() { [ "$(inside stat -c '%a %U:%G' "$1")" = "$2" ] || fail "$1 is not $2"; }
assert_mode /etc/kycd '750 root:kycd'
assert_mode /etc/kycd/kycd.conf '640 root:kycd'
assert_mode /etc/kycd/secret_key '640 root:kycd'
assert_mode /var/lib/kycd '700 kycd:kycd'
inside man -w kycd kycd.conf
inside test -h /etc/systemd/system/multi-user.target.wants/kycd.service || fail 'the service is not enabled'

step 'Settings that are not complete are refused; complete ones are accepted'
if inside sh -c 'cd /etc/kycd && runuser -u kycd -- kycd config check' 2>"$root/errors"; then fail 'empty secrets were accepted'; fi
cat "$root/errors"
inside sh -c 'cd /etc/kycd && echo smtps://user:password@mail.example.com:465 >smtp_url && echo key >didit_api_key && echo 0123456789abcdef0123456789abcdef >didit_webhook_secret'
inside sh -c 'cd /etc/kycd && runuser -u kycd -- kycd config check && runuser -u kycd -- kycd db migrate && runuser -u kycd -- kycd tenant add acme && runuser -u kycd -- kycd key create --tenant acme >/dev/null'
key_before=$(sha256sum <"$root/etc/kycd/secret_key")

step 'The first approved person, as kycd(8) describes'
chroot "$root" runuser -u kycd -- sh -c 'mkdir -p /tmp/kycd && cd /tmp/kycd && exec kycd serve --dev' >"$root/serve.log" 2>&1 &
server=$!
inside man -P cat kycd | sed 's/\xe2\x80\x90/-/g' >"$root/page.txt"
inside sh -c '
	set -eu
	api=http://127.0.0.1:8080 json="Content-Type: application/json" person="\"email\":\"ana@example.com\""
	curl -sf --retry 30 --retry-delay 1 --retry-connrefused -o /dev/null $api/health/ready
	curl -sf $api/kyc/prepare -H "$json" -d "{$person}" >/dev/null
	curl -sf $api/security/email/send-otp -H "$json" -d "{$person}" >/dev/null
	code=
	for _ in $(seq 100); do
		code=$(curl -s "$api/sandbox/inbox?to=ana@example.com" | grep -o "\"text\":\"[0-9]*" | head -n 1 | grep -o "[0-9]*$" || true)
		[ -z "$code" ] || break
		sleep 0.1
	done
	curl -sf $api/security/email/verify-otp -H "$json" -d "{$person,\"code\":\"$code\"}" >/dev/null
	url=$(curl -sf $api/kyc/create/verify_public_kyc -H "$json" -d "{$person}" | grep -o "http[^\"]*session/[^\"]*")
	curl -sf "$url/submit" -H "$json" -d "{\"scenario\":\"approve\"}" >/dev/null
	for _ in $(seq 100); do
		status=$(curl -s $api/kyc/status -H "$json" -d "{$person}")
		case $status in *\"approved\":true*) break ;; esac
		sleep 0.1
	done
	echo "$status" | grep "\"approved\":true"
'
kill "$server"
wait "$server" || true
server=
grep -q 'curl -s $api/kyc/prepare -H "$json" -d "{$person}"' "$root/page.txt" || fail 'the commands of kycd(8) differ from those of this test'

step "Upgrade to $new"
echo '# changed by the operator' >>"$root/etc/kycd/kycd.conf"
inside apt-get install -y -q --no-install-recommends ./new.deb >/dev/null 2>"$root/errors" || { cat "$root/errors"; fail 'the upgrade failed'; }
inside kycd version
grep -q '# changed by the operator' "$root/etc/kycd/kycd.conf" || fail 'the upgrade replaced kycd.conf'
test "$(sha256sum <"$root/etc/kycd/secret_key")" = "$key_before" || fail 'the upgrade replaced the master key'
inside sh -c 'cd /etc/kycd && runuser -u kycd -- kycd tenant list' | grep acme
inside sh -c 'cd /etc/kycd && runuser -u kycd -- kycd db check'

step 'Remove keeps settings and data'
inside apt-get remove -y -q kycd >/dev/null 2>&1
for file in etc/kycd/secret_key var/lib/kycd/kycd.db; do
	[ -e "$root/$file" ] || fail "remove deleted $file"
done
[ ! -e "$root/usr/bin/kycd" ] || fail 'remove left the program'
inside apt-get install -y -q --no-install-recommends ./new.deb >/dev/null 2>&1
inside sh -c 'cd /etc/kycd && runuser -u kycd -- kycd tenant list' | grep acme

step 'Purge leaves nothing'
inside apt-get purge -y -q kycd >/dev/null 2>&1
inside apt-get autoremove -y -q --purge >/dev/null 2>&1
find "$root/etc" "$root/var/lib" "$root/usr" -not -path '*/var/lib/dpkg/*' -not -path '*/var/lib/apt/*' | LC_ALL=C sort >"$root/files.after"
sed "s|^$root||" "$root/files.before" >"$root/before" && sed "s|^$root||" "$root/files.after" >"$root/after"
left=$(comm -13 "$root/before" "$root/after" | grep -v -e '^/etc/\(passwd\|group\|shadow\|gshadow\|subuid\|subgid\)-\?$' -e '^/etc/ld.so.cache$' -e '/var/lib/systemd$' || true)
echo "${left:-nothing is left}"
case $left in *kycd*) fail 'files of kycd are left' ;; esac

step 'The package is reproducible'
first=$(sha256sum <"$new")
tools/build_deb.sh >/dev/null
test "$first" = "$(sha256sum <"$new")" || fail 'a second package of the same program differs'
echo "kycd: the package installs, upgrades and purges cleanly on Debian 12 ($architecture)"
