import type * as z from "zod";
import type { responses } from "../src/contract/responses.ts";
import { isObject } from "../src/domain/application.ts";
import { Refusal } from "./refusal.ts";
import type { Person } from "./sign-in.ts";

type Answer<Name extends keyof typeof responses> = z.output<(typeof responses)[Name]>;
export type Authorization = Answer<"Authorization">;
export type DryRun = Answer<"Rehearsal">;
export type SessionPage = Answer<"SessionList">;
export type Session = SessionPage["sessions"][number];
export interface Usage {
  readonly days: number;
  readonly complete: boolean;
  readonly clients: readonly {
    readonly client_app_id: string;
    readonly sessions: number;
    readonly joined: number;
    readonly minutes: number;
    readonly last_started_at: string;
  }[];
}

/** As many sessions as LKPS gives at once. */
export const SESSIONS_A_PAGE = 100;
/** Requests at a time: a list of agents must not delay the page that somebody opens next. */
const MAX_IN_FLIGHT = 4;

/** LKPS, as a person who owns agents sees it. The answers come from the same version, so their form is not checked again. */
export class Lkps {
  readonly #person: Person;
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;

  constructor(person: Person) {
    this.#person = person;
  }

  authorization(agent: string, signal: AbortSignal): Promise<Authorization> {
    return this.#get(agent, "authorization", signal);
  }

  dryRun(agent: string, days: number, signal: AbortSignal): Promise<DryRun> {
    return this.#get(agent, `authorization/rehearsal?days=${days}`, signal);
  }

  sessions(agent: string, cursor: string | null, signal: AbortSignal): Promise<SessionPage> {
    const query = new URLSearchParams({ limit: String(SESSIONS_A_PAGE), ...(cursor !== null && { cursor }) });
    return this.#get(agent, `sessions?${query}`, signal);
  }

  session(agent: string, id: string, signal: AbortSignal): Promise<Session> {
    return this.#get(agent, `sessions/${id}`, signal);
  }

  usage(agent: string, days: number, signal: AbortSignal): Promise<Usage> {
    return this.#get(agent, `usage?days=${days}`, signal);
  }

  async endSession(agent: string, id: string): Promise<void> {
    await this.#send("DELETE", agent, `sessions/${id}`);
  }

  async #get<T>(agent: string, path: string, signal: AbortSignal): Promise<T> {
    return (await (await this.#send("GET", agent, path, signal)).json()) as T;
  }

  /** @throws Refusal if LKPS answers anything but a success, or does not answer */
  async #send(method: string, agent: string, path: string, signal?: AbortSignal): Promise<Response> {
    if (this.#inFlight >= MAX_IN_FLIGHT) await new Promise<void>((next) => this.#waiting.push(next));
    this.#inFlight++;
    try {
      signal?.throwIfAborted();
      const url = `api/agents/${agent}/${path}`;
      const token = await this.#person.accessToken("lkps");
      const response = await send(url, method, token, signal);
      if (response.status !== 401) return await successOf(response);
      // It may have expired by another clock, or been revoked.
      const fresh = await this.#person.accessToken("lkps", token);
      const second = await send(url, method, fresh, signal);
      if (second.status === 401) throw new Refusal("sign_in_expired");
      return await successOf(second);
    } finally {
      this.#inFlight--;
      this.#waiting.shift()?.();
    }
  }
}

/** Reads what anyone may read: where to sign in. */
export async function readConfiguration<T>(): Promise<T> {
  const response = await successOf(await send("api/console/configuration", "GET"));
  return (await response.json()) as T;
}

async function send(
  url: string,
  method: string,
  token?: string,
  signal: AbortSignal | null = null,
): Promise<Response> {
  try {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return await fetch(url, { method, headers, signal, redirect: "error" });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal("unreachable");
  }
}

async function successOf(response: Response): Promise<Response> {
  if (response.ok) return response;
  const problem: unknown = await response.json().catch(() => null);
  const text = (name: string) => {
    const value = isObject(problem) ? problem[name] : undefined;
    return typeof value === "string" ? value : null;
  };
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  throw new Refusal(text("code") ?? (response.status >= 500 ? "unreachable" : `http_${response.status}`), {
    detail: text("detail"),
    instance: text("instance"),
    retryAfterSeconds: Number.isNaN(retryAfter) ? null : retryAfter,
  });
}
