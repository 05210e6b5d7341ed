# The front door. meson.build has the build, tools/ has the checks; here is only what one does with them.
MAKEFLAGS += --no-print-directory
# A warning is an error with the compiler that the tests run with; a newer one may know new warnings.
WERROR := $(if $(filter 12,$(shell gcc -dumpversion 2>/dev/null)),true,false)
WATCHED = -Db_lundef=false -Dtests=enabled -Dwerror=$(WERROR) -Db_sanitize
, := ,
ninja = ninja -C $(1) $(if $(CI),,--quiet)
# 1: compiler, 2: options. Meson's many lines are shown only when it fails.
configure = tools/configure.sh $(@D) $(1) $(2)

all: build/build.ninja
	@$(call ninja,build)

help:
	@sed -n 's/^#: \{0,1\}//p' Makefile

#: kycd — what you can do here
#:
#:   make                build, optimised                      build/kycd
#:   make run            install what is missing, build, start in dev mode
#:   make debug          build with ASan and UBSan             build-debug/kycd
#:   make test           make check, then every test           a quarter of an hour
#:   make test-unit      only the rules and the small rooms    seconds
#:   make check          layers, words, sizes, format, tidy, stand-alone headers
#:   make asan tsan      the tests again, watched; with asan the journeys too
#:   make fuzz T=json    fuzz one target for a minute          build-fuzz/
#:   make bench          throughput beside this disk's flush time, SQLite and pgbench
#:   make cover          what the tests do not reach           build-cover/
#:   make setup          install what is missing (run and test call it; sudo only when not root)
#:   make tour           read the source in its stops
#:   make clean          remove what was built

setup:
	@tools/setup.sh test

run:
	@tools/setup.sh build
	@$(MAKE) all
	@build/kycd serve --dev

debug: build-debug/build.ninja
	@$(call ninja,build-debug)

test: setup
	@$(MAKE) all debug
	@$(MAKE) check
	@tools/test.sh build-debug build/kycd

test-unit: build-debug/build.ninja
	@tools/test.sh build-debug - --suite unit

check: all
	@tools/check.sh

asan: debug
	@tools/test.sh build-debug build-debug/kycd

tsan: build-tsan/build.ninja
	@$(call ninja,build-tsan)
	@tools/test.sh build-tsan -

T ?= json
fuzz: build-fuzz/build.ninja
	@$(call ninja,build-fuzz) fuzz/fuzz_$(T)
	@mkdir -p build-fuzz/corpus/$(T)
	@build-fuzz/fuzz/fuzz_$(T) -max_total_time=60 -timeout=5 -artifact_prefix=build-fuzz/ build-fuzz/corpus/$(T) fuzz/seeds/$(T)

bench:
	@tools/setup.sh bench
	@$(MAKE) all
	@bench/run.sh
	@for name in postgres duplicate_mails cost_per_person; do (cd tests && ../tools/with_postgres.py node ../bench/$$name.mjs) || exit 1; done

cover:
	@tools/setup.sh cover
	@$(MAKE) build-cover/build.ninja
	@$(call ninja,build-cover)
	@tools/test.sh build-cover build-cover/kycd
	@gcovr --root . --filter src/ --exclude-unreachable-branches --print-summary --branches \
		--html-details build-cover/cover.html build-cover

tour:
	@tools/tour.sh

clean:
	rm -rf build build-*

build/build.ninja:
	@$(call configure,gcc,--buildtype=release -Ddebug=true -Dtests=disabled -Dwerror=$(WERROR))
build-debug/build.ninja:
	@$(call configure,gcc,$(WATCHED)=address$(,)undefined)
build-tsan/build.ninja:
	@$(call configure,gcc,$(WATCHED)=thread)
build-fuzz/build.ninja:
	@$(call configure,clang,$(WATCHED)=address$(,)undefined -Dfuzz=true)
build-cover/build.ninja:
	@$(call configure,gcc,--buildtype=debug -Db_coverage=true -Dtests=enabled)

.PHONY: all help setup run debug test test-unit check asan tsan fuzz bench cover tour clean
