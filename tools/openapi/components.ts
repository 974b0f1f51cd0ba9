import * as z from "zod";
import { answers } from "../../src/contract/answers.ts";
import { evaluationBody, evaluationsBody } from "../../src/contract/evaluation-body.ts";
import { registrationBody } from "../../src/contract/registration-body.ts";
import { resourceSearchBody, subjectSearchBody } from "../../src/contract/search-body.ts";
import { sessionRequestBody } from "../../src/contract/session-request-body.ts";

/** The schemas that validate requests, by their names in the document. */
const bodies = {
  RegistrationRequest: registrationBody,
  SessionRequest: sessionRequestBody,
  EvaluationRequest: evaluationBody,
  EvaluationsRequest: evaluationsBody,
  SubjectSearchRequest: subjectSearchBody,
  ResourceSearchRequest: resourceSearchBody,
};

/** The name of a body's schema in the document. */
export type BodyName = keyof typeof bodies;

/** Where a schema is in the document. */
export const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** Every schema as JSON Schema 2020-12, which is OpenAPI 3.1's own. */
export function schemaComponents(): Record<string, unknown> {
  return { ...jsonSchemasOf(bodies, "input"), ...jsonSchemasOf(answers, "output") };
}

function jsonSchemasOf(
  schemas: Record<string, z.core.$ZodType>,
  io: "input" | "output",
): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const { schemas: generated } = z.toJSONSchema(registry, {
    io,
    uri: (id) => schemaRef(id).$ref,
    // A check in code is said by the schema's own metadata.
    unrepresentable: "any",
    override: ({ jsonSchema }) => tidy(jsonSchema, io),
  });
  return Object.fromEntries(
    Object.entries(generated).map(([id, { $id, $schema, ...schema }]) => [id, schema]),
  );
}

/** Takes out what says nothing to a reader, and what would bind answers to have no further member ever. */
function tidy(schema: z.core.JSONSchema.BaseSchema, io: "input" | "output"): void {
  delete schema.propertyNames;
  if (schema.format !== undefined || io === "output") delete schema.pattern;
  const { additionalProperties: more } = schema;
  if (io === "output" || (typeof more === "object" && Object.keys(more).length === 0)) {
    delete schema.additionalProperties;
  }
}
