#!/bin/sh
# Tells one file of stories, $1, and says at once all that it said: several are told beside each other. One that does not end
# is stopped, and named. Ends with 0 in any case; a line "exit N FILE" tells of failure.
cd "$(dirname "$0")/../tests" || exit 1
said=$(timeout -k 5 240 node --test --test-reporter=spec "e2e/$1" 2>&1)
status=$?
printf '%s\n%s\n' "--- $1" "$said"
case $status in
0) ;;
124 | 137) echo "exit $status $1 was stopped: it did not end within 240 s" ;;
*) echo "exit $status $1" ;;
esac
