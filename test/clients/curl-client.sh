#!/bin/sh
# curl --data-binary @file: Content-Length, and Expect: 100-continue above 1 MiB. A process for each call.
tab=$(printf '\t')
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
while IFS= read -r line; do
  # Empty fields must stay: the shell would take two tabs for one.
  rest=$line
  for field in url path id secret type; do
    eval "$field=\${rest%%\"\$tab\"*}"
    rest=${rest#*"$tab"}
  done
  # -H 'Name: ' without a value makes curl leave the header out.
  if status=$(curl --silent --show-error --output "$answer" --write-out '%{http_code}' --request POST "$url" \
    --header "Content-Type: $type" --header "X-NCP-APIGW-API-KEY-ID: $id" --header "X-NCP-APIGW-API-KEY: $secret" \
    --data-binary "@$path" 2>&1); then
    printf '%s\t%s\n' "$status" "$(base64 < "$answer" | tr -d '\n')"
  else
    printf 'failed\t%s\n' "$(printf '%s' "$status" | base64 | tr -d '\n')"
  fi
done
