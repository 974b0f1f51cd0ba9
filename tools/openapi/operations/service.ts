import { EXAMPLE } from "../../../src/contract/example-ids.ts";
import { PROBLEMS_PAGE } from "../../../src/contract/problem-types.ts";
import type { Operation } from "../operation.ts";
import { defect, problemAnswers } from "../problems.ts";

const tag = "Service";
const access = `${EXAMPLE.baseUrl}/api/access/v1`;

/** What anyone may ask; none of it asks who is calling. `version` is LKPS's own. */
export const serviceOperations = (version: string): readonly Operation[] => [
  {
    operationId: "authzenConfiguration",
    method: "get",
    path: "/.well-known/authzen-configuration",
    tag,
    summary: "Where the AuthZEN endpoints are",
    description: "The metadata of AuthZEN.",
    callers: false,
    answers: [
      {
        status: 200,
        description: "The endpoints.",
        schema: "AuthzenConfiguration",
        examples: {
          endpoints: {
            summary: "The endpoints",
            value: {
              policy_decision_point: EXAMPLE.baseUrl,
              access_evaluation_endpoint: `${access}/evaluation`,
              access_evaluations_endpoint: `${access}/evaluations`,
              search_subject_endpoint: `${access}/search/subject`,
              search_resource_endpoint: `${access}/search/resource`,
            },
          },
        },
      },
    ],
  },
  {
    operationId: "health",
    method: "get",
    path: "/api/health",
    tag,
    summary: "Whether the process serves",
    description: "Asks nothing of anyone.",
    callers: false,
    answers: [
      {
        status: 200,
        description: "It does.",
        schema: "Health",
        examples: { serves: { summary: "It serves", value: { status: "ok", version } } },
      },
    ],
  },
  {
    operationId: "readiness",
    method: "get",
    path: "/api/health/ready",
    tag,
    summary: "Whether what a session needs is there",
    description: "Table Storage, and Microsoft Graph with the permission to read applications.",
    callers: false,
    answers: [
      {
        status: 200,
        description: "All of it is.",
        schema: "Readiness",
        examples: {
          ready: {
            summary: "Ready",
            value: { status: "ready", dependencies: { tables: { ok: true }, graph: { ok: true } } },
          },
        },
      },
      {
        status: 503,
        description: "Some of it is not.",
        schema: "Readiness",
        examples: {
          directory_unavailable: notReady({ tables: null, graph: "directory_unavailable" }),
          directory_access_denied: notReady({ tables: null, graph: "directory_access_denied" }),
          storage_unavailable: notReady({ tables: "storage_unavailable", graph: null }),
        },
      },
    ],
  },
  {
    operationId: "openapi",
    method: "get",
    path: "/api/openapi.json",
    tag,
    summary: "This document",
    description: "Made from the schemas that check requests.",
    callers: false,
    answers: [
      {
        status: 200,
        description: "OpenAPI 3.1.",
        schema: "OpenApiDocument",
        examples: {},
      },
      ...problemAnswers([defect]),
    ],
  },
  {
    operationId: "docs",
    method: "get",
    path: "/api/docs",
    tag,
    summary: "A page to read this document and to try it",
    description: `Needs no other host. Its files are beneath its own address, and so is what each error means: \`${PROBLEMS_PAGE}\`.`,
    callers: false,
    answers: [
      { status: 200, description: "The page.", contentType: "text/html; charset=utf-8", examples: {} },
      ...problemAnswers([defect]),
    ],
  },
];

function notReady(codes: Record<"tables" | "graph", string | null>) {
  const of = (code: string | null) => (code === null ? { ok: true } : { ok: false, code });
  const value = { status: "not_ready", dependencies: { tables: of(codes.tables), graph: of(codes.graph) } };
  return { summary: `Not ready: ${codes.tables ?? codes.graph}`, value };
}
