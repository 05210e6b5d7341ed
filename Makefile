# Shortcuts for the common commands. The build itself is in meson.build, the checks are in tools/.
MAKEFLAGS += --no-print-directory
# Warnings are errors only with gcc 12, the compiler of Debian 12: a newer one may have new warnings.
WERROR := $(if $(filter 12,$(shell gcc -dumpversion 2>/dev/null)),true,false)
# Less optimisation halves the time of the build. The warnings that need more come from the release build.
SANITIZED = -Doptimization=1 -Db_lundef=false -Dtests=enabled -Dwerror=$(WERROR) -Db_sanitize
, := ,
ninja = ninja -C $(1) $(if $(CI),,--quiet)
# 1: compiler, 2: options. tools/configure.sh prints Meson's output only if it fails.
configure = tools/configure.sh $(@D) $(1) $(2)

all: build/build.ninja
	@$(call ninja,build)

help:
	@sed -n 's/^#: \{0,1\}//p' Makefile

#: kycd: make targets
#:
#:   make                build with optimisation               build/kycd
#:   make run            install missing packages, build, start in development mode
#:   make debug          build with ASan and UBSan             build-debug/kycd
#:   make test           make check and all tests              about 40 minutes
#:   make test-unit      only the unit tests                   seconds
#:   make clients        packages of the client libraries    build-clients/
#:   make check          layers, forbidden words, sizes, format, spelling, headers, static analysis
#:   make asan           all tests with ASan and UBSan
#:   make tsan           all tests with TSan, without the end-to-end tests
#:   make fuzz T=json    fuzz one target for a minute          build-fuzz/
#:   make screenshots    every page in three widths, light and dark, in English and Arabic   build-screenshots/index.html
#:   make bench          throughput compared with the disk's flush, SQLite, nginx and pgbench
#:   make cover          run all tests, report the coverage    build-cover/cover.html
#:   make deb            build a Debian package             build-deb/
#:   make test-deb       install, upgrade and purge it in a fresh Debian 12 (needs root and debootstrap)
#:   make sbom           print the software bill of materials (CycloneDX)
#:   make reproducible   build twice in different folders and compare
#:   make setup          install missing packages (`make run` and `make test` do it; uses sudo unless run as root)
#:   make reading-guide  print the comments that lead through the source
#:   make clean          remove the build folders

setup:
	@tools/setup.sh test

run:
	@tools/run_dev.sh

debug: build-debug/build.ninja
	@$(call ninja,build-debug)

test: setup
	@$(MAKE) all debug clients
	@tools/test_all.sh

clients:
	@tools/clients.sh

test-unit: build-debug/build.ninja
	@tools/test.sh build-debug - --suite unit

check: all
	@tools/check.sh

asan: debug clients
	@tools/test.sh build-debug build-debug/kycd

tsan: build-tsan/build.ninja
	@$(call ninja,build-tsan)
	@tools/test.sh build-tsan -

T ?= json
fuzz: build-fuzz/build.ninja
	@$(call ninja,build-fuzz) fuzz/fuzz_$(T)
	@mkdir -p build-fuzz/corpus/$(T)
	@build-fuzz/fuzz/fuzz_$(T) -max_total_time=60 -timeout=5 -artifact_prefix=build-fuzz/ build-fuzz/corpus/$(T) fuzz/seeds/$(T)

screenshots: all
	@cd tests && { [ -d node_modules ] || npm ci --no-audit --no-fund; } && KYCD=$(CURDIR)/build/kycd node screenshots.mjs $(CURDIR)/build-screenshots

bench:
	@tools/setup.sh bench
	@$(MAKE) all
	@bench/run.sh
	@for name in postgres duplicate_mails cost_per_person events; do (cd tests && ../tools/with_postgres.py node ../bench/$$name.mjs) || exit 1; done

cover:
	@tools/setup.sh cover
	@$(MAKE) build-cover/build.ninja
	@$(call ninja,build-cover)
	@$(MAKE) clients
	@tools/test.sh build-cover build-cover/kycd
	@gcovr --root . --filter src/ --exclude-unreachable-branches --print-summary --branches \
		--html-details build-cover/cover.html build-cover

deb:
	@tools/setup.sh deb
	@$(MAKE) all
	@tools/build_deb.sh

test-deb:
	@tools/setup.sh deb
	@$(MAKE) all
	@tools/test_deb.sh

sbom: all
	@tools/sbom.py build/kycd "$$(build/kycd version | sed 's/^kycd \([^,]*\).*/\1/')"

reproducible:
	@tools/setup.sh deb
	@tools/reproducible.sh

reading-guide:
	@tools/reading_guide.sh

clean:
	rm -rf build build-*

build/build.ninja:
	@$(call configure,gcc,--buildtype=release -Ddebug=true -Dtests=disabled -Dwerror=$(WERROR))
build-debug/build.ninja:
	@$(call configure,gcc,$(SANITIZED)=address$(,)undefined)
build-tsan/build.ninja:
	@$(call configure,gcc,$(SANITIZED)=thread)
build-fuzz/build.ninja:
	@$(call configure,clang,$(SANITIZED)=address$(,)undefined -Dfuzz=true)
build-cover/build.ninja:
	@$(call configure,gcc,--buildtype=debug -Db_coverage=true -Dtests=enabled)

.PHONY: all help setup run debug test clients test-unit check asan tsan fuzz bench screenshots cover deb test-deb sbom reproducible reading-guide clean
