import { relative } from "node:path";
import { localUrls } from "../../cli/sign-in/local-defaults.ts";
import { defaultPorts, webClientOrigin } from "../local-defaults.ts";
import { seededDirectoryFile } from "../stack.ts";
import type { LiveKit } from "./choose-livekit.ts";

/** What the instructions name. */
interface Addresses {
  gatewayUrl: string;
  appUrl: string;
  entra: { url: string; tenantId: string };
  azurite: { port: number };
  livekit: { settings: Pick<LiveKit["settings"], "LIVEKIT_URL">; note: string; canJoin: boolean };
  ports: { gateway: number; entra: number };
  /** `GRAPH_CACHE_SECONDS` */
  cacheSeconds: number;
  logFile?: string;
}

/** Instructions for a running stack, with commands that work as printed in any shell: no comments, which zsh would run. */
export function instructions(addresses: Addresses): string {
  const { gatewayUrl, appUrl, entra, azurite, livekit, ports, cacheSeconds, logFile } = addresses;
  const isDefault = ports.gateway === defaultPorts.gateway && ports.entra === defaultPorts.entra;
  const elsewhere = isDefault ? "" : ` --url ${gatewayUrl} --entra-url ${entra.url}`;
  const lkps = (command: string) => command.replace(/^\w+/, `npm run lkps -- $& --local${elsewhere}`);
  const rows = [
    ["Gateway", gatewayUrl, "send requests here"],
    ["Console", `${gatewayUrl}/console`, "for owners: sign in as Olivia Owner"],
    ["API reference", `${gatewayUrl}/api/docs`, "read it, sign in, try requests"],
    ["App", appUrl, "behind the gateway"],
    ["Entra ID", entra.url, "stand-in, with Microsoft Graph"],
    ["Tables", `http://127.0.0.1:${azurite.port}`, "Azurite"],
    ["LiveKit server", livekit.settings.LIVEKIT_URL, livekit.note],
    ["Directory", shown(seededDirectoryFile), "the app registrations; edit them"],
    ...(logFile === undefined ? [] : [["App's log", shown(logFile), ""]]),
  ];
  const table = rows.map(([name = "", address = "", note = ""]) =>
    `  ${name.padEnd(15)} ${address.padEnd(31)} ${note}`.trimEnd(),
  );
  return `
LKPS is ready.

${table.join("\n")}

After an edit of the directory, a new client is allowed within 1 s, and a revoked
client is denied within ${cacheSeconds} s. Try it in another terminal:

1. The agent registers itself:

${lkps('register --as "everything right"')}

2. A client that the agent's owner pre-authorized starts a session:

${lkps('start --as approved --agent "everything right"')}

3. Any other client is denied, and LKPS says why:

${lkps('start --as stranger --agent "everything right"')}

4. An agent identity of Microsoft Entra Agent ID: its blueprint's list counts:

${lkps("register --as ready")}
${lkps("start --as approved --agent ready")}

${joining(addresses, isDefault)}

Ctrl-C stops everything. Requests:
`;
}

function joining({ livekit, entra }: Addresses, isDefault: boolean): string {
  if (!livekit.canJoin) {
    const url = livekit.settings.LIVEKIT_URL.replace("ws", "http");
    const at = url === localUrls.livekit ? "" : ` --livekit-url ${url}`;
    return `5. Play the agent and the participant, each in a terminal of its own:

npm run lkps -- agent --as "everything right"${isDefault ? "" : ` --entra-url ${entra.url}`}${at}
npm run lkps -- join --session SESSION_ID${at}

   To join in a browser, install livekit-server
   (https://docs.livekit.io/transport/self-hosting/local/), or set LIVEKIT_URL,
   LIVEKIT_API_KEY and LIVEKIT_API_SECRET. Then run npm start again.`;
  }
  const settings = isDefault ? "" : ",\n   with LKPS_URL and ENTRA_TOKEN_URL set: see examples/local.env";
  return `5. Join a session in a browser, at ${webClientOrigin}${settings}:\n\nnpm run web`;
}

function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") ? file : path;
}
