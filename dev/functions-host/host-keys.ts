import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { splitTarget } from "./rpc-http.ts";

/** The host's keys. If a key is undefined, no request can use it. */
export interface HostKeys {
  functionKey: string | undefined;
  masterKey: string | undefined;
}

/** Whether a request may call a function with this auth level. The master key allows all levels. */
export function isAllowed(request: IncomingMessage, authLevel: string, keys: HostKeys): boolean {
  if (authLevel === "anonymous") return true;
  const presented = presentedKey(request);
  if (presented === null) return false;
  return (
    matches(presented, keys.masterKey) || (authLevel === "function" && matches(presented, keys.functionKey))
  );
}

/** The header takes precedence over the query, even if it is wrong. */
function presentedKey(request: IncomingMessage): string | null {
  const header = request.headers["x-functions-key"];
  if (header !== undefined) return String(header);
  const query = new URLSearchParams(splitTarget(request.url ?? "/").query);
  return [...query].find(([name]) => name.toLowerCase() === "code")?.[1] ?? null;
}

function matches(presented: string, key: string | undefined): boolean {
  if (key === undefined || key === "") return false;
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(presented), hash(key));
}
