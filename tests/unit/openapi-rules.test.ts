import { expect, test } from "vitest";
import { problemCodes } from "../../src/contract/problem-types.ts";
import { document, operations } from "../support/openapi-document.ts";

// What client generators need. Without each of these rules, some generator crashed, produced code that did not compile,
// or lost answers.

// biome-ignore lint/suspicious/noExplicitAny: schemas of any shape
type Json = any;

/** Every schema of the document, nested ones included, with its location. */
const schemas: readonly { readonly at: string; readonly schema: Json }[] = [
  ...Object.entries<Json>(document.components.schemas).flatMap(([name, schema]) => partsOf(schema, name)),
  ...schemasOutside({ ...document, components: { ...document.components, schemas: {} } }, "#"),
];

function partsOf(schema: Json, at: string): { at: string; schema: Json }[] {
  const { properties = {}, items, additionalProperties, anyOf = [], oneOf = [], allOf = [] } = schema;
  const parts = [
    ...Object.entries<Json>(properties),
    ...[...anyOf, ...oneOf, ...allOf].map((part, n): [string, Json] => [String(n), part]),
    ...[items, additionalProperties].map((part): [string, Json] => ["*", part]),
  ].filter(([, part]) => typeof part === "object");
  return [{ at, schema }, ...parts.flatMap(([name, part]) => partsOf(part, `${at}.${name}`))];
}

/** The schemas of bodies, parameters, and headers. */
function schemasOutside(value: Json, at: string): { at: string; schema: Json }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries<Json>(value).flatMap(([name, member]) =>
    name === "schema"
      ? partsOf(member, at)
      : name === "examples"
        ? []
        : schemasOutside(member, `${at}/${name}`),
  );
}

/** The locations of the schemas that break a rule. */
const where = (breaks: (schema: Json, at: string) => boolean) =>
  schemas.filter(({ schema, at }) => breaks(schema, at)).map(({ at }) => at);
const isNull = ({ type }: Json) => type === "null";
const { schemas: named, responses: shared } = document.components;
const responses = operations.flatMap(({ operationId, responses }) =>
  Object.entries<Json>(responses).map(([status, response]) => ({
    at: `${operationId} ${status}`,
    status,
    ...(response.$ref === undefined ? response : shared[response.$ref.split("/").at(-1)]),
  })),
);

test("no member can only be null", () => {
  expect(
    where(({ properties = {} }) => Object.values<Json>(properties).some((member) => isNull(member))),
  ).toEqual([]);
});

test("no schema is a choice of two, because Kiota's clients read neither; only a named schema or null is", () => {
  expect(where(({ oneOf, allOf, not }) => oneOf ?? allOf ?? not)).toEqual([]);
  for (const { at, schema } of schemas) {
    if (schema.anyOf !== undefined)
      expect(schema.anyOf, at).toEqual([{ $ref: expect.any(String) }, { type: "null" }]);
  }
});

test.each(["RoomConfiguration", "RoomAgentDispatch", "ServiceConfigRequest", "SessionLimitsRequest"])(
  "%s allows no additional members",
  (name) => expect(named[name].additionalProperties).toBe(false),
);

test("all other objects allow additional members, and free-form objects say so", () => {
  const closed = where(({ additionalProperties }) => additionalProperties === false);
  expect(closed.sort()).toEqual([
    "RoomAgentDispatch",
    "RoomConfiguration",
    "ServiceConfigRequest",
    "SessionLimitsRequest",
  ]);
  const free = where(({ type, properties }) => type === "object" && properties === undefined);
  expect(free.filter((at) => at !== "ParticipantAttributes")).toEqual(
    where(({ additionalProperties }) => additionalProperties === true),
  );
  for (const name of ["Subject", "Action", "Resource", "SearchedSubject", "SearchedResource"])
    expect(named[name].properties.properties.$ref).toBe("#/components/schemas/JsonObject");
  for (const name of ["EvaluationRequest", "EvaluationsRequest", "BatchedEvaluation"])
    expect(named[name].properties.context.$ref).toBe("#/components/schemas/JsonObject");
});

test("every object schema has a name, so that no generator invents one, and no two are the same", () => {
  const unnamed = where(
    ({ properties, enum: values }, at) => (properties ?? values) !== undefined && !(at in named),
  );
  // Generators name an enum after its member.
  expect(unnamed.sort()).toEqual([
    "EvaluationsOptions.evaluations_semantic",
    "Readiness.status",
    "Scope.state",
  ]);
  const texts = Object.values<Json>(named).map((schema) => JSON.stringify(schema));
  expect(new Set(texts).size).toBe(texts.length);
});

test("a $ref has no siblings", () => {
  expect(where((schema) => schema.$ref !== undefined && Object.keys(schema).length > 1)).toEqual([]);
});

test("every problem is the schema Problem", () => {
  const problems = responses.filter(({ content = {} }) => "application/problem+json" in content);
  expect(problems.length).toBeGreaterThan(100);
  for (const { at, content } of problems) {
    expect(Object.keys(content), at).toEqual(["application/problem+json"]);
    expect(content["application/problem+json"].schema, at).toEqual({ $ref: "#/components/schemas/Problem" });
  }
});

test("every failure is a problem, except readiness", () => {
  const others = responses.filter(
    ({ status, content = {} }) => !status.startsWith("2") && !("application/problem+json" in content),
  );
  expect(others.map(({ at }) => at)).toEqual(["readiness 503"]);
});

test("a problem's status is an integer, and its code is a string whose values are in the description", () => {
  const { status, code } = named.Problem.properties;
  expect(status).toEqual({ type: "integer" });
  expect(code).toEqual({ type: "string", description: expect.any(String) });
  for (const value of problemCodes) expect(code.description).toContain(`\`${value}\``);
});

test("the codes in other answers are open, too", () => {
  const codes = schemas.filter(({ at }) => /\.(code|basis|reason)$/.test(at));
  expect(codes.length).toBeGreaterThan(5);
  for (const { at, schema } of codes) expect(Object.keys(schema).sort(), at).toEqual(["description", "type"]);
});

test.each(operations)("$operationId has a 4xx response and a default response", ({ responses: own }) => {
  expect(Object.keys(own)).toEqual(expect.arrayContaining([expect.stringMatching(/^4\d\d$/), "default"]));
});

test("no response has a range of statuses, because NSwag's clients do not compile with one", () => {
  expect(responses.filter(({ status }) => !/^(\d{3}|default)$/.test(status))).toEqual([]);
});

test("every number is an integer, but minutes", () => {
  expect(where(({ type }) => [type].flat().includes("number"))).toEqual(["ClientUsage.minutes"]);
  const integers = where(({ type }) => type === "integer").map((at) => at.split(/[./]/).at(-1));
  expect(integers).toEqual(expect.arrayContaining(["check", "status", "limit", "days", "sessions"]));
});

test("no default value is an object", () => {
  expect(where((schema) => typeof schema.default === "object")).toEqual([]);
});

test("Kiota knows every format", () => {
  expect(new Set(schemas.flatMap(({ schema: { format } }) => format ?? []))).toEqual(
    new Set(["uuid", "date-time"]),
  );
});

test("the document has nothing that only a gateway sends", () => {
  expect(document.components.securitySchemes).toEqual({
    accessToken: expect.objectContaining({ type: "http", scheme: "bearer" }),
  });
  expect(JSON.stringify(document).match(/client-id|functions-key/gi)).toBeNull();
});

test("no externalDocs URL is relative", () => {
  expect(JSON.stringify(document)).not.toMatch(/"externalDocs":\{[^}]*"url":"(?!https:)/);
});
