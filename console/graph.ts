import { isObject, recordsOf } from "../src/domain/application.ts";
import { type ClientId, parseClientId } from "../src/domain/client-id.ts";
import type { Person } from "./person.ts";

/** Something that the person owns, and that may be an agent. */
export interface OwnedAgent {
  readonly id: ClientId;
  readonly name: string | null;
}

/** Graph's own limit. */
const MAX_PARTS = 20;
/** Names are optional: beyond that, people see ids. */
const MAX_NAMES = 3_000;
const TIMEOUT_MS = 10_000;
const AGENT_IDENTITY = "#microsoft.graph.agentIdentity";

/** Microsoft Graph with the person's own permissions. Everything here is optional: without it, people see ids. */
export class Graph {
  readonly url: string;
  /** Display names by client id. */
  readonly names = new Map<string, string>();
  /** Called when names have arrived. */
  readonly listeners = new Set<() => void>();
  readonly #person: Person;
  readonly #asked = new Set<string>();
  #queue: string[] = [];

  constructor(url: string, person: Person) {
    this.url = url;
    this.#person = person;
  }

  /** Applications and agent identities that the person owns, by name. @throws if Graph or Entra refuses */
  async ownedAgents(signal: AbortSignal): Promise<OwnedAgent[]> {
    const agents: OwnedAgent[] = [];
    let path: string | null = "/me/ownedObjects?$select=id,appId,displayName&$top=100";
    while (path !== null) {
      const body = await this.#ask("GET", path, null, signal);
      for (const { "@odata.type": type, id, appId, displayName } of recordsOf(body["value"] as unknown[])) {
        // An agent identity's two ids are the same, and Graph may leave out the second.
        const clientId = parseClientId(type === AGENT_IDENTITY ? id : appId);
        if (
          clientId === undefined ||
          !["#microsoft.graph.application", AGENT_IDENTITY].includes(String(type))
        )
          continue;
        agents.push({ id: clientId, name: this.#keepName(clientId, displayName) });
      }
      path = this.#pathOf(body["@odata.nextLink"]);
    }
    return agents.sort((one, other) => (one.name ?? one.id).localeCompare(other.name ?? other.id));
  }

  /** The `api` part of an application; `null` if Graph does not give it. */
  async api(clientId: string, signal: AbortSignal): Promise<Record<string, unknown> | null> {
    const path = `/applications(appId='${clientId}')?$select=api`;
    const { api } = await this.#ask("GET", path, null, signal).catch(() => ({ api: null }));
    return isObject(api) ? api : null;
  }

  /** Reads names that are not known yet, each once, those that are asked for together in batches. */
  wantNames(ids: readonly string[]): void {
    const unknown = ids.filter((id) => !this.#asked.has(id) && !this.names.has(id));
    const wanted = unknown.slice(0, Math.max(0, MAX_NAMES - this.#asked.size));
    if (wanted.length > 0 && this.#queue.length === 0) setTimeout(() => void this.#readNames(), 0);
    for (const id of wanted) this.#asked.add(id);
    this.#queue.push(...wanted);
  }

  async #readNames(): Promise<void> {
    const ids = this.#queue;
    this.#queue = [];
    // A client of another tenant has an enterprise application only.
    for (const collection of ["applications", "servicePrincipals"]) {
      const unnamed = ids.filter((id) => !this.names.has(id));
      for (let start = 0; start < unnamed.length; start += MAX_PARTS) {
        const requests = unnamed.slice(start, start + MAX_PARTS).map((id) => {
          return { id, method: "GET", url: `/${collection}(appId='${id}')?$select=displayName` };
        });
        const answer = await this.#ask("POST", "/$batch", { requests }).catch(() => null);
        if (answer === null) {
          // The next page may ask again.
          for (const id of ids) this.#asked.delete(id);
          return;
        }
        for (const { id, status, body } of recordsOf(answer["responses"] as unknown[])) {
          if (status === 200 && isObject(body)) this.#keepName(String(id), body["displayName"]);
          if (status === 429 || Number(status) >= 500) this.#asked.delete(String(id));
        }
        for (const listener of this.listeners) listener();
      }
    }
  }

  #keepName(id: string, name: unknown): string | null {
    if (typeof name !== "string" || name.trim() === "") return null;
    this.names.set(id, name);
    return name;
  }

  async #ask(method: string, path: string, content: object | null, aborted?: AbortSignal) {
    const authorization = `Bearer ${await this.#person.accessToken("graph")}`;
    const headers = { authorization, ...(content !== null && { "content-type": "application/json" }) };
    const body = content === null ? null : JSON.stringify(content);
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const signal = aborted === undefined ? timeout : AbortSignal.any([aborted, timeout]);
    const response = await fetch(`${this.url}/v1.0${path}`, { method, headers, body, signal });
    if (!response.ok) throw new Error(`Microsoft Graph answered ${response.status}`);
    const answer: unknown = await response.json();
    return isObject(answer) ? answer : {};
  }

  /** The path of the next page; `null` for an address elsewhere, which must not get the token. */
  #pathOf(next: unknown): string | null {
    const start = `${this.url}/v1.0`;
    return typeof next === "string" && next.startsWith(`${start}/`) ? next.slice(start.length) : null;
  }
}
