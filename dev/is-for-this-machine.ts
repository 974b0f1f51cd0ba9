import type { IncomingMessage } from "node:http";
import { isLoopback } from "../cli/secure-url.ts";

/**
 * Whether a request names this machine as its host. Without this check, a page on another host could point its name here
 * (DNS rebinding), and get secrets, tokens, and sessions.
 */
export function isForThisMachine({ headers }: IncomingMessage): boolean {
  return isLoopback(URL.parse(`http://${headers.host}`)?.hostname ?? "");
}
