import { DependencyError } from "../../domain/dependency-error.ts";
import { retryAfterMs } from "../lib/retry-after.ts";
import type { GraphAnswer } from "./graph-client.ts";
import type { GraphRead } from "./graph-read.ts";
import { PERMISSION_HELP } from "./permission-help.ts";

/** Graph's response to one path, and the read that it belongs to. */
export interface GraphResponse {
  readonly answer: GraphAnswer;
  readonly read: GraphRead;
}

/**
 * Returns the resource in Graph's response, or `null` if Graph says that it does not exist.
 *
 * @throws DependencyError for every other answer
 */
export function resourceIn(answer: GraphAnswer, attempts: number): unknown {
  const { status, retryAfter, json } = answer;
  if (status === 200) {
    if (json == null) throw new Error("Graph's answer is not JSON");
    return json;
  }
  const code = errorCodeOf(json);
  if (status === 404 && code === "Request_ResourceNotFound") return null;

  const message = `Graph returned ${status}${code === undefined ? "" : ` ${code}`}`;
  if (status === 401 || status === 403) {
    throw new DependencyError("directory_access_denied", `${message}: ${PERMISSION_HELP}`, { attempts });
  }
  const waitMs = retryAfterMs(retryAfter, Date.now());
  const retryAfterSeconds = waitMs === undefined ? undefined : waitMs / 1_000;
  throw new DependencyError("directory_unavailable", message, { attempts, retryAfterSeconds });
}

/** The `error.code` of Graph's error body, if there is one. Letters only, because it is logged. */
function errorCodeOf(json: unknown): string | undefined {
  const code = (json as { error?: { code?: unknown } } | null | undefined)?.error?.code;
  return typeof code === "string" && /^[A-Za-z_.]{1,100}$/.test(code) ? code : undefined;
}
