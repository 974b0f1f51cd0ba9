import type { TableClient, TableEntity, TableEntityResult } from "@azure/data-tables";
import type { ClientId } from "../../domain/client-id.ts";
import { limitsIn, type Registration } from "../../domain/registration.ts";
import { parseJson } from "../lib/http-response.ts";
import type { RowValues } from "./registration-order.ts";
import { findEntity } from "./table-operations.ts";

/** Each agent has its own partition: agents never contend, and a query lists them in order. */
export const ROW_KEY = "registration";

/**
 * The columns of an agent's row: a registration, or a tombstone (`removed`), which is never shown. A
 * tombstone makes the condition of any write from before the removal fail. The values are untrusted: anyone
 * with access to the table may have edited them.
 */
export interface RegistrationEntity {
  readonly removed?: unknown;
  readonly enforceClientAuthz?: unknown;
  /** JSON. Not in rows from before LKPS knew limits. */
  readonly limits?: unknown;
  /** A JSON array. Not in rows from before LKPS knew deployments. */
  readonly deployments?: unknown;
  readonly registeredAt?: unknown;
  /** When the change was requested, also on a tombstone. */
  readonly updatedAt?: unknown;
  /** The latest change of another instance that may have been requested later, and how strict such changes were. */
  readonly rivalAt?: unknown;
  readonly rivalStrictness?: unknown;
  /** The ids of the change that created this registration and of the last change to the row. */
  readonly createdBy?: unknown;
  readonly writtenBy?: unknown;
}

/** An agent's row as read from storage. */
export interface StoredRow extends RowValues {
  readonly etag: string;
  readonly registration: Registration | undefined;
}

/** Reads an agent's row; `undefined` if there is none. */
export async function readRow(
  client: TableClient,
  agent: ClientId,
  abortSignal: AbortSignal,
): Promise<StoredRow | undefined> {
  const entity = await findEntity<RegistrationEntity>(client, agent, ROW_KEY, abortSignal);
  if (entity === undefined) return undefined;
  const registration = registrationOf(agent, entity);
  const storedAtMs = Date.parse(String(entity.timestamp));
  return {
    etag: entity.etag,
    registration,
    updatedAtMs: registration?.updatedAt.getTime() ?? timeOf(entity.updatedAt, storedAtMs),
    rivals:
      entity.rivalAt === undefined
        ? undefined
        : { latestMs: timeOf(entity.rivalAt, storedAtMs), strictness: Number(entity.rivalStrictness ?? 2) },
    createdBy: textOf(entity.createdBy),
    writtenBy: textOf(entity.writtenBy),
  };
}

/**
 * Writes an agent's row if the stored one still has this ETag, or if there is none and `etag` is undefined.
 *
 * @throws RestError with the code of the conflict if the condition does not hold
 */
export async function writeRow(
  client: TableClient,
  agent: ClientId,
  { registration, updatedAtMs, writtenBy, rivals, createdBy }: RowValues,
  etag: string | undefined,
  abortSignal: AbortSignal,
): Promise<void> {
  const entity = {
    partitionKey: agent,
    rowKey: ROW_KEY,
    updatedAt: new Date(updatedAtMs).toISOString(),
    writtenBy,
    rivalAt: rivals && new Date(rivals.latestMs).toISOString(),
    rivalStrictness: rivals?.strictness,
    ...(registration === undefined
      ? { removed: true }
      : {
          enforceClientAuthz: registration.enforceClientAuthz,
          limits: JSON.stringify(registration.limits),
          deployments: JSON.stringify(registration.deployments),
          registeredAt: registration.registeredAt.toISOString(),
          createdBy,
        }),
  } satisfies RegistrationEntity & TableEntity;
  if (etag === undefined) await client.createEntity(entity, { abortSignal });
  else await client.updateEntity(entity, "Replace", { etag, abortSignal });
}

/** The registration in a row; `undefined` for a tombstone. */
export function registrationOf(
  agent: ClientId,
  entity: TableEntityResult<RegistrationEntity>,
): Registration | undefined {
  if (entity.removed === true) return undefined;
  const registeredAt = new Date(String(entity.registeredAt));
  const updatedAt = new Date(String(entity.updatedAt));
  const isWhole = !Number.isNaN(registeredAt.getTime() + updatedAt.getTime());
  // Set by Table Storage; nobody can edit it.
  const storedAt = new Date(String(entity.timestamp));
  if (!isWhole && Number.isNaN(storedAt.getTime()))
    throw new Error("The stored registration has no valid times");
  return {
    agent,
    // Only an explicit opt-out counts: a damaged row stays enforced.
    enforceClientAuthz: !(isWhole && entity.enforceClientAuthz === false),
    // A limit makes a registration stricter: a damaged row keeps its limits.
    limits: limitsIn(parseJson(textOf(entity.limits))),
    deployments: isWhole ? deploymentsOf(entity.deployments) : [],
    registeredAt: isWhole ? registeredAt : storedAt,
    updatedAt: isWhole ? updatedAt : storedAt,
  };
}

function deploymentsOf(column: unknown): readonly string[] {
  const value = parseJson(textOf(column));
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

/** The time in a column, in milliseconds; `otherwise` if it has none. */
function timeOf(column: unknown, otherwise: number): number {
  const ms = Date.parse(textOf(column));
  return Number.isNaN(ms) ? otherwise : ms;
}

function textOf(column: unknown): string {
  return typeof column === "string" ? column : "";
}
