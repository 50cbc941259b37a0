#!/bin/sh
# Makes sure that the browser tests find a Chromium and Japanese fonts, or says what to do.
set -eu
for browser in chromium chromium-browser google-chrome; do
  if command -v "$browser" >/dev/null 2>&1; then
    exit 0
  fi
done

say_what_to_do() {
  echo "$1" >&2
  echo "The browser tests (tests/web) need Chromium in the PATH, and fonts with Japanese:" >&2
  echo "  Debian, Ubuntu:  sudo apt-get install chromium fonts-noto-cjk" >&2
  echo "  Fedora:          sudo dnf install chromium google-noto-sans-cjk-fonts" >&2
  echo "Then run the command again. All other tests run without it:" >&2
  echo "  .venv/bin/python -m pytest --ignore tests/web" >&2
  exit 1
}

if ! command -v apt-get >/dev/null 2>&1; then
  say_what_to_do "There is no Chromium, and no apt-get to install it with."
elif [ "$(id -u)" -ne 0 ]; then
  say_what_to_do "There is no Chromium, and only root can install it."
fi
echo "Installing Chromium and Japanese fonts (about 500 MB) …"
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk >/dev/null; }; then
  say_what_to_do "apt-get could not install Chromium. Behind a proxy, name it first: export https_proxy=http://proxy.example:3128"
fi
