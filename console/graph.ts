import { isObject, recordsOf } from "../src/domain/application.ts";
import { type ClientId, parseClientId } from "../src/domain/client-id.ts";
import type { Person } from "./sign-in.ts";

/** Something that the person owns, and that may be an agent. */
export interface OwnedAgent {
  readonly id: ClientId;
  readonly name: string | null;
}

/** Graph's own limit. */
const MAX_PARTS = 20;
const MAX_BATCHES_AT_ONCE = 4;
/** Names are optional: a list of clients longer than that shows ids. */
const MAX_NAMES = 3_000;

/** What may own a list of clients, or be an agent itself. An enterprise application is neither. */
const AGENT_TYPES: ReadonlySet<unknown> = new Set([
  "#microsoft.graph.application",
  "#microsoft.graph.agentIdentity",
]);

/** Microsoft Graph with the person's own permissions. Everything here is optional: without it, one sees ids. */
export class Graph {
  readonly url: string;
  /** Display names by client id. */
  readonly names = new Map<string, string>();
  readonly #asked = new Set<string>();
  readonly #person: Person;

  constructor(url: string, person: Person) {
    this.url = url;
    this.#person = person;
  }

  /** What the person owns, by name. @throws if Graph or Entra refuses */
  async ownedAgents(signal: AbortSignal): Promise<OwnedAgent[]> {
    const agents: OwnedAgent[] = [];
    let path: string | null = "/me/ownedObjects?$select=id,appId,displayName&$top=100";
    while (path !== null) {
      const body = await this.#ask("GET", path, undefined, signal);
      for (const item of recordsOf(listIn(body, "value"))) {
        const isIdentity = item["@odata.type"] === "#microsoft.graph.agentIdentity";
        // An agent identity's two ids are the same, and Graph may leave out the second.
        const id = parseClientId(item["appId"] ?? (isIdentity ? item["id"] : undefined));
        if (id === undefined || !AGENT_TYPES.has(item["@odata.type"])) continue;
        const name = nameIn(item);
        if (name !== null) this.names.set(id, name);
        agents.push({ id, name });
      }
      path = this.#nextPath(body);
    }
    return agents.sort((one, other) => (one.name ?? one.id).localeCompare(other.name ?? other.id));
  }

  /** The `api` part of an application; `null` if Graph does not give it. */
  async api(clientId: string, signal: AbortSignal): Promise<Record<string, unknown> | null> {
    try {
      const path = `/applications(appId='${clientId}')?$select=api`;
      const body = await this.#ask("GET", path, undefined, signal);
      return isObject(body) && isObject(body["api"]) ? body["api"] : null;
    } catch {
      return null;
    }
  }

  /** Reads the names that are not known yet, each once. Calls back whenever some have arrived. */
  async loadNames(ids: readonly string[], onNames: () => void): Promise<void> {
    const unknown = ids.filter((id) => !this.#asked.has(id) && !this.names.has(id)).slice(0, MAX_NAMES);
    for (const id of unknown) this.#asked.add(id);
    // A client of another tenant has an enterprise application only.
    for (const collection of ["applications", "servicePrincipals"]) {
      const unnamed = unknown.filter((id) => !this.names.has(id));
      const batches = Array.from({ length: Math.ceil(unnamed.length / MAX_PARTS) }, (_, n) =>
        unnamed.slice(n * MAX_PARTS, (n + 1) * MAX_PARTS),
      );
      const work = async () => {
        for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
          await this.#readNames(collection, batch);
          onNames();
        }
      };
      try {
        await Promise.all(Array.from({ length: MAX_BATCHES_AT_ONCE }, work));
      } catch {
        return;
      }
    }
  }

  async #readNames(collection: string, ids: readonly string[]): Promise<void> {
    const requests = ids.map((id) => ({
      id,
      method: "GET",
      url: `/${collection}(appId='${id}')?$select=displayName`,
    }));
    const body = await this.#ask("POST", "/$batch", { requests });
    for (const { id, status, body: found } of recordsOf(listIn(body, "responses"))) {
      const name = status === 200 ? nameIn(found) : null;
      if (typeof id === "string" && name !== null) this.names.set(id, name);
    }
  }

  async #ask(
    method: string,
    path: string,
    body?: unknown,
    signal: AbortSignal | null = null,
  ): Promise<unknown> {
    const token = await this.#person.accessToken("graph");
    const response = await fetch(`${this.url}/v1.0${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    });
    if (!response.ok) throw new Error(`Microsoft Graph answered ${response.status}`);
    return await response.json();
  }

  /** The path of the next page; never an address elsewhere, which would get the token. */
  #nextPath(body: unknown): string | null {
    const next = isObject(body) ? body["@odata.nextLink"] : undefined;
    const start = `${this.url}/v1.0/`;
    return typeof next === "string" && next.startsWith(start) ? next.slice(start.length - 1) : null;
  }
}

function listIn(body: unknown, name: string): readonly unknown[] {
  const list = isObject(body) ? body[name] : undefined;
  return Array.isArray(list) ? list : [];
}

function nameIn(item: unknown): string | null {
  const name = isObject(item) ? item["displayName"] : undefined;
  return typeof name === "string" && name.trim() !== "" ? name : null;
}
