#!/usr/bin/env bash
# Installs what tests need and npm does not bring: redis-server and nginx for test/scale, chromium for test/browser,
# postgres and dovecot for test/toolbox, prometheus with promtool for test/telemetry, from Debian or Ubuntu. Starts no
# service.
# Does nothing when they are there. Ends with 1, and says what is missing, where it may not install.
set -euo pipefail
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
find_postgres() {
  for folder in /usr/lib/postgresql/*/bin; do PATH="$PATH:$folder"; done
}
find_postgres

missing() {
  for tool in redis-server nginx chromium postgres dovecot prometheus promtool; do command -v "$tool" >/dev/null || echo "$tool"; done
}

give_up() {
  echo "install-test-tools: missing: $(missing | paste -sd' '). $1" >&2
  exit 1
}

[ -z "$(missing)" ] && exit 0
command -v apt-get >/dev/null || give_up "There is no apt-get here; install them with this system's own means."
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  sudo -n true 2>/dev/null || give_up "Run this script as root, or: sudo apt-get install redis-server nginx-light chromium postgresql dovecot-imapd prometheus"
  as_root=(sudo -n)
fi

# A package starts its service as it is installed, unless this file says no (101).
policy=/usr/sbin/policy-rc.d
own_policy=
if [ ! -e "$policy" ]; then
  own_policy=1
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
fi
log=$(mktemp)
clean_up() {
  rm -f "$log"
  [ -z "$own_policy" ] || "${as_root[@]}" rm -f "$policy"
}
trap clean_up EXIT

packages=()
for tool in $(missing); do
  case "$tool" in
    nginx) packages+=(nginx-light) ;;
    postgres) packages+=(postgresql) ;;
    dovecot) packages+=(dovecot-imapd) ;;
    promtool) packages+=(prometheus) ;;
    *) packages+=("$tool") ;;
  esac
done

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >>"$log" 2>&1
}

install() {
  apt install -y --no-install-recommends "$@"
}

apt update || true
install "${packages[@]}" || install "${packages[@]/nginx-light/nginx}" || {
  tail -n 5 "$log" >&2
  give_up "apt-get could not install them."
}
find_postgres
[ -z "$(missing)" ] || give_up "apt-get installed ${packages[*]}, but they are not to be found."
