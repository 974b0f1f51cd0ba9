#!/usr/bin/env bash
# azd's postprovision hook: stops `azd up` before the app is deployed if the grant is missing. Otherwise, the app's first
# call would cache a token without the permission for about a day. It names the next command.
set -uo pipefail

bash "$(dirname "${BASH_SOURCE[0]}")/../graph/check.sh" "$@"
status=$?
if [[ $status -eq 2 ]]; then
  # A pipeline's identity often lacks the permission to check. The smoke test will show whether the grant is missing.
  echo "The deployment continues without this check. If the smoke test finds directory_access_denied, the grant is missing." >&2
  exit 0
fi
[[ $status -eq 0 ]] && echo "Next, unless you ran azd up: azd deploy" || echo "Then continue with: azd deploy"
exit "$status"
