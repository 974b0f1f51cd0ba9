import { createGraphClient as createClient } from "../../src/adapters/graph/graph-client.ts";
import { type Get, withGraph } from "../../src/adapters/graph/graph-requests.ts";
import { unlimited } from "../../src/domain/graph-reading.ts";
import type { Clock } from "../../src/domain/ports.ts";
import { requireSecureUrl } from "../secure-url.ts";
import type { GraphAccess, GraphResponse } from "./graph-access.ts";
import { unreachableError } from "./graph-errors.ts";

const clock: Clock = { now: () => new Date(), elapsed: () => performance.now() };

/** Microsoft Graph v1.0, read as whoever runs the command, by the service's own code. */
export interface GraphClient extends GraphAccess {
  /**
   * Reads one path.
   *
   * @throws CliError `directory_unavailable` if Graph cannot be reached
   */
  get(path: string): Promise<GraphResponse>;
  /** Reads several paths in batches; the responses come in the order of the paths. Rejects like {@link get}. */
  getAll(paths: readonly string[]): Promise<readonly GraphResponse[]>;
}

/** Longer than in the service, because a person sees the progress. */
const TIMEOUT_MS = 8_000;

/**
 * Opens Graph. The access token is sent to this address only: redirects are not followed.
 *
 * @param timeoutMs - the longest wait, retries included
 * @throws CliError `insecure_address`
 */
export function createGraphClient(
  access: GraphAccess,
  accessToken: string,
  timeoutMs = TIMEOUT_MS,
): GraphClient {
  requireSecureUrl(access.url);
  const callGraph = createClient(access.url, async () => accessToken, clock);
  const read = async <T>(work: (get: Get) => Promise<T>): Promise<T> => {
    const progress: { attempts: number; lastFailure?: unknown } = { attempts: 0 };
    try {
      const limits = { deadline: clock.elapsed() + timeoutMs, rateLimit: unlimited };
      return await withGraph(callGraph, clock, limits, 1, progress, work);
    } catch (error) {
      // What the previous attempt met says more than that the time is over.
      throw unreachableError(access, progress.lastFailure ?? error);
    }
  };
  return {
    ...access,
    get: (path) => read((get) => get(path)),
    getAll: (paths) => read((get) => Promise.all(paths.map(get))),
  };
}
