import type { TableClient, TableEntityResult } from "@azure/data-tables";
import type { ClientId } from "../../domain/client-id.ts";
import type { Registration } from "../../domain/registration.ts";
import { odataErrorCode } from "./table-operations.ts";

/** One partition an agent: agents never wait for each other, and all of them can be listed in order. */
export const ROW_KEY = "registration";

/**
 * The columns of an agent's one row: its registration, or a tombstone (`removed`), which no answer shows. It keeps the
 * row's place, so that a write from before the removal finds its condition broken. Anybody may have edited any of them.
 */
export interface RegistrationEntity {
  readonly removed?: unknown;
  readonly enforceClientAuthz?: unknown;
  readonly registeredAt?: unknown;
  /** When the change was asked for, also on a tombstone. */
  readonly updatedAt?: unknown;
  /** Which change made this registration, and which wrote the row last. */
  readonly createdBy?: unknown;
  readonly writtenBy?: unknown;
}

/** An agent's row as it was read. */
export interface StoredRow {
  readonly etag: string;
  /** `undefined` where the row is a tombstone. */
  readonly registration: Registration | undefined;
  /** On a clock of the instance that wrote it; `NaN` where the row does not say. */
  readonly requestedAtMs: number;
  /** `""` where the row does not say, as those of LKPS's first version. */
  readonly createdBy: string;
  readonly writtenBy: string;
}

/** Reads an agent's row; `undefined` if there is none. */
export async function readRow(
  client: TableClient,
  agent: ClientId,
  abortSignal: AbortSignal,
): Promise<StoredRow | undefined> {
  try {
    const entity = await client.getEntity<RegistrationEntity>(agent, ROW_KEY, { abortSignal });
    // An answer that is no entity, or another's, says nothing of this agent.
    if (entity.partitionKey !== agent) throw new Error("Table Storage answered what was not asked for");
    // Without one, the SDK would write over whatever is there.
    if (typeof entity.etag !== "string" || entity.etag === "") throw new Error("The stored row has no ETag");
    return {
      etag: entity.etag,
      registration: registrationOf(agent, entity),
      requestedAtMs: Date.parse(String(entity.updatedAt)),
      createdBy: textOf(entity.createdBy),
      writtenBy: textOf(entity.writtenBy),
    };
  } catch (error) {
    if (odataErrorCode(error) === "ResourceNotFound") return undefined;
    throw error;
  }
}

/** The registration that a row holds; `undefined` where it is a tombstone. */
export function registrationOf(
  agent: ClientId,
  entity: TableEntityResult<RegistrationEntity>,
): Registration | undefined {
  if (entity.removed === true) return undefined;
  const registeredAt = new Date(String(entity.registeredAt));
  const updatedAt = new Date(String(entity.updatedAt));
  const isWhole = !Number.isNaN(registeredAt.getTime() + updatedAt.getTime());
  // What Table Storage itself knows of the row, and nobody can edit.
  const storedAt = new Date(String(entity.timestamp));
  if (!isWhole && Number.isNaN(storedAt.getTime())) throw new Error("The stored registration has no times");
  return {
    agent,
    // Only a clear opt-out is one: a record that someone mangled stays enforced.
    enforceClientAuthz: !(isWhole && entity.enforceClientAuthz === false),
    registeredAt: isWhole ? registeredAt : storedAt,
    updatedAt: isWhole ? updatedAt : storedAt,
  };
}

function textOf(column: unknown): string {
  return typeof column === "string" ? column : "";
}
