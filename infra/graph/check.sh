#!/usr/bin/env bash
# Checks whether the app's identity has the Microsoft Graph permission Application.Read.All.
#
#   bash infra/graph/check.sh [object id of the identity]
#
# Without an id, it uses LKPS_IDENTITY_PRINCIPAL_ID, which azd sets. It changes nothing.
# Exit code: 0 granted, 1 not granted, 2 az could not check (az says why).
set -euo pipefail

application_read_all=9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30
principal="${1:-${LKPS_IDENTITY_PRINCIPAL_ID:-}}"
if [[ ! $principal =~ ^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$ ]]; then
  echo "Pass the object id of the app's identity: the output LKPS_IDENTITY_PRINCIPAL_ID of the deployment." >&2
  exit 2
fi

# Other clouds have their own Graph.
if ! graph="$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)" ||
  ! roles="$(az rest --method GET --url "${graph%/}/v1.0/servicePrincipals/$principal/appRoleAssignments" \
    --query 'value[].appRoleId' --output tsv)"; then
  echo "Could not check whether $principal is allowed to read app registrations: az could not query Microsoft Graph." >&2
  exit 2
fi

if grep -qix "$application_read_all" <<<"${roles//$'\r'/}"; then
  echo "Granted: $principal may read app registrations (Application.Read.All)."
  exit 0
fi
cat <<TEXT
Not granted: $principal is not allowed to read app registrations, and LKPS would answer 503 directory_access_denied.
An admin (Privileged Role Administrator) grants it once, before the app's first call:

  az login
  bash infra/graph/grant.sh $principal

For what the permission allows, and narrower alternatives, see "The grant" in docs/deploy.md.
TEXT
exit 1
