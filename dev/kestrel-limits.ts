import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";

const MAX_BODY_BYTES = 100 * 1024 * 1024;
const MAX_REQUEST_LINE_BYTES = 8 * 1024;
const MAX_HEADERS = 100;
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9!$&'()\-._~%]+)(:\d{1,5})?$/i;

/** Kestrel's limit on the total size of the headers. Node responds with the same 431. */
export const MAX_HEADER_BYTES = 32 * 1024;

/** The bytes of a header's value: Node reads them as Latin-1, and Kestrel as UTF-8. */
export function bytesOf(headerValue: string): Buffer {
  return Buffer.from(headerValue, "latin1");
}

/**
 * Returns the status with which Kestrel, the web server of Ocelot and the Functions host, rejects a request,
 * or null.
 */
export function kestrelRejection(request: IncomingMessage): number | null {
  const raw = request.rawHeaders;
  const values = raw.filter((_, index) => index % 2 === 1);
  if (values.some((value) => /[^\t\x20-\x7e\x80-\xff]/.test(value) || !isUtf8(bytesOf(value)))) return 400;
  const target = request.url ?? "";
  if (/[^\x21-\x7e]/.test(target) || !target.startsWith("/")) return 400;
  const hosts = values.filter((_, index) => raw[index * 2]?.toLowerCase() === "host");
  if (hosts.length !== 1 || !HOST.test(hosts[0] ?? "")) return 400;
  if (target.length > MAX_REQUEST_LINE_BYTES) return 414;
  if (values.length > MAX_HEADERS) return 431;
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return 413;
  return null;
}
