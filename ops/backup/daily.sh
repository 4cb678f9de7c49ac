#!/bin/sh
# A backup a day, from a container that does nothing else: one as it starts where the last is older, then by the clock.
# One that fails is tried again after a quarter of an hour.
set -eu
: "${BACKUPS:?set BACKUPS to a directory}"

trap 'exit 0' TERM INT
while true; do
    if [ -z "$(find "$BACKUPS" -maxdepth 1 -name 'daily-*' -mmin -1440)" ]; then
        sh "$(dirname "$0")/once.sh" || echo "The backup failed; the next try is in a quarter of an hour." >&2
    fi
    sleep 900 &
    wait $!
done
