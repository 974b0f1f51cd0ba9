#!/usr/bin/env bash
# Grants the app's identity the Microsoft Graph permission Application.Read.All. An admin (Privileged Role Administrator)
# runs it.
#
#   bash infra/graph/grant.sh [object id of the identity]
#
# It does the same as grant.bicep, without Bicep. It is safe to run again.
set -euo pipefail

here="$(dirname "${BASH_SOURCE[0]}")"
application_read_all=9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30
principal="${1:-${LKPS_IDENTITY_PRINCIPAL_ID:-}}"

status=0
bash "$here/check.sh" "$principal" >/dev/null || status=$?
case $status in
  0)
    echo "Nothing to do: $principal may read app registrations already."
    exit 0
    ;;
  1) ;;
  *) exit "$status" ;;
esac

graph="$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)"
# Microsoft Graph's service principal has a different object id in each tenant.
resource="$(az ad sp show --id 00000003-0000-0000-c000-000000000000 --query id --output tsv)"
body="{\"principalId\":\"$principal\",\"resourceId\":\"$resource\",\"appRoleId\":\"$application_read_all\"}"
# Fails if somebody else grants it at the same moment, so only the result counts.
az rest --method POST --url "${graph%/}/v1.0/servicePrincipals/$resource/appRoleAssignedTo" \
  --headers 'Content-Type=application/json' --body "$body" --output none || true
bash "$here/check.sh" "$principal"
