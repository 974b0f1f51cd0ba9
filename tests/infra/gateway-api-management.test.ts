import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { corsRules } from "../../dev/gateway.ts";
import { consoleSettings } from "../../dev/stack/app-settings.ts";
import routes from "../../infra/gateway/routes.json" with { type: "json" };
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { operations as documented } from "../support/openapi-document.ts";
import { testApp } from "../support/test-app.ts";
import { type ModuleResource, resourcesOf, workspaceId } from "./compiled-module.ts";
import { describeWithBicep } from "./with-bicep.ts";

// Azure's own engine, which runs these policies, is not available here. The tests check their statements and order.

const read = (name: string) => readFileSync(join(repositoryRoot, "infra", "gateway", name), "utf8");

/** The statements of the policy that requests go through, in order, each with its text. */
function inbound(policy: string): string[] {
  const section = /<inbound>(.*?)<\/inbound>/s.exec(policy.replaceAll(/<!--.*?-->/gs, ""))?.[1] ?? "";
  const statements = section.match(/<([\w-]+)(?:[^<>]*\/>|.*?<\/\1>)/gs) ?? [];
  return statements.map((statement) => statement.replaceAll(/\s+/g, " ").replaceAll("&quot;", '"'));
}

/** Why a policy is not well-formed XML: tags that do not match, or characters that are not escaped. */
function xmlDefects(xml: string): string[] {
  const text = xml.replaceAll(/<!--(?:(?!--).)*-->/gs, "");
  const defects = [...text.matchAll(/&(?!(?:quot|amp|lt|gt|apos);).{0,9}/gs)].map(([found]) => found);
  const open: string[] = [];
  const tag = /<(\/?)([a-z][\w-]*)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>/g;
  for (const [, closes, name = "", , isEmpty] of text.matchAll(tag)) {
    if (closes === "/") {
      if (open.pop() !== name) defects.push(`</${name}>`);
    } else if (isEmpty !== "/") open.push(name);
  }
  return [...defects, ...open, ...(text.replaceAll(tag, "").match(/<.{0,20}/gs) ?? [])];
}

describe.each([
  ["of callers", "api-management.xml"],
  ["of anybody", "api-management-anonymous.xml"],
])("the policy %s", (_, file) => {
  test("first removes what callers must not send", () => {
    const own = inbound(read(file)).filter((statement) => statement !== "<base />");
    expect(own.slice(0, 3)).toEqual([
      '<set-header name="client-id" exists-action="delete" />',
      '<set-header name="x-functions-key" exists-action="delete" />',
      '<set-query-parameter name="code" exists-action="delete" />',
    ]);
  });
});

test.each([
  "api-management.xml",
  "api-management-anonymous.xml",
  "api-management-cors.xml",
  "api-management-problem.xml",
])("%s is well-formed XML, as the format of its resource says", (file) => {
  expect(xmlDefects(read(file))).toEqual([]);
});

describe("the policy of callers", () => {
  const [
    ,
    ,
    ,
    ,
    first = "",
    refusesFirst = "",
    validation = "",
    ,
    refusesThen = "",
    clientId = "",
    key = "",
    backend = "",
  ] = inbound(read("api-management.xml"));
  const refuses =
    '<choose> <when condition="@((string)context.Variables["refusal"] != "")"> <include-fragment fragment-id="lkps-problem" /> </when> </choose>';

  test("refuses ambiguous paths and requests without one token before it looks at the token", () => {
    expect(first).toMatch(/invalid_request.*caller_unidentified.*invalid_token/);
    expect(refusesFirst).toBe(refuses);
  });

  test("validates the token as Entra's: of the tenant, for LKPS", () => {
    for (const part of [
      '<validate-azure-ad-token tenant-id="TENANT_ID" header-name="Authorization"',
      'output-token-variable-name="accessToken"',
      "<audience>AUDIENCE</audience>",
    ]) {
      expect(validation).toContain(part);
    }
  });

  test("refuses what the rest of the contract forbids, then sets the caller, then adds the key", () => {
    expect(refusesThen).toBe(refuses);
    expect(clientId).toMatch(/^<set-header name="client-id" exists-action="override">/);
    expect(clientId).toContain('((Jwt)context.Variables["accessToken"])');
    expect(clientId).not.toContain("context.Request");
    expect(key).toBe(
      '<set-header name="x-functions-key" exists-action="override"> <value>{{FUNCTION_KEY}}</value> </set-header>',
    );
    expect(backend).toBe('<set-backend-service base-url="https://LKPS_HOST" />');
  });
});

test("every code that a policy refuses with is in the fragment, with the status of its paragraph, and no other", () => {
  const policy = read("api-management.xml");
  const fragment = read("api-management-problem.xml");
  const guide = readFileSync(join(repositoryRoot, "docs", "problems.md"), "utf8");
  const used = [...policy.matchAll(/&quot;([a-z]+(?:_[a-z]+)+)&quot;/g)].map(([, code]) => code);
  const known = [...fragment.matchAll(/'(\w+)': \{ 'status': (\d+)/g)].map(([, code, status]) => [
    code,
    status,
  ]);
  expect([...new Set(used)].sort()).toEqual(known.map(([code]) => code).sort());
  for (const [code, status] of known) expect(guide, code).toContain(`## ${code}\n\n**${status}**`);
});

test("the anonymous policy rejects the same paths, sets no caller, and has no key", () => {
  const statements = inbound(read("api-management-anonymous.xml"));
  expect(statements).toHaveLength(5);
  const pathCheck = /Regex\.IsMatch\(context\.Request\.OriginalUrl\.Path, @"[^"]*"\)/;
  expect(pathCheck.exec(statements[3] ?? "")?.[0]).toBe(
    pathCheck.exec(inbound(read("api-management.xml"))[4] ?? "")?.[0],
  );
  expect(statements[4]).toContain('<include-fragment fragment-id="lkps-problem" />');
  expect(read("api-management-anonymous.xml")).not.toContain("{{");
  // A webhook is signed over its raw body.
  expect(read("api-management-anonymous.xml")).not.toMatch(/Request\.Body|set-body/);
});

/** The contents of the elements with that name, in order. */
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
  expect([corsRules.allowMethods, corsRules.allowHeaders]).toEqual([methods, headers]);
  expect(corsRules.exposeHeaders).toEqual(valuesOf("header", exposed));
});

/** With every route, and with callers apart from anybody. */
const settings = {
  ...consoleSettings,
  CALLER_IDENTITY: "gateway-header-and-access-token",
  ENTRA_TENANT_ID: "7e4a4700-0000-4000-8000-000000000001",
  ENTRA_AUDIENCE: "api://lkps",
};

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
      functionKeySecretName: "lkps-function-key-green",
      publicBaseUrl: "https://gateway.example",
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
    expect(value.replaceAll(/<!--.*?-->/gs, "")).not.toMatch(/\b(?=[A-Z]*_)[A-Z_]{5,}\b|AUDIENCE/);
  });

  test("one write of the policy switches both address and key to the other app", () => {
    const [policy] = ofType("ApiManagement/service/apis/policies");
    const statements = inbound(policy?.properties.value).join("\n");
    expect(statements).toContain("<value>{{lkps-function-key-green}}</value>");
    expect(statements).toContain('<set-backend-service base-url="https://func-lkps-np.azurewebsites.net" />');
    // The Consumption tier refuses these.
    expect(ofType("ApiManagement/service")[0]?.properties.customProperties).toBeUndefined();
  });

  test("with origins, each policy begins with CORS, and is otherwise unchanged", () => {
    const plain = policiesOf(resources).map(inbound);
    const [cors = ""] = inbound(policiesOf(withOrigins)[0] ?? "");
    expect(policiesOf(withOrigins).map(inbound)).toEqual(plain.map((statements) => [cors, ...statements]));
    expect(plain).toHaveLength(1 + 2 * 15 + 1);
    expect(cors).toMatch(/^<cors allow-credentials="false" terminate-unmatched-request="false">/);
    expect(valuesOf("origin", cors)).toEqual(origins);
  });

  test("without origins, there is no CORS", () => {
    expect(policiesOf(resources).filter((policy) => policy.includes("cors"))).toEqual([]);
  });

  test("no operation takes OPTIONS, which would make requests of preflights, and CORS allows what there is", () => {
    const methods = ofType("ApiManagement/service/apis/operations").map(
      ({ properties }) => properties.method,
    );
    // Pages may send HEAD to any origin that they may send GET to.
    const listed = [...valuesOf("method", read("api-management-cors.xml")), "HEAD"];
    expect([...new Set(methods)].sort()).toEqual(listed.sort());
  });

  test("only the anonymous routes have a policy of their own", () => {
    const operations = ofType("ApiManagement/service/apis/operations");
    const withPolicy = ofType("ApiManagement/service/apis/operations/policies").map(
      ({ name }) => name.split("/")[2],
    );
    const open = operations.filter(({ name }) => withPolicy.includes(name.split("/")[2] ?? ""));
    const anonymous = [
      "/.well-known/authzen-configuration",
      "/api/console/configuration",
      "/api/docs",
      // The page's files, and the page that the `type` of a problem links to.
      "/api/docs/lkps.css",
      "/api/docs/names.js",
      "/api/docs/problems.html",
      "/api/docs/start.js",
      "/api/docs/swagger-ui-bundle.js",
      "/api/docs/swagger-ui.css",
      "/api/health",
      "/api/health/ready",
      "/api/openapi.json",
      "/console",
      "/console/console.css",
      "/console/console.js",
    ];
    const named = (among: typeof open) =>
      among.map(({ properties }) => `${properties.method} ${properties.urlTemplate}`).sort();
    expect(named(open)).toEqual([
      ...["GET", "HEAD"].flatMap((method) => anonymous.map((path) => `${method} ${path}`)),
      "POST /api/livekit/webhook",
    ]);
    const guarded = named(operations.filter((operation) => !open.includes(operation)));
    const callers = testApp({ settings }).endpoints.filter(({ authLevel }) => authLevel !== "anonymous");
    expect(guarded).toEqual(
      callers.flatMap(({ methods, route }) => methods.map((method) => `${method} /${route}`)).sort(),
    );
  });

  test("has every route of the OpenAPI document, and says which are the agent's own", () => {
    const templates = ofType("ApiManagement/service/apis/operations").map(
      ({ properties }) => `${properties.method} ${properties.urlTemplate}`,
    );
    for (const { method, path } of documented) expect(templates).toContain(`${method} ${path}`);
    const agents = routes.filter(({ caller }) => caller === "agent").map(({ path }) => path);
    expect(agents).toEqual(routes.map(({ path }) => path).filter((path) => path.startsWith("/api/agent/")));
  });

  test("each parameter of a path is declared, and no two operations share a name", () => {
    const operations = ofType("ApiManagement/service/apis/operations");
    for (const { properties } of operations) {
      const wanted = [...properties.urlTemplate.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect((properties.templateParameters ?? []).map(({ name }: { name: string }) => name)).toEqual(wanted);
    }
    expect(new Set(operations.map(({ name }) => name)).size).toBe(operations.length);
  });

  test("refusals are problems: the policy includes the fragment that makes them", () => {
    const [fragment] = ofType("ApiManagement/service/policyFragments");
    expect(fragment?.name.split("/").at(-1)).toBe("lkps-problem");
    expect(fragment?.properties.value).toBe(
      read("api-management-problem.xml").replace("PUBLIC_BASE_URL", "https://gateway.example"),
    );
    const [policy = ""] = policiesOf(resources);
    expect(policy.match(/<include-fragment fragment-id="lkps-problem" \/>/g)).toHaveLength(3);
    expect(policy.split("<on-error>")[1]).toContain('<include-fragment fragment-id="lkps-problem" />');
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
