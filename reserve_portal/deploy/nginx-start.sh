#!/bin/sh
# Fills the two templates beside this file from the environment and starts nginx in the foreground.
set -eu
here="$(dirname "$(readlink -f "$0")")"
names='${UPSTREAM} ${HTTP_PORT} ${HTTPS_PORT} ${SERVER_NAME} ${ACME_FOLDER} ${CERTIFICATE} ${CERTIFICATE_KEY} ${FILES_FOLDER} ${WORK_FOLDER}'
mkdir -p "$WORK_FOLDER"
envsubst "$names" <"$here/nginx-site.conf" >"$WORK_FOLDER/site.conf"
envsubst "$names" <"$here/nginx.conf" >"$WORK_FOLDER/nginx.conf"
exec nginx -c "$WORK_FOLDER/nginx.conf" -g "daemon off; ${NGINX_MORE:-}"
