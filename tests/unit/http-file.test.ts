import { expect, test } from "vitest";
import { defaultPorts, lkpsClientId, tenantId } from "../../dev/local-defaults.ts";
import { EXAMPLE } from "../../tools/openapi/example-ids.ts";
import { operations } from "../support/openapi-document.ts";
import { callerOf } from "../support/openapi-situations.ts";

const callers = [
  ["agent", EXAMPLE.agent, "agent1-secret"],
  ["optedOutAgent", EXAMPLE.agentThatOptedOut, "agent7-secret"],
  ["client", EXAMPLE.client, "approved-secret"],
] as const;

const head = `# Requests to LKPS, made from the examples of the OpenAPI document, for REST Client (VS Code) and Visual Studio.
# Run npm start, send the requests for access tokens, then any other. To update this file: npx vitest run http-file -u

@lkps = http://127.0.0.1:${defaultPorts.gateway}
@tokenUrl = http://127.0.0.1:${defaultPorts.entra}/${tenantId}/oauth2/v2.0/token
@scope = api://${lkpsClientId}/.default
`;

const tokenRequests = callers.map(
  ([name, clientId, secret]) => `### Access token: ${name}
# @name ${name}
POST {{tokenUrl}}
Content-Type: application/x-www-form-urlencoded

grant_type=client_credentials&client_id=${clientId}&client_secret=${secret}&scope={{scope}}
`,
);

function requestsOf({ operationId, summary, method, path, requestBody }: (typeof operations)[number]) {
  const examples = Object.entries<{ summary: string; value: unknown }>(
    requestBody?.content["application/json"].examples ?? { "": { summary: "" } },
  );
  return examples.map(([name, example]) => {
    const isAgent = callerOf(operationId) === EXAMPLE.agent;
    const caller = name === "opted_out" ? "optedOutAgent" : isAgent ? "agent" : "client";
    const target = path.replace("{session_id}", "{{listSessions.response.body.$.sessions[0].session_id}}");
    const lines = [
      `### ${[summary, example.summary].filter(Boolean).join(": ")}`,
      ...(operationId === "listSessions" ? ["# @name listSessions"] : []),
      `${method} {{lkps}}${target}`,
      ...(callerOf(operationId) ? [`Authorization: Bearer {{${caller}.response.body.$.access_token}}`] : []),
      ...(example.value === undefined
        ? []
        : ["Content-Type: application/json", "", JSON.stringify(example.value, null, 2)]),
    ];
    return `${lines.join("\n")}\n`;
  });
}

test("examples/lkps.http has every request that the OpenAPI document shows, but for the console's", async () => {
  // Agents first: without them, nobody can start a session.
  const rank = ({ operationId }: (typeof operations)[number]) =>
    operationId === "registerAgent" ? 0 : operationId === "removeRegistration" ? 2 : 1;
  const sorted = operations.filter(({ tags }) => tags[0] !== "Console").toSorted((a, b) => rank(a) - rank(b));
  const text = [head, ...tokenRequests, ...sorted.flatMap(requestsOf)].join("\n");
  await expect(text).toMatchFileSnapshot("../../examples/lkps.http");
});
