#!/usr/bin/env bash
# Makes the azd environment of the gateway from that of LKPS which is selected, or brings it up to date:
#
#   bash infra/gateway/connect.sh
set -euo pipefail

here="$(dirname "${BASH_SOURCE[0]}")"
values="$(azd env get-values --cwd "$here/../..")"
value() {
  sed -n "s/^$1=\"\(.*\)\"$/\1/p" <<<"${values//$'\r'/}"
}
for needed in LKPS_LIVE_KEY_SECRET ENTRA_AUDIENCE AZURE_TENANT_ID; do
  [[ -n $(value "$needed") ]] || { echo "The environment $(value AZURE_ENV_NAME) has no $needed: first deploy LKPS, docs/deploy.md." >&2; exit 1; }
done
[[ $(value LKPS_CALLER_IDENTITY) != access-token ]] || { echo "LKPS expects no gateway, and keeps no key for one: first deploy it with another CALLER_IDENTITY, docs/gateway.md." >&2; exit 1; }
environment="gateway-$(value AZURE_ENV_NAME)"
# With an app beside the live one, deploy to the slot that calls it.
slot=production
[[ $(value LKPS_FUNCTION_APP) == "$(value LKPS_LIVE_FUNCTION_APP)" ]] || slot=staging

if [[ -d $here/.azure/$environment ]]; then
  azd env select "$environment" --cwd "$here"
else
  azd env new "$environment" --no-prompt --cwd "$here" \
    --subscription "$(value AZURE_SUBSCRIPTION_ID)" --location "$(value AZURE_LOCATION)"
  azd env set LKPS_TRIAL true --cwd "$here"
fi
file="$(mktemp)"
trap 'rm -f "$file"' EXIT
{
  grep -E '^(LKPS_[A-Z_]+|AZURE_TENANT_ID|ENTRA_AUDIENCE|PUBLIC_BASE_URL|CORS_ORIGINS)=' <<<"${values//$'\r'/}"
  echo "AZD_DEPLOY_GATEWAY_SLOT_NAME=\"$slot\""
} >"$file"
azd env set --file "$file" --cwd "$here"
cat <<TEXT
The azd environment of the gateway is $environment. Next: (cd $here && azd up)
Its smoke test registers two trial applications in Entra ID and deletes them. To do without: azd env set LKPS_TRIAL false
TEXT
