import { CliError } from "./cli-error.ts";

/**
 * Refuses an address to which an access token would travel unencrypted.
 *
 * @throws CliError `insecure_address`
 */
export function requireSecureUrl(address: string): void {
  const { protocol, hostname } = new URL(address);
  if (protocol === "https:" || isLoopback(hostname)) return;
  throw new CliError(
    "insecure_address",
    `lkps does not send access tokens to ${address}, because the connection is not encrypted. Use https.`,
  );
}

/** Whether a host name is this machine's own. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
