import { Client, GraphClientError, type Middleware, ResponseType } from "@microsoft/microsoft-graph-client";
import type { Clock } from "../../domain/ports.ts";
import { parseJson, TooLargeError, textOf } from "../lib/http-response.ts";

/** Graph's response, with any status. */
export interface GraphResponse {
  readonly status: number;
  /** The `Retry-After` header. */
  readonly retryAfter: string | null;
  /** The parsed body; `undefined` if it is not JSON. */
  readonly json: unknown;
  /** When the request was sent: the wall-clock time. */
  readonly readAt: Date;
  /** The same moment on the clock of `Clock.elapsed`. */
  readonly requestedAt: number;
}

/** How far a unit of work has come. */
export interface ReadProgress {
  /** The number of requests sent to Graph; 0 while there is no access token. */
  attempts: number;
  /** Why the last attempt was retried. */
  lastFailure?: unknown;
}

/** Thrown when a response body is cut off or larger than {@link MAX_RESPONSE_BYTES}. */
export class UnreadableResponseError extends Error {
  override readonly name = "UnreadableResponseError";
  readonly isTooLarge: boolean;

  constructor(cause: unknown) {
    const isTooLarge = cause instanceof TooLargeError;
    super(isTooLarge ? "Graph's response is too large" : "Graph's response was cut off", { cause });
    this.isTooLarge = isTooLarge;
  }
}

/**
 * Sends one request to Graph: GET, or POST if there is a body. Rejects with `UnreadableResponseError` if the response
 * can't be read, with the error of the access token if there is none, and with any other error if Graph can't be reached.
 *
 * @param progress - counts the request just before it is sent
 */
export type CallGraph = (
  request: { readonly path: string; readonly body?: unknown },
  signal: AbortSignal,
  progress: ReadProgress,
) => Promise<GraphResponse>;

// A manifest holds about 1,200 entries at most; nothing larger than this is a valid response.
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/**
 * Creates a client for Microsoft Graph v1.0. It uses Microsoft's SDK with one middleware instead of the
 * default chain: the SDK sends the token only to Microsoft's own hosts, and its retries follow a
 * `Retry-After` of minutes. The caller has the time limit and does the retries.
 *
 * @param accessToken - gets a token for `baseUrl`. It is never sent elsewhere: redirects are not followed
 */
export function createGraphClient(
  baseUrl: string,
  accessToken: (signal: AbortSignal) => Promise<string>,
  clock: Clock,
): CallGraph {
  const transport: Middleware = {
    execute: async (context) => {
      try {
        context.response = await fetch(context.request, {
          ...(context.options as RequestInit),
          redirect: "manual",
        });
      } catch (error) {
        // The SDK drops the cause of any error but its own. Keep it: it says what failed.
        throw Object.assign(new GraphClientError("Graph could not be reached"), { cause: error });
      }
    },
  };
  const client = Client.initWithMiddleware({ baseUrl, defaultVersion: "v1.0", middleware: transport });
  return async ({ path, body }, signal, progress) => {
    const authorization = `Bearer ${await accessToken(signal)}`;
    progress.attempts++;
    const sent = { readAt: clock.now(), requestedAt: clock.elapsed() };
    const request = client
      .api(path)
      .headers({ authorization, accept: "application/json" })
      .option("signal", signal)
      .responseType(ResponseType.RAW);
    const response: Response = await (body === undefined ? request.get() : request.post(body));
    const { status, headers } = response;
    const json = parseJson(await bodyOf(response));
    return { status, retryAfter: headers.get("retry-after"), json, ...sent };
  };
}

async function bodyOf(response: Response): Promise<string> {
  try {
    return await textOf(response, MAX_RESPONSE_BYTES);
  } catch (error) {
    throw new UnreadableResponseError(error);
  }
}
