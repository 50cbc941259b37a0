#!/bin/sh
# Writes into .env, which compose reads, the images of compose.yaml by the digest that the registry names
# now: pin_images.sh [FILE]. Needs docker with buildx and the registry; run it anew to take a newer image.
set -eu
file=${1:-.env}
python=${PYTHON_TAG:-python:3.11-slim}
postgres=${POSTGRES_TAG:-postgres:17}
digest_of() {
  found=$(docker buildx imagetools inspect "$1" --format '{{.Manifest.Digest}}') || {
    echo "The registry does not tell the digest of $1. Check the network, or ask one that has the image:" >&2
    echo "  docker image inspect $1 --format '{{index .RepoDigests 0}}'" >&2
    exit 1
  }
  case $found in
    sha256:*) printf '%s@%s\n' "$1" "$found" ;;
    *) echo "The registry answered '$found' for $1, expected sha256:…" >&2; exit 1 ;;
  esac
}
python_image=$(digest_of "$python")
postgres_image=$(digest_of "$postgres")
touch "$file"
rest=$(grep -v -E '^(PYTHON_IMAGE|POSTGRES_IMAGE)=' "$file" || true)
{
  [ -z "$rest" ] || printf '%s\n' "$rest"
  printf 'PYTHON_IMAGE=%s\nPOSTGRES_IMAGE=%s\n' "$python_image" "$postgres_image"
} > "$file.new"
mv "$file.new" "$file"
echo "$file: $python_image, $postgres_image"
