import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { isLoopback } from "../graph/open-graph.ts";
import { type Finding, findingsOf } from "./finding.ts";
import { probe } from "./probe.ts";

const HANDSHAKE_MS = 10_000;
const DAY_MS = 86_400_000;
/** Less than this, and nobody renews it by itself any more. */
const SOON_DAYS = 14;

/** Whether tokens travel encrypted, to the right server, by a version of TLS that is good enough. */
export async function examineTls(url: string): Promise<Finding[]> {
  const { good, bad, unknown, skipped } = findingsOf("TLS");
  const { protocol, hostname, port } = new URL(url);
  if (protocol === "http:") {
    return [
      isLoopback(hostname) ? skipped("this machine only") : bad("none: http", "Access tokens need https."),
    ];
  }
  const host = hostname.replace(/^\[|\]$/g, "");
  const at = { host, port: Number(port || 443), servername: host };
  const socket = await handshake(at);
  if (socket instanceof Error) return [unknown(`no handshake: ${socket.message}`)];
  const { authorized, authorizationError, version, validTo } = socket;
  if (!authorized) {
    return [
      bad(
        `the certificate is not trusted: ${authorizationError}`,
        "Clients will refuse it too: install one for this name.",
      ),
    ];
  }
  const days = Math.floor((Date.parse(validTo) - Date.now()) / DAY_MS);
  const certificate = `${version}, the certificate is good for ${days} days`;
  const findings = [days < SOON_DAYS ? bad(certificate, "Renew the certificate.") : good(certificate)];
  const old = await handshake({
    ...at,
    minVersion: "TLSv1",
    maxVersion: "TLSv1.1",
    ciphers: "DEFAULT:@SECLEVEL=0",
  });
  if (!(old instanceof Error))
    findings.push(bad(`${old.version} is taken too`, "Allow TLS 1.2 and newer only."));
  if (port === "") findings.push(await examinePlainHttp(hostname));
  return findings;
}

/** What comes over http must be sent on to https, or not be answered at all. */
async function examinePlainHttp(hostname: string): Promise<Finding> {
  const { good, bad } = findingsOf("Plain http");
  const answer = await probe(`http://${hostname}/api/health`);
  if (answer.status === null) return good("is not answered");
  const redirects = answer.status >= 300 && answer.status < 400;
  if (redirects || answer.status === 403) return good(`is answered ${answer.status}`);
  return bad(`is answered ${answer.status}`, "Serve https only: a token sent to http is a token lost.");
}

interface Handshake {
  readonly authorized: boolean;
  readonly authorizationError: string;
  readonly version: string;
  readonly validTo: string;
}

async function handshake(options: ConnectionOptions): Promise<Handshake | Error> {
  return await new Promise((resolve) => {
    // The certificate is looked at here: a handshake that just fails would not say what is wrong with it.
    const socket: TLSSocket = connect(
      { ...options, rejectUnauthorized: false, timeout: HANDSHAKE_MS },
      () => {
        resolve({
          authorized: socket.authorized,
          authorizationError: String(socket.authorizationError ?? ""),
          version: socket.getProtocol() ?? "",
          validTo: socket.getPeerCertificate().valid_to ?? "",
        });
        socket.destroy();
      },
    );
    socket.on("error", resolve);
    socket.on("timeout", () => {
      resolve(new Error("it takes too long"));
      socket.destroy();
    });
  });
}
