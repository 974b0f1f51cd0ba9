import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { indexApplication } from "../../domain/application.ts";
import type { ClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { ApplicationDirectory, ApplicationReading } from "../../domain/ports.ts";
import { retryAfterMs } from "../retry-after.ts";
import { within } from "../within.ts";
import { apiOf } from "./application-shape.ts";
import type { AskGraph, GraphAnswer } from "./graph-client.ts";
import { PERMISSION_HELP } from "./permission-help.ts";

/** Microsoft's own list of what is worth another try; a broken connection is the other. */
const RETRIED = new Set([429, 503, 504]);
const FIRST_BACKOFF_MS = 100;

/** How far a read has come. */
interface Progress {
  attempts: number;
  askedAt: Date;
  /** Why there was another attempt. */
  lastFailure?: unknown;
}

/**
 * {@link ApplicationDirectory} that asks Microsoft Graph at each read. A read, with the token, all retries and their
 * waits, ends within `timeoutMs`.
 *
 * @see https://learn.microsoft.com/graph/api/application-get
 * @see https://learn.microsoft.com/graph/throttling
 */
export function createGraphDirectory(ask: AskGraph, timeoutMs: number): ApplicationDirectory {
  return {
    read: async (agent) => {
      const deadline = performance.now() + timeoutMs;
      const progress: Progress = { attempts: 0, askedAt: new Date() };
      try {
        const answer = await within(timeoutMs, (signal) =>
          askUntilAnswered(ask, agent, signal, deadline, progress),
        );
        return toReading(answer, progress.askedAt, progress.attempts);
      } catch (error) {
        throw toDependencyError(error, progress);
      }
    },
  };
}

async function askUntilAnswered(
  ask: AskGraph,
  agent: ClientId,
  signal: AbortSignal,
  deadline: number,
  progress: Progress,
): Promise<GraphAnswer> {
  for (;;) {
    progress.attempts++;
    progress.askedAt = new Date();
    const result = await ask(`/applications(appId='${agent}')`, "api", signal).catch((error: unknown) => ({
      error,
    }));
    if ("error" in result && (result.error instanceof DependencyError || signal.aborted)) throw result.error;
    if (!("error" in result) && !RETRIED.has(result.status)) return result;

    const asked = "error" in result ? undefined : retryAfterMs(result.headers.get("retry-after"), Date.now());
    // Half of the wait is by chance, so that those who failed together do not come back together.
    const backoff = FIRST_BACKOFF_MS * 2 ** (progress.attempts - 1) * (0.5 + Math.random() / 2);
    // A wait of nothing, or until a date that is over, must not make this a tight loop.
    const wait = Math.max(asked ?? 0, backoff);
    if (performance.now() + wait >= deadline) {
      if ("error" in result) throw result.error;
      return result;
    }
    progress.lastFailure = "error" in result ? result.error : new Error(`Graph answered ${result.status}`);
    await sleep(wait, undefined, { signal });
  }
}

function toReading(answer: GraphAnswer, readAt: Date, attempts: number): ApplicationReading {
  const { status, headers, body } = answer;
  if (status === 200) {
    const api = apiOf(parseJson(body));
    const digest = `sha256:${createHash("sha256").update(JSON.stringify(api)).digest("hex")}`;
    return { application: indexApplication(api), readAt, digest, source: "graph", attempts };
  }
  const code = errorCodeOf(body);
  if (status === 404 && code === "Request_ResourceNotFound") {
    return { application: null, readAt, digest: null, source: "graph", attempts };
  }
  const said = `Graph answered ${status}${code === undefined ? "" : ` ${code}`}`;
  if (status === 401 || status === 403) {
    throw new DependencyError("directory_access_denied", `${said}: ${PERMISSION_HELP}`, { attempts });
  }
  const wait = retryAfterMs(headers.get("retry-after"), Date.now());
  const retryAfterSeconds = wait === undefined ? undefined : wait / 1_000;
  throw new DependencyError("directory_unavailable", said, { attempts, retryAfterSeconds });
}

function toDependencyError(error: unknown, { attempts, lastFailure }: Progress): DependencyError {
  if (error instanceof DependencyError) {
    const { code, message, cause, retryAfterSeconds } = error;
    return new DependencyError(code, message, { cause, retryAfterSeconds, attempts });
  }
  // Where time ran out, what the attempts before met says more than that it did.
  const isLast = lastFailure === undefined || !(error instanceof Error) || error.cause !== undefined;
  const cause = isLast ? error : new Error(error.message, { cause: lastFailure });
  return new DependencyError("directory_unavailable", "Microsoft Graph gave no usable answer", {
    cause,
    attempts,
  });
}

/** The `error.code` of Graph's error body; `undefined` if this is none. */
function errorCodeOf(body: string): string | undefined {
  const answer = parseJson(body) as { error?: { code?: unknown } } | null | undefined;
  const code = answer?.error?.code;
  return typeof code === "string" ? code.slice(0, 100) : undefined;
}

// What the parser says of broken JSON quotes it, and an owner's configuration has no place in a log.
function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
