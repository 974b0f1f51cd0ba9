import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { isLoopback } from "../secure-url.ts";
import { type Finding, findingsFor } from "./finding.ts";
import { probe } from "./probe.ts";

const HANDSHAKE_MS = 10_000;
const DAY_MS = 86_400_000;
/** Automatic renewal happens earlier than this. */
const EXPIRY_WARNING_DAYS = 14;

/** What is known about the encryption. */
export interface TlsCheck {
  readonly findings: readonly Finding[];
  /** Whether it is safe to send a token: encrypted, and to the right host. Other faults do not expose it. */
  readonly isSafe: boolean;
}

/** Checks the encryption: a trusted certificate that does not expire soon, and TLS 1.2 or newer only. */
export async function checkTls(url: string): Promise<TlsCheck> {
  const { good, bad, unknown, skipped } = findingsFor("TLS");
  const { protocol, hostname, port } = new URL(url);
  if (protocol === "http:") {
    return isLoopback(hostname)
      ? { findings: [skipped("not needed on this machine")], isSafe: true }
      : { findings: [bad("not encrypted (http)", "Access tokens need https.")], isSafe: false };
  }
  const host = hostname.replace(/^\[|\]$/g, "");
  const at = { host, port: Number(port || 443), servername: host };
  const socket = await handshake(at);
  if (socket instanceof Error) {
    return { findings: [unknown(`the TLS handshake failed: ${socket.message}`)], isSafe: false };
  }
  const { authorized, authorizationError, version, validTo } = socket;
  if (!authorized) {
    const finding = bad(
      `the certificate is not trusted: ${authorizationError}`,
      "Clients will reject it too. Install a trusted certificate for this host name.",
    );
    return { findings: [finding], isSafe: false };
  }
  const days = Math.floor((Date.parse(validTo) - Date.now()) / DAY_MS);
  const found = `${version}, the certificate is valid for ${days} more days`;
  const findings = [days < EXPIRY_WARNING_DAYS ? bad(found, "Renew the certificate.") : good(found)];
  const old = await handshake({
    ...at,
    minVersion: "TLSv1",
    maxVersion: "TLSv1.1",
    ciphers: "DEFAULT:@SECLEVEL=0",
  });
  if (!(old instanceof Error))
    findings.push(bad(`${old.version} is accepted too`, "Allow only TLS 1.2 and newer."));
  if (port === "") findings.push(await checkPlainHttp(hostname));
  return { findings, isSafe: true };
}

/** Checks that plain http is redirected to https or not answered. */
async function checkPlainHttp(hostname: string): Promise<Finding> {
  const { good, bad } = findingsFor("Plain http");
  const response = await probe(`http://${hostname}`, { path: "/api/health" });
  if (response.status === null) return good("not answered");
  const redirects = response.status >= 300 && response.status < 400;
  if (redirects || response.status === 403) return good(`answered with ${response.status}`);
  return bad(
    `answered with ${response.status}`,
    "Serve https only. A token that is sent over http can be read in transit.",
  );
}

interface Handshake {
  readonly authorized: boolean;
  readonly authorizationError: string;
  readonly version: string;
  readonly validTo: string;
}

async function handshake(options: ConnectionOptions): Promise<Handshake | Error> {
  return await new Promise((resolve) => {
    // The caller checks the certificate, because a failed handshake would not say what is wrong with it.
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
      resolve(new Error("it timed out"));
      socket.destroy();
    });
  });
}
