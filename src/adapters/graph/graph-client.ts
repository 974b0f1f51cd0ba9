import { Client, GraphClientError, type Middleware, ResponseType } from "@microsoft/microsoft-graph-client";
import { TooLargeError, textOf } from "../lib/response-text.ts";

/** An answer of Graph, whatever its status. */
export interface GraphAnswer {
  readonly status: number;
  /** The header `Retry-After`. */
  readonly retryAfter: string | null;
  /** The body; `undefined` if it is no JSON. */
  readonly json: unknown;
}

/** Thrown for an answer whose body broke off, or has more bytes than any answer of Graph's should have. */
export class UnreadableAnswerError extends Error {
  override readonly name = "UnreadableAnswerError";
  readonly isTooLarge: boolean;

  constructor(cause: unknown) {
    const isTooLarge = cause instanceof TooLargeError;
    super(isTooLarge ? "Graph answered too much" : "Graph's answer broke off", { cause });
    this.isTooLarge = isTooLarge;
  }
}

/**
 * Asks Graph once: GET, or POST if there is a body to send. Throws `DependencyError` where there is no token,
 * `UnreadableAnswerError` where the answer cannot be read, and anything else where Graph cannot be reached.
 *
 * @param onSend - called when there is a token and the request goes out
 */
export type CallGraph = (
  call: { readonly path: string; readonly body?: unknown },
  signal: AbortSignal,
  onSend?: () => void,
) => Promise<GraphAnswer>;

// A manifest holds some 1,200 entries at most; an answer beyond this is none of Graph's.
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Microsoft Graph v1.0 by Microsoft's client, with one middleware in place of its own chain: the SDK's
 * authentication leaves out the token for hosts other than Microsoft's, and its retry heeds a `Retry-After` of
 * minutes. Whoever asks holds the time budget.
 *
 * @param accessToken - a token for `baseUrl`; it is sent nowhere else, for redirects are not followed
 */
export function createGraphClient(baseUrl: string, accessToken: () => Promise<string>): CallGraph {
  const transport: Middleware = {
    execute: async (context) => {
      try {
        context.response = await fetch(context.request, {
          ...(context.options as RequestInit),
          redirect: "manual",
        });
      } catch (error) {
        // The SDK flattens every error but its own: keep the cause, which says what broke.
        throw Object.assign(new GraphClientError("Graph cannot be reached"), { cause: error });
      }
    },
  };
  const client = Client.initWithMiddleware({ baseUrl, defaultVersion: "v1.0", middleware: transport });
  return async ({ path, body }, signal, onSend) => {
    const authorization = `Bearer ${await accessToken()}`;
    onSend?.();
    const request = client
      .api(path)
      .headers({ authorization, accept: "application/json" })
      .option("signal", signal)
      .responseType(ResponseType.RAW);
    const response: Response = await (body === undefined ? request.get() : request.post(body));
    const { status, headers } = response;
    return { status, retryAfter: headers.get("retry-after"), json: parseJson(await bodyOf(response)) };
  };
}

async function bodyOf(response: Response): Promise<string> {
  try {
    return await textOf(response, MAX_ANSWER_BYTES);
  } catch (error) {
    throw new UnreadableAnswerError(error);
  }
}

// What the parser says of broken JSON quotes it, and an owner's configuration has no place in a log.
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
