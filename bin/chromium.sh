#!/usr/bin/env bash
# Chromium for the browser tests, through the system's package manager where this user may use it.
set -u
if command -v chromium >/dev/null; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing Chromium for the browser tests ..."
  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-core fonts-noto-cjk) >/dev/null \
    || echo "Chromium could not be installed; the browser tests will say so."
else
  echo "No Chromium here, and this user may not install it; the browser tests will say so."
fi
exit 0
