# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The detent authors
# SPDX-License-Identifier: MIT
#
# Sourced by demo and test: makes sure that Debian packages are installed.

# Installs what is missing of the packages named, as root or through sudo without a password;
# otherwise prints the one line that installs them and ends the script with exit code 2.
ensure_packages() {
  if ! command -v dpkg-query >/dev/null; then
    echo "not a Debian system; these packages or their like must be there: $*" >&2
    return
  fi
  local package status missing=()
  for package in "$@"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $status == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  local as_root=()
  if ((EUID != 0)); then
    if ! sudo -n true 2>/dev/null; then
      echo "packages are missing; this line installs them:" >&2
      echo "sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
      exit 2
    fi
    as_root=(sudo -n)
  fi
  echo "installing ${missing[*]}"
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# Installs wheels, name==version each, where they are missing, each in an environment of its own:
# build/venv/name-version. Without a network the tests that need them are skipped.
ensure_wheels() {
  local wheel folder
  for wheel in "$@"; do
    folder=build/venv/${wheel/==/-}
    [[ -f $folder/complete ]] && continue
    rm -rf "$folder"
    if python3 -m venv "$folder" &&
      "$folder/bin/pip" install -q --disable-pip-version-check --no-deps --only-binary :all: "$wheel"; then
      touch "$folder/complete"
    else
      echo "no wheel $wheel: the tests with it are skipped" >&2
    fi
  done
}
