#!/bin/sh
# Builds a Debian package of build/kycd into build-deb/. The same source and the same tools give the same bytes: the times are those of
# the last commit. Environment: DEB_VERSION replaces the version, for tests of upgrades.
set -eu
cd "$(dirname "$0")/.."
program=build/kycd
out=build-deb
stage=$out/stage
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
version=${DEB_VERSION:-$($program version | sed 's/^kycd \([^,]*\).*/\1/')}
architecture=$(dpkg --print-architecture)
umask 022

rm -rf "$stage"
mkdir -p "$stage/DEBIAN" "$out/debian"

install -D -m 0755 $program "$stage/usr/bin/kycd"
strip --strip-unneeded "$stage/usr/bin/kycd"
mkdir -p "$stage/lib/systemd/system"
sed 's|/usr/local/bin/kycd|/usr/bin/kycd|' packaging/kycd.service >"$stage/lib/systemd/system/kycd.service"
install -D -m 0640 packaging/debian/kycd.conf "$stage/etc/kycd/kycd.conf"
install -D -m 0644 packaging/kycd.bash-completion "$stage/usr/share/bash-completion/completions/kycd"

tools/man_pages.py $program "$out/man"
install -D -m 0644 "$out/man/kycd.8" "$stage/usr/share/man/man8/kycd.8"
install -D -m 0644 "$out/man/kycd.conf.5" "$stage/usr/share/man/man5/kycd.conf.5"
gzip -9n "$stage/usr/share/man/man8/kycd.8" "$stage/usr/share/man/man5/kycd.conf.5"

doc=$stage/usr/share/doc/kycd
mkdir -p "$doc/examples"
install -m 0644 SECURITY.md docs/*.md "$doc"
rm "$doc/plan.md" "$doc/measurements.md" # for developers
install -m 0644 CHANGELOG.md "$doc/changelog"
gzip -9n "$doc"/*.md "$doc/changelog"
install -m 0644 packaging/debian/copyright "$doc/copyright"
install -m 0644 packaging/nginx.conf packaging/nginx-console.conf packaging/Caddyfile packaging/Caddyfile-console \
	packaging/alerts.yml packaging/grafana.json kycd.conf.example "$doc/examples"
tools/sbom.py $program "$version" >"$doc/kycd.cdx.json"

# dpkg-shlibdeps finds the packages of the linked libraries; it reads debian/control.
printf 'Source: kycd\n\nPackage: kycd\nArchitecture: any\n' >"$out/debian/control"
depends=$(cd "$out" && dpkg-shlibdeps -O stage/usr/bin/kycd 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
size=$(find "$stage" -path "$stage/DEBIAN" -prune -o -type f -printf '%s\n' | awk '{ n += int(($1 + 1023) / 1024) } END { print n }')
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@DEPENDS@/$depends/" -e "s/@SIZE@/$size/" \
	packaging/debian/control.in >"$stage/DEBIAN/control"
echo /etc/kycd/kycd.conf >"$stage/DEBIAN/conffiles"
install -m 0755 packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm "$stage/DEBIAN"
(cd "$stage" && find . -path ./DEBIAN -prune -o -type f -print | LC_ALL=C sort | sed 's|^\./||' | xargs md5sum) >"$stage/DEBIAN/md5sums"

package=$out/kycd_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$stage" "$package" >/dev/null
echo "$package"
