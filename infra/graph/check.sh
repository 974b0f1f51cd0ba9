#!/usr/bin/env bash
# Checks whether the app's identity has the Microsoft Graph permission Application.Read.All.
#
#   bash infra/graph/check.sh [object id of the identity]
#
# Without an id, it uses LKPS_IDENTITY_PRINCIPAL_ID, which azd sets, like AZURE_TENANT_ID. It changes nothing.
# Exit code: 0 granted, 1 not granted, 2 could not check.
set -euo pipefail

application_read_all=9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30
principal="${1:-${LKPS_IDENTITY_PRINCIPAL_ID:-}}"
wanted="${AZURE_TENANT_ID:-}"
login="az login${wanted:+ --tenant $wanted}"

could_not_check() {
  printf 'Could not check whether the app may read app registrations: %s\n' "$1" >&2
  exit 2
}

if [[ ! $principal =~ ^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$ ]]; then
  echo "Pass the object id of the app's identity: the output LKPS_IDENTITY_PRINCIPAL_ID of the deployment." >&2
  exit 2
fi
command -v az >/dev/null || could_not_check "az is not installed: https://aka.ms/azure-cli"
tenant="$(az account show --query tenantId --output tsv)" || could_not_check "az is not signed in. Run: $login"
tenant="${tenant//$'\r'/}"
# In another tenant, Graph knows no such identity.
[[ -z $wanted ]] || grep -qix "$wanted" <<<"$tenant" ||
  could_not_check "az is signed in to the tenant $tenant, and the deployment is in $wanted. Run: $login"

# Other clouds have their own Graph.
graph="$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)" || could_not_check "az knows no Graph."
graph="${graph//$'\r'/}"
roles="$(az rest --method GET --url "${graph%/}/v1.0/servicePrincipals/$principal/appRoleAssignments" \
  --query 'value[].appRoleId' --output tsv)" ||
  could_not_check "Microsoft Graph did not answer. You may lack the right to read the directory, or your sign-in may have expired (run: $login). An admin can check: bash infra/graph/check.sh $principal"

if grep -qix "$application_read_all" <<<"${roles//$'\r'/}"; then
  echo "Granted: $principal may read app registrations (Application.Read.All)."
  exit 0
fi
command="bash infra/graph/grant.sh $principal"
# In an azd environment, the same visit registers LKPS in Entra ID.
[[ -z ${LKPS_REGISTRATION_NAME:-} ]] || command="bash infra/graph/registration.sh $LKPS_REGISTRATION_NAME $principal"
cat <<TEXT
Not granted: $principal is not allowed to read app registrations, and LKPS would answer 503 directory_access_denied.
An admin (Privileged Role Administrator) grants it once, before the app's first call:

  $login
  $command

For what the permission allows, and narrower alternatives, see "The grant" in docs/deploy.md.
TEXT
exit 1
