import { expect, test } from "vitest";
import { problemCodes } from "../../src/contract/codes.ts";
import { document, operations } from "../support/openapi-document.ts";

// What client generators of other languages need of the document. Each rule is one that some generator crashed on, did
// not compile with or lost answers by.

// biome-ignore lint/suspicious/noExplicitAny: schemas of any shape
type Json = any;

/** Every schema of the document and every part of one, with where it is. */
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

/** The schemas of bodies, parameters and headers. */
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

/** Where the rule does not hold. */
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

test("no member is only null", () => {
  expect(
    where(({ properties = {} }) => Object.values<Json>(properties).some((member) => isNull(member))),
  ).toEqual([]);
});

test("nothing but null is a choice, beside a named schema: clients of Kiota read neither of two", () => {
  expect(where(({ oneOf, allOf, not }) => oneOf ?? allOf ?? not)).toEqual([]);
  for (const { at, schema } of schemas) {
    if (schema.anyOf !== undefined)
      expect(schema.anyOf, at).toEqual([{ $ref: expect.any(String) }, { type: "null" }]);
  }
});

test.each(["RoomConfiguration", "RoomAgentDispatch", "ServiceConfigRequest"])(
  "%s takes no member but its own",
  (name) => expect(named[name].additionalProperties).toBe(false),
);

test("everything else that is sent or answered may have more members, and what has none of its own says so", () => {
  const closed = where(({ additionalProperties }) => additionalProperties === false);
  expect(closed.sort()).toEqual(["RoomAgentDispatch", "RoomConfiguration", "ServiceConfigRequest"]);
  const free = where(({ type, properties }) => type === "object" && properties === undefined);
  expect(free.filter((at) => at !== "ParticipantAttributes")).toEqual(
    where(({ additionalProperties }) => additionalProperties === true),
  );
  for (const name of ["Subject", "Action", "Resource", "SearchedSubject", "SearchedResource"])
    expect(named[name].properties.properties.$ref).toBe("#/components/schemas/JsonObject");
  for (const name of ["EvaluationRequest", "EvaluationsRequest", "BatchedEvaluation"])
    expect(named[name].properties.context.$ref).toBe("#/components/schemas/JsonObject");
});

test("every schema with members has a name of its own, so that no generator makes one up, and no two are the same", () => {
  const unnamed = where(
    ({ properties, enum: values }, at) => (properties ?? values) !== undefined && !(at in named),
  );
  // A generator names a list of words after its member.
  expect(unnamed.sort()).toEqual([
    "EvaluationsOptions.evaluations_semantic",
    "Readiness.status",
    "Scope.state",
  ]);
  const texts = Object.values<Json>(named).map((schema) => JSON.stringify(schema));
  expect(new Set(texts).size).toBe(texts.length);
});

test("a reference stands alone", () => {
  expect(where((schema) => schema.$ref !== undefined && Object.keys(schema).length > 1)).toEqual([]);
});

test("a problem is always the schema Problem and nothing beside it", () => {
  const problems = responses.filter(({ content = {} }) => "application/problem+json" in content);
  expect(problems.length).toBeGreaterThan(100);
  for (const { at, content } of problems) {
    expect(Object.keys(content), at).toEqual(["application/problem+json"]);
    expect(content["application/problem+json"].schema, at).toEqual({ $ref: "#/components/schemas/Problem" });
  }
});

test("whatever is no success is a problem, but for what is not ready", () => {
  const others = responses.filter(
    ({ status, content = {} }) => !status.startsWith("2") && !("application/problem+json" in content),
  );
  expect(others.map(({ at }) => at)).toEqual(["readiness 503"]);
});

test("a problem's status is an integer, and its code a string whose values its description lists", () => {
  const { status, code } = named.Problem.properties;
  expect(status).toEqual({ type: "integer" });
  expect(code).toEqual({ type: "string", description: expect.any(String) });
  for (const value of problemCodes) expect(code.description).toContain(`\`${value}\``);
});

test("a code of any other answer is open as well", () => {
  const codes = schemas.filter(({ at }) => /\.(code|basis|reason)$/.test(at));
  expect(codes.length).toBeGreaterThan(5);
  for (const { at, schema } of codes) expect(Object.keys(schema).sort(), at).toEqual(["description", "type"]);
});

test.each(operations)(
  "$operationId has an answer of 4xx, and a default one, by which clients read new ones",
  ({ responses: own }) => {
    expect(Object.keys(own)).toEqual(expect.arrayContaining([expect.stringMatching(/^4\d\d$/), "default"]));
  },
);

test("no answer stands for a range of statuses: clients of NSwag do not compile with one", () => {
  expect(responses.filter(({ status }) => !/^(\d{3}|default)$/.test(status))).toEqual([]);
});

test("every number is an integer", () => {
  expect(where(({ type }) => [type].flat().includes("number"))).toEqual([]);
  const integers = where(({ type }) => type === "integer").map((at) => at.split(/[./]/).at(-1));
  expect(integers).toEqual(expect.arrayContaining(["check", "status", "limit", "days", "sessions"]));
});

test("no default is an object", () => {
  expect(where((schema) => typeof schema.default === "object")).toEqual([]);
});

test("no format is one that Kiota does not know", () => {
  expect(new Set(schemas.flatMap(({ schema: { format } }) => format ?? []))).toEqual(
    new Set(["uuid", "date-time"]),
  );
});

test("what only a gateway sends is not there", () => {
  expect(document.components.securitySchemes).toEqual({
    accessToken: expect.objectContaining({ type: "http", scheme: "bearer" }),
  });
  expect(JSON.stringify(document).match(/client-id|functions-key/gi)).toBeNull();
});

test("no link to other documentation is relative", () => {
  const links = JSON.stringify(document).matchAll(/"externalDocs":\{[^}]*"url":"([^"]*)"/g);
  for (const [, url] of links) expect(url).toMatch(/^https:/);
});
