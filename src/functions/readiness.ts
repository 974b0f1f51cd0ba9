import { DependencyError } from "../domain/dependency-error.ts";
import type { HttpTrigger } from "./http-trigger.ts";

/** Asks a dependency for something harmless; throws if it cannot do its part. */
export type Probe = () => Promise<unknown>;

/** `GET /api/health/ready`: whether what a session needs is there: Table Storage, and Graph with its permission. */
export function readiness(probes: { readonly tables: Probe; readonly graph: Probe }): HttpTrigger {
  return {
    name: "readiness",
    methods: ["GET"],
    route: "api/health/ready",
    reachedBy: "anyone",
    handle: async ({ reportFailure }) => {
      const check = async (probe: Probe) => {
        try {
          await probe();
          return { ok: true };
        } catch (error) {
          // A defect says nothing of the dependency: let it become a 500.
          if (!(error instanceof DependencyError)) throw error;
          return { ok: false, code: reportFailure(error).code };
        }
      };
      const [tables, graph] = await Promise.all([check(probes.tables), check(probes.graph)]);
      const ready = tables.ok && graph.ok;
      return {
        status: ready ? 200 : 503,
        jsonBody: { status: ready ? "ready" : "not_ready", dependencies: { tables, graph } },
        ...(!ready && { headers: { "retry-after": "1" } }),
      };
    },
  };
}
