import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { allowedHeaders, allowedMethods, exposedHeaders } from "../../tools/gateway/cors.ts";
import { repositoryRoot } from "../../tools/repository.ts";
import { type ModuleResource, resourcesOf, workspaceId } from "./compiled-module.ts";
import { describeWithBicep } from "./with-bicep.ts";

// Azure's own engine runs these policies and cannot be had here: what is tested is what they say, and in which order.

vi.setConfig({ hookTimeout: 60_000 });

const read = (name: string) => readFileSync(join(repositoryRoot, "infra", "gateway", name), "utf8");

/** The statements of the policy that requests go through, in order, each with its text. */
function inbound(policy: string): string[] {
  const section = /<inbound>(.*?)<\/inbound>/s.exec(policy.replaceAll(/<!--.*?-->/gs, ""))?.[1] ?? "";
  const statements = section.match(/<([\w-]+)(?:[^<>]*\/>|.*?<\/\1>)/gs) ?? [];
  return statements.map((statement) => statement.replaceAll(/\s+/g, " "));
}

describe.each([
  ["of callers", "api-management.xml"],
  ["of anybody", "api-management-anonymous.xml"],
])("the policy %s", (_, file) => {
  test("takes away what callers may not say before anything else", () => {
    const own = inbound(read(file)).filter((statement) => statement !== "<base />");
    expect(own.slice(0, 2)).toEqual([
      '<set-header name="client-id" exists-action="delete" />',
      '<set-header name="x-functions-key" exists-action="delete" />',
    ]);
  });
});

test("the policy of callers validates the token, then names its application, then adds the key", () => {
  const [, , , validation = "", clientId = "", key = ""] = inbound(read("api-management.xml"));
  expect(validation).toMatch(/^<validate-azure-ad-token tenant-id="TENANT_ID" header-name="Authorization"/);
  expect(validation).toContain('output-token-variable-name="accessToken"');
  expect(validation).toContain("<audience>AUDIENCE</audience>");
  expect(clientId).toMatch(/^<set-header name="client-id" exists-action="override">/);
  expect(clientId).toContain('((Jwt)context.Variables["accessToken"])');
  expect(clientId).not.toContain("context.Request");
  expect(key).toBe(
    '<set-header name="x-functions-key" exists-action="override"> <value>{{lkps-function-key}}</value> </set-header>',
  );
});

test("the policy of anybody says nothing for the caller, and holds no key", () => {
  expect(inbound(read("api-management-anonymous.xml"))).toHaveLength(2);
  expect(read("api-management-anonymous.xml")).not.toContain("{{");
});

/** What stands in elements of that name, in order. */
const valuesOf = (element: string, xml: string) =>
  [...xml.matchAll(new RegExp(`<${element}\\b[^>]*>([^<]*)</${element}>`, "g"))].map(([, value]) => value);

test("browsers may do the same through both samples and the local stand-in", () => {
  const cors = read("api-management-cors.xml");
  const [allowed = "", exposed = ""] = cors.split("<expose-headers>");
  const methods = valuesOf("method", cors);
  const headers = valuesOf("header", allowed);
  expect(headers).toEqual(["authorization", "content-type", "x-request-id"]);
  const ocelot = read("BrowserOrigins.cs");
  const listIn = (call: string) =>
    new RegExp(`\\.${call}\\((.*)\\)`)
      .exec(ocelot)?.[1]
      ?.split(", ")
      .map((text) => JSON.parse(text));
  expect([listIn("WithMethods"), listIn("WithHeaders")]).toEqual([methods, headers]);
  expect(listIn("WithExposedHeaders")).toEqual(valuesOf("header", exposed));
  expect([allowedMethods, allowedHeaders]).toEqual([methods, headers]);
  expect(exposedHeaders).toEqual(valuesOf("header", exposed));
});

describeWithBicep("the compiled API Management", () => {
  let resources: ModuleResource[] = [];
  let withOrigins: ModuleResource[] = [];
  beforeAll(async () => {
    const parameters = {
      location: "westeurope",
      tags: {},
      name: "apim-lkps-np",
      publisherEmail: "ops@example.com",
      publisherName: "Ops",
      functionAppHostname: "func-lkps-np.azurewebsites.net",
      vaultName: "kv-lkps-np",
      functionKeySecretName: "lkps-function-key",
      tenantId: "7e4a4700-0000-4000-8000-000000000001",
      audiences: ["5e4f1ce0-0000-4000-8000-000000000001", "api://lkps"],
      workspaceResourceId: workspaceId,
    };
    resources = await resourcesOf("api-management", { ...parameters, corsOrigins: [] });
    withOrigins = await resourcesOf("api-management", { ...parameters, corsOrigins: origins });
  });
  const origins = ["https://console.example", "http://127.0.0.1:5173"];
  const ofType = (type: string, among = resources) =>
    among.filter((resource) => resource.type === `Microsoft.${type}`);
  const policiesOf = (among: ModuleResource[]): string[] =>
    ["apis/policies", "apis/operations/policies"]
      .flatMap((type) => ofType(`ApiManagement/service/${type}`, among))
      .map(({ properties }) => properties.value);

  test("fills in the tenant and every audience", () => {
    const [policy] = ofType("ApiManagement/service/apis/policies");
    const value: string = policy?.properties.value;
    expect(value).toContain('tenant-id="7e4a4700-0000-4000-8000-000000000001"');
    expect(value.match(/<audience>[^<]*<\/audience>/g)).toEqual([
      "<audience>5e4f1ce0-0000-4000-8000-000000000001</audience>",
      "<audience>api://lkps</audience>",
    ]);
    expect(value).not.toMatch(/TENANT_ID|AUDIENCE/);
  });

  test("with origins, each policy begins with their CORS, and goes on as it does without", () => {
    const plain = policiesOf(resources).map(inbound);
    const [cors = ""] = inbound(policiesOf(withOrigins)[0] ?? "");
    expect(policiesOf(withOrigins).map(inbound)).toEqual(plain.map((statements) => [cors, ...statements]));
    expect(plain).toHaveLength(12);
    expect(cors).toMatch(/^<cors allow-credentials="false" terminate-unmatched-request="false">/);
    expect(valuesOf("origin", cors)).toEqual(origins);
  });

  test("without origins there is no CORS", () => {
    expect(policiesOf(resources).filter((policy) => policy.includes("cors"))).toEqual([]);
  });

  test("no operation takes OPTIONS, which would make requests of preflights, and CORS allows what there is", () => {
    const methods = ofType("ApiManagement/service/apis/operations").map(
      ({ properties }) => properties.method,
    );
    expect([...new Set(methods)]).toEqual(valuesOf("method", read("api-management-cors.xml")));
  });

  test("lets only what the contract calls anonymous past the API's policy", () => {
    const operations = ofType("ApiManagement/service/apis/operations");
    const withPolicy = ofType("ApiManagement/service/apis/operations/policies").map(
      ({ name }) => name.split("/")[2],
    );
    const open = operations.filter(({ name }) => withPolicy.includes(name.split("/")[2] ?? ""));
    expect(open.map(({ properties }) => `${properties.method} ${properties.urlTemplate}`)).toEqual([
      "GET /api/health",
      "GET /api/health/ready",
      "GET /api/docs",
      // What the page is made of, and where the `type` of a problem leads.
      "GET /api/docs/lkps.css",
      "GET /api/docs/names.js",
      "GET /api/docs/problems.html",
      "GET /api/docs/start.js",
      "GET /api/docs/swagger-ui.css",
      "GET /api/docs/swagger-ui-bundle.js",
      "GET /api/openapi.json",
      "GET /.well-known/authzen-configuration",
    ]);
    const guarded = operations.filter((operation) => !open.includes(operation));
    expect(guarded.map(({ properties }) => `${properties.method} ${properties.urlTemplate}`)).toEqual([
      "GET /api/*",
      "POST /api/*",
      "DELETE /api/*",
    ]);
  });

  test("keeps the function key in the vault, and speaks https only", () => {
    const [key] = ofType("ApiManagement/service/namedValues");
    expect([key?.properties.secret, key?.properties.value]).toEqual([true, undefined]);
    expect(JSON.stringify(key?.properties.keyVault)).toContain("lkps-function-key");
    const [lkps] = ofType("ApiManagement/service/apis");
    expect(lkps?.properties).toMatchObject({ protocols: ["https"], subscriptionRequired: false });
    expect(lkps?.properties.serviceUrl).toBe("https://func-lkps-np.azurewebsites.net");
  });
});
