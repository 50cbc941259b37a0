#!/bin/sh
# Creates the ordinary role and the database that the service uses. PostgreSQL's superuser passes by
# row-level security, so the service must never connect as one.
#
# Run once by the database's image; on a server of your own:
#   PGUSER=postgres ENMUSUBI_PASSWORD_FILE=/etc/enmusubi/database_password sh deploy/create-role.sh
set -eu
password=$(cat "${ENMUSUBI_PASSWORD_FILE:-/run/secrets/enmusubi_password}")
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=password="$password" \
  --username="${POSTGRES_USER:-${PGUSER:-postgres}}" --dbname=postgres <<'SQL'
CREATE ROLE enmusubi LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE enmusubi OWNER enmusubi TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE enmusubi FROM PUBLIC;
SQL
