import { randomUUID } from "node:crypto";
import { createTableClient } from "../../src/adapters/tables/table-client.ts";
import { sessionIdOf } from "../../src/domain/session-id.ts";
import type { Case } from "./cases.ts";

const AGENTS = "bareagents";
const SESSIONS = "baresessions";
const ROW_KEY = "registration";

/** What a start of a session cannot do without, by the SDKs and nothing around them. */
export interface BareRoundTrips {
  /** Puts the case's registration where it will be read. */
  register(one: Case): Promise<void>;
  /** A point read and an insert, of what LKPS reads and inserts; `askGraph` goes between them. */
  start(agent: string, caller: string, askGraph?: () => Promise<void>): () => Promise<void>;
  /** Takes the records of both sides out: a table of Azurite is slower the more it holds. */
  emptySessions(): Promise<void>;
}

/** In tables of its own, by clients with LKPS's options. */
export async function openBareRoundTrips(connectionString: string): Promise<BareRoundTrips> {
  const client = (table: string) => createTableClient({ connectionString }, table);
  const [agents, sessions, lkpsSessions] = [client(AGENTS), client(SESSIONS), client("sessions")];
  await agents.createTable();
  return {
    register: async ({ agent, optsOut }) => {
      const now = new Date().toISOString();
      const columns = { enforceClientAuthz: optsOut !== true, registeredAt: now, updatedAt: now };
      await agents.upsertEntity({ partitionKey: agent, rowKey: ROW_KEY, ...columns });
    },
    start: (agent, caller, askGraph) => async () => {
      await agents.getEntity(agent, ROW_KEY);
      await askGraph?.();
      await sessions.upsertEntity(sessionOf(agent, caller), "Replace");
    },
    emptySessions: async () => {
      await lkpsSessions.deleteTable();
      await sessions.deleteTable();
      await lkpsSessions.createTable();
      await sessions.createTable();
    },
  };
}

/** The columns of LKPS's own record, and keys that lie as its keys do. */
function sessionOf(agent: string, client: string) {
  const now = new Date();
  const sessionId = sessionIdOf(now, randomUUID());
  return {
    partitionKey: `${agent}_${sessionId.slice(-1)}`,
    rowKey: `${9_999_999_999_999 - now.getTime()}_${sessionId}`,
    sessionId,
    client,
    basis: "pre_authorized",
    roomName: `lkps-${agent}-${sessionId}`,
    participantIdentity: `${client}-${sessionId.slice(0, 16)}`,
    decisionId: sessionId,
    startedAt: now.toISOString(),
    expiresAt: now.toISOString(),
  };
}
