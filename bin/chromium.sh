#!/usr/bin/env bash
# Chromium for the browser tests, through the system's package manager where this user may use it: the engine without
# windows, in which they need a third of the time, and the whole browser, in which `make bench` measures.
set -u
has() { command -v "$1" >/dev/null; }
if has chromium && has chromium-headless-shell; then exit 0; fi
if [ "$(id -u)" = 0 ] && has apt-get; then
  # A system that has no such package is not asked for it each time.
  if has chromium && ! apt-cache show chromium-headless-shell >/dev/null 2>&1; then exit 0; fi
  echo "Installing Chromium for the browser tests ..."
  apt-get update -qq >/dev/null
  for package in chromium chromium-headless-shell fonts-noto-core fonts-noto-cjk; do
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1 \
      || echo "$package could not be installed."
  done
fi
if ! has chromium && ! has chromium-headless-shell; then
  echo "No Chromium here, and this user may not install it; the browser tests will say so."
fi
exit 0
