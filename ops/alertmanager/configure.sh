#!/bin/sh
# Writes Alertmanager's configuration into a directory, from the environment, which Alertmanager does not read itself:
#   ALERTS_EMAIL, with ALERTS_FROM, ALERTS_SMTP (host:port), ALERTS_SMTP_USER and ALERTS_SMTP_PASSWORD
#   ALERTS_WEBHOOK, an address that takes Alertmanager's JSON; its path may be a secret
# Either or both.
set -eu
umask 077
directory=$1

if [ -z "${ALERTS_EMAIL:-}${ALERTS_WEBHOOK:-}" ]; then
    echo "Set ALERTS_EMAIL or ALERTS_WEBHOOK: alerts would go nowhere." >&2
    exit 1
fi
if [ -n "${ALERTS_EMAIL:-}" ]; then
    : "${ALERTS_FROM:?set ALERTS_FROM}" "${ALERTS_SMTP:?set ALERTS_SMTP}"
fi

quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"; }

{
    cat <<'END'
# What pages somebody is told after half a minute and again every hour; the rest once a day.
route:
  receiver: operators
  group_by: [alertname]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 24h
  routes:
    - matchers: ['severity="page"']
      receiver: operators
      repeat_interval: 1h

# What follows from something larger that is told already.
inhibit_rules:
  - source_matchers: ['alertname="DatabaseAway"']
    target_matchers: ['alertname=~"Errors|Slow|ClockStopped|NoWorker|TasksFail|SamplingStuck"']
  - source_matchers: ['alertname="BrokerAway"']
    target_matchers: ['alertname=~"ClockStopped|NoWorker|TasksFail|SamplingStuck"']

receivers:
  - name: operators
END
    if [ -n "${ALERTS_EMAIL:-}" ]; then
        printf %s "${ALERTS_SMTP_PASSWORD:-}" > "$directory/smtp_password"
        cat <<END
    email_configs:
      - to: $(quoted "$ALERTS_EMAIL")
        from: $(quoted "$ALERTS_FROM")
        smarthost: $(quoted "$ALERTS_SMTP")
        send_resolved: true
END
        if [ -n "${ALERTS_SMTP_USER:-}" ]; then
            cat <<END
        auth_username: $(quoted "$ALERTS_SMTP_USER")
        auth_password_file: $(quoted "$directory/smtp_password")
END
        fi
    fi
    if [ -n "${ALERTS_WEBHOOK:-}" ]; then
        printf %s "$ALERTS_WEBHOOK" > "$directory/webhook"
        cat <<END
    webhook_configs:
      - url_file: $(quoted "$directory/webhook")
        send_resolved: true
END
    fi
} > "$directory/alertmanager.yml"
