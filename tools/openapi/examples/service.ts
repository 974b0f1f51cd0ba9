import { UNKNOWN_ADDRESS } from "../../../src/functions/authzen-configuration.ts";
import { EXAMPLE } from "../example-ids.ts";
import { type OperationExamples, ok } from "../operation-examples.ts";

const access = `${EXAMPLE.baseUrl}/api/access/v1`;

/** Examples of the anonymous endpoints. `version` is LKPS's. */
export const serviceOperations = (version: string): readonly OperationExamples[] => [
  {
    operationId: "authzenConfiguration",
    details: { not_found: UNKNOWN_ADDRESS },
    responses: ok("The endpoints.", {
      endpoints: {
        summary: "The endpoints",
        value: {
          policy_decision_point: EXAMPLE.baseUrl,
          access_evaluation_endpoint: `${access}/evaluation`,
          access_evaluations_endpoint: `${access}/evaluations`,
          search_subject_endpoint: `${access}/search/subject`,
          search_resource_endpoint: `${access}/search/resource`,
          search_action_endpoint: `${access}/search/action`,
        },
      },
    }),
  },
  {
    operationId: "health",
    responses: ok("The process is running.", {
      serves: { summary: "Running", value: { status: "ok", version } },
    }),
  },
  {
    operationId: "readiness",
    responses: [
      {
        status: 200,
        description: "All dependencies are available.",
        examples: {
          ready: {
            summary: "Ready",
            value: { status: "ready", dependencies: { tables: { ok: true }, graph: { ok: true } } },
          },
        },
      },
      {
        status: 503,
        description: "A dependency is not available.",
        examples: {
          directory_unavailable: notReady({ tables: null, graph: "directory_unavailable" }),
          directory_access_denied: notReady({ tables: null, graph: "directory_access_denied" }),
          storage_unavailable: notReady({ tables: "storage_unavailable", graph: null }),
        },
      },
    ],
  },
  {
    operationId: "consoleConfiguration",
    responses: ok("Where to sign in, and for what.", {
      configuration: {
        summary: "The configuration",
        value: {
          authority: `https://login.microsoftonline.com/${EXAMPLE.tenant}`,
          client_id: EXAMPLE.console,
          scope: `api://${EXAMPLE.lkps}/access_as_user`,
          graph_base_url: "https://graph.microsoft.com",
        },
      },
    }),
  },
  {
    operationId: "openapi",
    responses: ok("OpenAPI 3.1."),
  },
  {
    operationId: "docs",
    responses: ok("The page."),
  },
];

function notReady(codes: Record<"tables" | "graph", string | null>) {
  const of = (code: string | null) => (code === null ? { ok: true } : { ok: false, code });
  const value = { status: "not_ready", dependencies: { tables: of(codes.tables), graph: of(codes.graph) } };
  return { summary: `Not ready: ${codes.tables ?? codes.graph}`, value };
}
