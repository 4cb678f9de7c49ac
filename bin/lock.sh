#!/usr/bin/env bash
# Resolves pyproject.toml in a fresh environment and writes requirements.lock. torch stays out: it is installed first,
# by its exact version, because any other build brings gigabytes of CUDA packages.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --upgrade pip
"$work/venv/bin/python" -m pip install --quiet torch==2.13.0
"$work/venv/bin/python" -m pip install --quiet . --group dev
{
  echo "# Made by make lock. torch==2.13.0 is installed before this file."
  "$work/venv/bin/python" -m pip freeze | grep -v -i -E '^(torch==|margin( |=))'
} > "$work/requirements.lock"
mv "$work/requirements.lock" requirements.lock
