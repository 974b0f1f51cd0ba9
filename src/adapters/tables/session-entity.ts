import type { TableClient, TableEntity } from "@azure/data-tables";
import { isObject } from "../../domain/application.ts";
import { type ClientId, parseClientId } from "../../domain/client-id.ts";
import type { KnownSession } from "../../domain/known-session.ts";
import type { SessionPosition, SessionRecord, TrackedSession } from "../../domain/session.ts";
import { statusOf } from "../../domain/session-state.ts";
import { parseJson } from "../lib/http-response.ts";
import { isSession, livePartitionKeyOf, partitionKeyOf, rowKeyOf } from "./session-keys.ts";
import { findEntity } from "./table-operations.ts";

/**
 * The columns of a session's row. Those that follow from what is known are only written once something is known, and so
 * that one page of a query can have a thousand of them. The values are untrusted.
 */
export type SessionEntity = Partial<
  Record<
    Exclude<keyof SessionRecord, "agent"> | "known" | "joinedAt" | "endedAt" | "writtenBy" | "rowKey",
    unknown
  >
>;

/** A session's row as read from storage. */
export interface StoredSession {
  readonly partitionKey: string;
  readonly etag: string;
  /** The id of the last change. */
  readonly writtenBy: unknown;
  readonly session: TrackedSession;
}

/** The session in a row; `undefined` if the row is not a session of LKPS. */
export function toSession(agent: ClientId, entity: SessionEntity): TrackedSession | undefined {
  const { rowKey, sessionId, basis, roomName, participantIdentity, startedAt, decisionId } = entity;
  const client = parseClientId(entity.client);
  const expiresAt = new Date(String(entity.expiresAt));
  const texts = [sessionId, roomName, participantIdentity, decisionId];
  if (!isSession(rowKey, startedAt) || rowKey !== rowKeyOf(new Date(startedAt), String(sessionId)))
    return undefined;
  if (client === undefined || Number.isNaN(expiresAt.getTime())) return undefined;
  if (texts.some((text) => typeof text !== "string")) return undefined;
  if (basis !== "pre_authorized" && basis !== "enforcement_disabled") return undefined;
  return {
    sessionId: sessionId as string,
    agent,
    client,
    basis,
    roomName: roomName as string,
    participantIdentity: participantIdentity as string,
    startedAt: new Date(startedAt),
    expiresAt,
    decisionId: decisionId as string,
    known: knownIn(entity.known),
  };
}

/** The row of a new session in a partition. */
export function toEntity(record: SessionRecord, partitionKey: string) {
  const { agent: _, startedAt, expiresAt, ...columns } = record;
  const entity = {
    partitionKey,
    rowKey: rowKeyOf(startedAt, record.sessionId),
    ...columns,
    startedAt: startedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
  return entity satisfies SessionEntity & TableEntity;
}

/** The row of a session of which something is known. */
export function toTrackedEntity(session: TrackedSession, partitionKey: string, writtenBy: string) {
  const { joinedAtMs, endedAtMs } = statusOf(session, 0);
  const entity = {
    ...toEntity(session, partitionKey),
    ...(joinedAtMs !== null && { joinedAt: new Date(joinedAtMs).toISOString() }),
    ...(endedAtMs !== null && { endedAt: new Date(endedAtMs).toISOString() }),
    known: JSON.stringify(session.known),
    writtenBy,
  };
  return entity satisfies SessionEntity & TableEntity;
}

/** Anyone with access to the table may have edited it: what does not have the form counts as unknown. */
function knownIn(column: unknown): KnownSession {
  const known = parseJson(typeof column === "string" ? column : "");
  if (!isObject(known)) return {};
  const { connections = [], ...others } = known;
  const isWhole = Array.isArray(connections) && connections.every(isObject);
  const members = ["room", "missing", "closing", "denied", "recalls"].map((name) => others[name]);
  return isWhole && members.every((member) => member === undefined || isObject(member)) ? known : {};
}

/** Reads a session's row from one partition; `undefined` if it is not there, or not a session of LKPS. */
export async function readRow(
  client: TableClient,
  agent: ClientId,
  { startedAt, sessionId }: SessionPosition,
  partitionKey: string,
  abortSignal: AbortSignal,
): Promise<StoredSession | undefined> {
  const rowKey = rowKeyOf(startedAt, sessionId);
  const entity = await findEntity<SessionEntity>(client, partitionKey, rowKey, abortSignal);
  const session = entity && toSession(agent, entity);
  return session && { partitionKey, etag: entity.etag, writtenBy: entity.writtenBy, session };
}

/**
 * Reads a session's row: the live one, or else the archived one. While a session is moved, both exist, and the live one
 * counts.
 */
export async function readSession(
  client: TableClient,
  agent: ClientId,
  position: SessionPosition,
  abortSignal: AbortSignal,
): Promise<StoredSession | undefined> {
  const live = livePartitionKeyOf(agent, position.sessionId);
  const archived = partitionKeyOf(agent, position.sessionId);
  // Live once more: it may have become live again in between.
  for (const partitionKey of [live, archived, live]) {
    const stored = await readRow(client, agent, position, partitionKey, abortSignal);
    if (stored !== undefined) return stored;
  }
  return undefined;
}
