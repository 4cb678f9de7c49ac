#!/bin/sh
# One backup under $BACKUPS, named by its moment. The newest $KEEP (14) stay; what else is in the directory is not touched.
set -eu
: "${BACKUPS:?set BACKUPS to a directory}"

python manage.py backup --out "$BACKUPS/daily-$(date -u +%Y-%m-%dT%H%M%SZ)"

# node_exporter reads it there, for the alert BackupOld.
printf 'margin_backup_last_success_seconds %s\n' "$(date +%s)" > "$BACKUPS/.margin.prom"
chmod 644 "$BACKUPS/.margin.prom"
mv "$BACKUPS/.margin.prom" "$BACKUPS/margin.prom"

# What a killed run left, and then the oldest.
find "$BACKUPS" -maxdepth 1 -name '.daily-*' -mtime +0 -exec rm -rf {} +
find "$BACKUPS" -maxdepth 1 -name 'daily-*' | sort -r | tail -n "+$((${KEEP:-14} + 1))" | while read -r old; do rm -rf "$old"; done
