import { type ClientId, parseClientId, parseGuid } from "../src/domain/client-id.ts";

/** The pages about one agent, in the order of their tabs. */
export const agentPages = {
  access: "Access",
  "dry-run": "Dry run",
  sessions: "Sessions",
  usage: "Usage",
} as const;
export type AgentPage = keyof typeof agentPages;

/** The page that the hash of the address names. */
export type Route =
  | { readonly page: "agents" }
  | { readonly page: AgentPage; readonly agent: ClientId }
  | { readonly page: "session"; readonly agent: ClientId; readonly session: string }
  | { readonly page: "unknown" };

/** Never throws: anybody can write a link. */
export function parseRoute(hash: string): Route {
  const [start, kind, id, page = "access", detail, ...more] = hash.split("/");
  if (["", "#"].includes(start ?? "") && !kind) return { page: "agents" };
  const agent = parseClientId(id);
  if (start !== "#" || kind !== "agents" || agent === undefined || more.length > 0)
    return { page: "unknown" };
  const session = parseGuid(detail);
  if (page === "sessions" && session !== undefined) return { page: "session", agent, session };
  return detail === undefined && Object.hasOwn(agentPages, page)
    ? { page: page as AgentPage, agent }
    : { page: "unknown" };
}

/** The address of an agent's page. */
export function agentLink(agent: string, page: AgentPage = "access", session?: string): string {
  const path = page === "access" ? "" : `/${page}`;
  return `#/agents/${agent}${path}${session === undefined ? "" : `/${session}`}`;
}
