import { endpoint } from "../http/endpoint.ts";
import { problemOf } from "../http/problem.ts";
import type { Ports } from "./ports.ts";

// Probes come every few seconds; one log line a minute for each failure is enough.
const REPORT_INTERVAL_MS = 60_000;

/**
 * `GET /api/health/ready`: whether the dependencies of a session start are available: Table Storage, and
 * Graph with its permission.
 */
export const readiness = endpoint(
  {
    name: "readiness",
    method: "GET",
    route: "api/health/ready",
    caller: "none",
    documentation: {
      tag: "Service",
      summary: "Check that LKPS can start sessions",
      description:
        "Checks Table Storage, and Microsoft Graph including the permission to read applications, each at most once a second.",
    },
    responses: { 200: "Readiness", 503: "Readiness" },
  },
  ({ probes, clock }: Pick<Ports, "probes" | "clock">) => {
    const reportedAt = new Map<string, number>();
    return async ({ reportFailure }) => {
      const check = async (name: "tables" | "graph" | "parts") => {
        try {
          await probes[name]();
          return { ok: true };
        } catch (error) {
          const { code } = problemOf(error);
          const failure = `${name} ${code}`;
          const now = clock.elapsed();
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
        headers: (ready ? {} : { "retry-after": "1" }) as Record<string, string>,
        jsonBody: {
          status: ready ? ("ready" as const) : ("not_ready" as const),
          dependencies: { tables, graph },
          ...(!parts.ok && { code: parts.code }),
        },
      };
    };
  },
);
