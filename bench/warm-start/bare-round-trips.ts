import { randomUUID } from "node:crypto";
import { createTableClient } from "../../src/adapters/tables/table-operations.ts";
import { sessionIdOf } from "../../src/domain/session.ts";
import type { Case } from "./cases.ts";

const AGENTS = "bareagents";
const SESSIONS = "baresessions";
const ROW_KEY = "registration";

/** The round trips that every session start needs, with only the SDKs. */
export interface BareRoundTrips {
  /** Stores the case's registration. */
  register(one: Case): Promise<void>;
  /** Reads and inserts the same entities as LKPS. */
  start(agent: string, caller: string): () => Promise<void>;
  /** Deletes the records of both sides, because large tables make Azurite slower. */
  emptySessions(): Promise<void>;
}

/** Opens tables of its own, with LKPS's client options. */
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
    start: (agent, caller) => async () => {
      await agents.getEntity(agent, ROW_KEY);
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

/** A record with the same columns and keys as LKPS's own. */
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
