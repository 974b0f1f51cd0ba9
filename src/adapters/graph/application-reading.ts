import { createHash } from "node:crypto";
import { indexApplication } from "../../domain/application.ts";
import type { ApplicationReading } from "../../domain/application-reading.ts";
import { apiOf } from "../../domain/application-shape.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import { retryAfterMs } from "../lib/retry-after.ts";
import type { GraphAnswer } from "./graph-client.ts";
import type { GraphRead } from "./graph-read.ts";
import { PERMISSION_HELP } from "./permission-help.ts";

/** Turns Graph's response into a reading. */
export function readingOf(
  answer: GraphAnswer,
  { readAt, requestedAt, progress }: GraphRead,
): ApplicationReading {
  const { attempts } = progress;
  const found = applicationOf(answer, attempts);
  const common = { readAt, requestedAt, source: "graph", attempts } as const;
  if (found === null) return { ...common, application: null, digest: null };
  const api = apiOf(found);
  const digest = `sha256:${createHash("sha256").update(JSON.stringify(api)).digest("hex")}`;
  return { ...common, application: indexApplication(api), digest };
}

/**
 * Returns the application in Graph's response, or `null` if Graph says that there is none.
 *
 * @throws DependencyError for every other answer
 */
export function applicationOf(answer: GraphAnswer, attempts: number): unknown {
  const { status, retryAfter, json } = answer;
  if (status === 200) {
    // An empty body is not how Graph says that there is no application.
    if (json == null) throw new Error("Graph's answer is not an application");
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
