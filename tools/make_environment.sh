#!/bin/sh
# Makes the environment with a Python that fits: make_environment.sh FOLDER [PYTHON]
set -eu
folder=$1
fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
for python in ${2:-python3.11 python3.12 python3.13 python3}; do
  if "$python" -c "$fits" >/dev/null 2>&1; then
    echo "Enmusubi and its packages take about 3 GB of disk and a few minutes, this once."
    echo "Step 1 of 3: the environment $folder with $("$python" --version)"
    if "$python" -m venv "$folder"; then
      exit 0
    fi
    rm -rf "$folder"
    echo "$python cannot make environments here: on Debian and Ubuntu install its package" >&2
    echo "'python3-venv' (or 'python3.11-venv'), then run the command again." >&2
    exit 1
  fi
done
echo "Enmusubi needs Python 3.11, 3.12 or 3.13, and found none (looked for: ${2:-python3.11 python3.12 python3.13 python3})." >&2
echo "Install your system's package 'python3.11', or name one: make PYTHON=/path/to/python3.11 demo" >&2
exit 1
