import { isObject } from "../../src/domain/application.ts";
import { CliError } from "../cli-error.ts";
import { requireSecureUrl } from "../secure-url.ts";
import { unreachableError, unusableResponseError } from "./graph-errors.ts";
import { isRetried, retry } from "./retry.ts";

/** An answer from Graph, with any status. */
export interface GraphResponse {
  readonly status: number;
  /** The `Retry-After` header. */
  readonly retryAfter: string | null;
  /** The parsed body; `undefined` if it is not JSON. */
  readonly body: unknown;
}

/** Where Graph is, and who reads it. */
export interface GraphAccess {
  readonly url: string;
  /** The user or application that is signed in, according to its token. */
  readonly signedInAs: string | null;
  readonly tenantId: string | null;
}

/** Microsoft Graph v1.0, read as whoever runs the command. */
export interface GraphClient extends GraphAccess {
  /**
   * Reads one path.
   *
   * @throws CliError `directory_unavailable` if Graph cannot be reached
   */
  get(path: string): Promise<GraphResponse>;
  /**
   * Reads several paths in batches; the answers come in the order of the paths.
   *
   * @throws CliError `directory_unavailable` or `directory_access_denied` if Graph does not answer a batch
   * @see https://learn.microsoft.com/graph/json-batching
   */
  getAll(paths: readonly string[]): Promise<readonly GraphResponse[]>;
}

/** The most requests that Graph accepts in one batch. */
const BATCH_SIZE = 20;
// An app registration holds about 1,200 entries at most: no answer from Graph is this large.
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Opens Graph. The access token is sent to this address only: redirects are not followed.
 *
 * @param patienceMs - the longest wait for an answer
 * @throws CliError `insecure_address`
 */
export function createGraphClient(
  access: GraphAccess,
  accessToken: string,
  patienceMs?: number,
): GraphClient {
  requireSecureUrl(access.url);
  const send = async (path: string, init: RequestInit): Promise<GraphResponse> => {
    const response = await fetch(`${access.url}/v1.0${path}`, {
      ...init,
      redirect: "manual",
      headers: {
        authorization: `Bearer ${accessToken}`,
        accept: "application/json",
        "content-type": "application/json",
      },
    });
    const { status, headers } = response;
    return { status, retryAfter: headers.get("retry-after"), body: await readJson(response) };
  };
  const withRetries = (sendOnce: (signal: AbortSignal) => Promise<GraphResponse>) =>
    retry(sendOnce, patienceMs).catch((error: unknown) => {
      throw error instanceof CliError ? error : unreachableError(access, error);
    });

  const getBatch = async (paths: readonly string[]): Promise<readonly GraphResponse[]> => {
    const answers = new Map<number, GraphResponse>();
    const last = await withRetries(async (signal) => {
      const pending = [...paths.keys()].filter((n) => {
        const answer = answers.get(n);
        return answer === undefined || isRetried(answer);
      });
      const requests = pending.map((n) => ({ id: String(n), method: "GET", url: paths[n] }));
      const whole = await send("/$batch", { method: "POST", body: JSON.stringify({ requests }), signal });
      if (whole.status !== 200) return whole;
      for (const n of pending) answers.set(n, partOf(whole.body, n));
      return [...answers.values()].find(isRetried) ?? whole;
    });
    if (answers.size === 0) throw unusableResponseError(access, last);
    return [...answers.values()];
  };

  return {
    ...access,
    get: (path) => withRetries((signal) => send(path, { signal })),
    async getAll(paths) {
      const answers: GraphResponse[] = [];
      for (let start = 0; start < paths.length; start += BATCH_SIZE)
        answers.push(...(await getBatch(paths.slice(start, start + BATCH_SIZE))));
      return answers;
    },
  };
}

/** The answer to one request of a batch. A missing one counts as 502. */
function partOf(body: unknown, n: number): GraphResponse {
  const responses = isObject(body) && Array.isArray(body["responses"]) ? body["responses"] : [];
  const part: unknown = responses.find((one) => isObject(one) && one["id"] === String(n));
  if (!isObject(part) || typeof part["status"] !== "number")
    return { status: 502, retryAfter: null, body: undefined };
  const retryAfter = isObject(part["headers"]) ? part["headers"]["Retry-After"] : undefined;
  return {
    status: part["status"],
    retryAfter: retryAfter == null ? null : String(retryAfter),
    body: part["body"],
  };
}

async function readJson(response: Response): Promise<unknown> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES)
      throw new CliError("directory_unavailable", "Microsoft Graph sent an answer that is too large.");
    text += decoder.decode(chunk, { stream: true });
  }
  try {
    return JSON.parse(text + decoder.decode());
  } catch {
    return undefined;
  }
}
