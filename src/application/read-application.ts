import type { ApplicationSnapshot, ReadLimits } from "../domain/application-snapshot.ts";
import type { ClientId } from "../domain/client-id.ts";
import { DependencyError } from "../domain/dependency-error.ts";
import type { ApplicationDirectory, Clock } from "../domain/ports.ts";
import { RateLimitError } from "../domain/rate-limit-error.ts";
import type { DecisionRecord } from "./decision-record.ts";

/** Reads an agent's application, and adds the number of requests to Graph and the time to the record. */
export async function readApplication(
  ports: {
    readonly applications: Pick<ApplicationDirectory, "read">;
    readonly clock: Pick<Clock, "elapsed">;
  },
  agent: ClientId,
  record: DecisionRecord,
  limits: ReadLimits,
  notBefore?: number,
): Promise<ApplicationSnapshot> {
  const startedAt = ports.clock.elapsed();
  let attempts = 0;
  try {
    const snapshot = await ports.applications.read(agent, limits, notBefore);
    attempts = snapshot.attempts;
    return snapshot;
  } catch (error) {
    if (error instanceof DependencyError || error instanceof RateLimitError) attempts = error.attempts;
    throw error;
  } finally {
    if (attempts > 0) {
      record.graph_attempts = (record.graph_attempts ?? 0) + attempts;
      record.graph_ms = (record.graph_ms ?? 0) + ports.clock.elapsed() - startedAt;
    }
  }
}
