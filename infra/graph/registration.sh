#!/usr/bin/env bash
# Does what registration.bicep does, without Bicep and without rights in Azure: grants the app's identity
# Application.Read.All, and registers LKPS and, with an address, its console. An admin runs it. It is safe to run again.
#
#   bash infra/graph/registration.sh NAME OBJECT_ID [CONSOLE_BASE_URL]
#
# NAME and OBJECT_ID are the outputs LKPS_REGISTRATION_NAME and LKPS_IDENTITY_PRINCIPAL_ID of the deployment. The last lines
# that it prints are the client ids.
set -euo pipefail

here="$(dirname "${BASH_SOURCE[0]}")"
name="${1:-${LKPS_REGISTRATION_NAME:-}}"
principal="${2:-${LKPS_IDENTITY_PRINCIPAL_ID:-}}"
console="${3:-}"
if [[ ! $name =~ ^lkps-[a-z0-9]+-[a-z0-9]+$ || ($console && ! $console =~ ^https://[^[:space:]\"/]+(/[^[:space:]\"]*[^/])?$) ]]; then
  echo "Usage: bash infra/graph/registration.sh NAME OBJECT_ID [CONSOLE_BASE_URL], such as lkps-np-abc and https://lkps.example.com" >&2
  exit 2
fi
bash "$here/grant.sh" "$principal"

graph="$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv | tr -d '\r')"
graph="${graph%/}/v1.0"
environment="${name#lkps-}"
title="LKPS ${environment%-*}"
# Bicep's guid(), a name-based UUID (RFC 9562), so that both make the same permission: its id must not change.
guids='\x11\xfb\x06\xfb\x71\x2d\x4d\xdd\x98\xc7\xe7\x1b\xbd\x58\x88\x30'
hash="$(printf "$guids%s" "$name-access_as_user" | openssl dgst -sha1 | sed 's/.*= *//')"
variant="$(printf %x $((0x${hash:16:1} & 3 | 8)))"
scope="${hash:0:8}-${hash:8:4}-5${hash:13:3}-$variant${hash:17:3}-${hash:20:12}"

# What Entra ID has just created can be missing from its next answers.
patiently() { # command
  local tries=10
  until "$@"; do
    ((tries-- > 1)) || return 1
    sleep 3
  done
}
send() { # method, address, and the body on stdin
  az rest --method "$1" --url "$graph/$2" --headers 'Content-Type=application/json' 'Prefer=create-if-missing' --body @- --output none
}
read_id() { # address, member
  patiently az rest --method GET --url "$graph/$1" --query "$2" --output tsv | tr -d '\r'
}
service_principal() { # client id
  local principal="servicePrincipals(appId='$1')"
  az rest --method GET --url "$graph/$principal" --output none 2>/dev/null || patiently az ad sp create --id "$1" --output none
  read_id "$principal" id
}

application="applications(uniqueName='$name')"
send PATCH "$application" <<TEXT
{"displayName": "$title", "signInAudience": "AzureADMyOrg", "api": {"requestedAccessTokenVersion": 2,
  "oauth2PermissionScopes": [{"id": "$scope", "value": "access_as_user", "type": "User", "isEnabled": true,
    "adminConsentDisplayName": "Call LKPS for the user",
    "adminConsentDescription": "Allows the application to call LKPS for the user who is signed in.",
    "userConsentDisplayName": "Call LKPS for you",
    "userConsentDescription": "Allows the application to call LKPS for you."}]}}
TEXT
client="$(read_id "$application" appId)"
send PATCH "$application" <<<"{\"identifierUris\": [\"api://$client\"]}"
lkps_principal="$(service_principal "$client")"
echo "ENTRA_AUDIENCE=$client"
[[ -n $console ]] || exit 0

microsoft_graph=00000003-0000-0000-c000-000000000000
application="applications(uniqueName='$name-console')"
# User.Read and Application.Read.All of Microsoft Graph, as the user.
send PATCH "$application" <<TEXT
{"displayName": "$title console", "signInAudience": "AzureADMyOrg", "spa": {"redirectUris": ["$console/console"]},
  "requiredResourceAccess": [
    {"resourceAppId": "$microsoft_graph", "resourceAccess": [
      {"id": "e1fe6dd8-ba31-4d61-89e7-88639da4683d", "type": "Scope"},
      {"id": "c79f8feb-a9db-4090-85f9-90d820caa0eb", "type": "Scope"}]},
    {"resourceAppId": "$client", "resourceAccess": [{"id": "$scope", "type": "Scope"}]}]}
TEXT
console_client="$(read_id "$application" appId)"
console_principal="$(service_principal "$console_client")"
consent() { # resource, permissions: for everybody, so that nobody is asked
  [[ -n $(read_id "servicePrincipals/$console_principal/oauth2PermissionGrants" "value[?resourceId=='$1'].id") ]] ||
    send POST oauth2PermissionGrants <<<"{\"clientId\": \"$console_principal\", \"consentType\": \"AllPrincipals\", \"resourceId\": \"$1\", \"scope\": \"$2\"}"
}
consent "$(service_principal "$microsoft_graph")" 'openid profile offline_access User.Read Application.Read.All'
consent "$lkps_principal" access_as_user
echo "CONSOLE_CLIENT_ID=$console_client"
