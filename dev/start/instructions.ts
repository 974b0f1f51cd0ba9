import { relative } from "node:path";
import { lkpsClientId } from "../local-names.ts";
import { seededDirectoryFile } from "../stack.ts";

const AGENT = "a9e17000-0000-4000-8000-000000000001";
const APPROVED = "c11e4700-0000-4000-8000-000000000001";
const STRANGER = "c11e4700-0000-4000-8000-000000000002";

/** The URLs of a running stack. */
export interface Addresses {
  gatewayUrl: string;
  appUrl: string;
  entra: { url: string; tenantId: string };
  azurite: { port: number };
}

/** Instructions for a running stack, with bash commands that work as printed. */
export function instructions({ gatewayUrl, appUrl, entra, azurite }: Addresses, logFile?: string): string {
  const tokenUrl = `${entra.url}/${entra.tenantId}/oauth2/v2.0/token`;
  const curl = `curl -sS -w '\\nHTTP %{http_code}\\n'`;
  const post = (path: string, token: string) =>
    `${curl} -X POST ${gatewayUrl}${path} -H "Authorization: Bearer $${token}"`;
  const start = (token: string) =>
    `${post("/api/session/start", token)} -H 'Content-Type: application/json' -d '{"agent_entra_app_id":"${AGENT}"}'`;
  return `
LKPS is ready.

  Gateway stand-in   ${gatewayUrl}   send requests here
  App                ${appUrl}   requires the function key, which the gateway adds
  Entra stand-in     ${entra.url}   tenant ${entra.tenantId}
  Azurite (tables)   http://127.0.0.1:${azurite.port}
  Docs               ${gatewayUrl}/api/docs   read and try the API
  Directory          ${shown(seededDirectoryFile)}   edits take effect at once
${logFile === undefined ? "" : `  The app's log      ${shown(logFile)}\n`}
Try it in another terminal (bash).

# 1. Access tokens for an agent, a client application it approves, and a stranger
token() { curl -sS ${tokenUrl} -d grant_type=client_credentials -d scope=${lkpsClientId}/.default -d client_id=$1 -d client_secret=$2 | node -pe 'JSON.parse(require("fs").readFileSync(0)).access_token'; }
AGENT=$(token ${AGENT} agent1-secret)
CLIENT=$(token ${APPROVED} approved-secret)
STRANGER=$(token ${STRANGER} stranger-secret)

# 2. The agent registers itself: 201, later 200
${post("/api/agent/register", "AGENT")}

# 3. The approved client starts a session: 200
${start("CLIENT")}

# 4. The stranger is refused: 403, and what the agent's owner must do
${start("STRANGER")}

To join a session: run \`livekit-server --dev\`, then give the 200's server_url and participant_token to any LiveKit client.

Ctrl-C stops everything. Requests:
`;
}

function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}
