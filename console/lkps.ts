import { isObject } from "../src/domain/application.ts";
import type { Configuration } from "./answers.ts";
import type { Person } from "./person.ts";
import { Refusal } from "./refusal.ts";

/** LKPS, as a person who owns agents sees it. */
export interface Lkps {
  /** Reads something about an agent. @throws Refusal */
  read<T>(agent: string, path: string, signal: AbortSignal): Promise<T>;
  /** @throws Refusal */
  endSession(agent: string, session: string): Promise<void>;
}

/** LKPS counts the reads of 10 s. */
const MAX_WAIT_SECONDS = 10;

export function lkpsFor(person: Person): Lkps {
  const call = async (method: string, agent: string, path: string, signal?: AbortSignal) => {
    const url = `api/agents/${agent}/${path}`;
    const token = await person.accessToken("lkps");
    let response = await send(method, url, token, signal);
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    // A list of many agents soon reads as much as one person may, and soon may again.
    if (response.status === 429 && seconds <= MAX_WAIT_SECONDS) {
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
      response = await send(method, url, token, signal);
    }
    if (response.status !== 401) return await successOf(response);
    // It may have expired by another clock, or been revoked.
    const again = await send(method, url, await person.accessToken("lkps", token), signal);
    if (again.status === 401) throw new Refusal("sign_in_expired");
    return await successOf(again);
  };
  return {
    async read<T>(agent: string, path: string, signal: AbortSignal) {
      return (await (await call("GET", agent, path, signal)).json()) as T;
    },
    async endSession(agent, session) {
      await call("DELETE", agent, `sessions/${session}`);
    },
  };
}

/** Reads what anyone may read: where to sign in. */
export async function readConfiguration(): Promise<Configuration> {
  const response = await successOf(await send("GET", "api/console/configuration"));
  return (await response.json()) as Configuration;
}

async function send(
  method: string,
  url: string,
  token?: string,
  signal: AbortSignal | null = null,
): Promise<Response> {
  try {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return await fetch(url, { method, headers, signal, redirect: "error" });
  } catch (error) {
    throw signal?.aborted ? error : new Refusal("unreachable");
  }
}

async function successOf(response: Response): Promise<Response> {
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  const { code, detail, instance } = isObject(body) ? body : {};
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  const isFailure = response.status >= 500;
  // The gateways and the host may answer without a problem.
  throw new Refusal(text(code) ?? (response.status === 500 ? "internal_error" : "bad_gateway"), {
    isFailure,
    detail: text(detail),
    instance: text(instance),
    retryAfter: response.headers.get("retry-after"),
  });
}
