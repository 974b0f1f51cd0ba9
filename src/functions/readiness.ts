import type { Chance } from "../domain/ports.ts";
import type { HttpTrigger } from "../http/endpoint.ts";
import { problemOf } from "../http/problem.ts";

/** Asks a dependency for something harmless; throws if it cannot do its part. */
type Probe = () => Promise<unknown>;

interface ReadinessPorts {
  /** Each asks its dependency once a second at most. */
  readonly tables: Probe;
  readonly graph: Probe;
  /** Loads what is loaded lazily: Node keeps a failed import for good, and such an instance starts no session ever. */
  readonly parts: Probe;
  readonly chance: Pick<Chance, "elapsed">;
}

// Probes come every few seconds: one line a minute for each failure is enough to know.
const REPORT_INTERVAL_MS = 60_000;

/** `GET /api/health/ready`: whether what a session needs is there: Table Storage, and Graph with its permission. */
export function readiness(ports: ReadinessPorts): HttpTrigger {
  const reportedAt = new Map<string, number>();
  return {
    name: "readiness",
    methods: ["GET"],
    route: "api/health/ready",
    caller: "none",
    handle: async ({ reportFailure }) => {
      const check = async (name: "tables" | "graph" | "parts") => {
        try {
          await ports[name]();
          return { ok: true };
        } catch (error) {
          const { code } = problemOf(error);
          const failure = `${name} ${code}`;
          const now = ports.chance.elapsed();
          if (now - (reportedAt.get(failure) ?? Number.NEGATIVE_INFINITY) >= REPORT_INTERVAL_MS) {
            reportedAt.set(failure, now);
            reportFailure(error);
          }
          return { ok: false, code };
        }
      };
      const [tables, graph, parts] = await Promise.all([check("tables"), check("graph"), check("parts")]);
      const ready = tables.ok && graph.ok && parts.ok;
      return {
        status: ready ? 200 : 503,
        jsonBody: {
          status: ready ? "ready" : "not_ready",
          dependencies: { tables, graph },
          ...(!parts.ok && { code: parts.code }),
        },
        ...(!ready && { headers: { "retry-after": "1" } }),
      };
    },
  };
}
