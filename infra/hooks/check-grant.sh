#!/usr/bin/env bash
# azd's postprovision hook: stops `azd up` before the app is deployed unless the grant is there. Otherwise, the app's first
# call would cache a token without the permission for about a day. It names the next command.
set -uo pipefail

bash "$(dirname "${BASH_SOURCE[0]}")/../graph/check.sh" "$@"
status=$?
# A pipeline's identity may not read the directory, and somebody has deployed the environment by hand before.
if [[ $status -eq 2 && (${CI:-} == true || ${TF_BUILD:-} == True || ${LKPS_SKIP_GRANT_CHECK:-} == true) ]]; then
  echo "The deployment continues without this check. If the smoke test finds directory_access_denied, the grant is missing." >&2
  status=0
fi
if [[ $status -eq 2 ]]; then
  cat >&2 <<'TEXT'
The app was not deployed, because without the grant its first call would cache a useless token for about a day. Fix the
above and run: azd up. If you know that the grant is there, skip this check: azd env set LKPS_SKIP_GRANT_CHECK true
TEXT
elif [[ ${LKPS_CALLER_IDENTITY:-gateway-header} != gateway-header && -z ${ENTRA_AUDIENCE:-} ]]; then
  # Without it, the app does not start.
  [[ $status -eq 1 ]] || echo "The client id of LKPS's own app registration is missing. An admin's command prints it:

  bash infra/graph/registration.sh ${LKPS_REGISTRATION_NAME:-NAME} ${1:-${LKPS_IDENTITY_PRINCIPAL_ID:-OBJECT_ID}}
"
  echo "Then set the client id that the command printed, and continue: azd env set ENTRA_AUDIENCE CLIENT_ID && azd up"
  exit 1
elif [[ $status -eq 1 ]]; then
  echo "Then continue with: azd up"
else
  echo "Next, unless you ran azd up: azd deploy"
fi
exit "$status"
