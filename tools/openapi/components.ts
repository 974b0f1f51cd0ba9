import * as z from "zod";
import { responses } from "../../src/contract/responses.ts";
import { endpoints } from "../../src/endpoints.ts";

/**
 * The schemas of the request bodies by their names in the document. Shared parts have a name of their own:
 * `z.meta({ id })`.
 */
const bodies: Record<string, z.core.$ZodType> = Object.fromEntries(
  endpoints.flatMap(({ body }) => (body === undefined ? [] : [[body.name, body.documented ?? body.schema]])),
);

/** A reference to a schema in the document. */
export const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** All schemas as JSON Schema 2020-12, which OpenAPI 3.1 uses. */
export function schemaComponents(): Record<string, unknown> {
  return { ...jsonSchemasOf(bodies, "input"), ...jsonSchemasOf(responses, "output") };
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
    // Checks in code are described by the schema's metadata.
    unrepresentable: "any",
    override: ({ jsonSchema }) => tidy(jsonSchema, io),
  });
  // Zod puts named parts into a separate schema; here they join the others.
  const nested = `${schemaRef("__shared").$ref}#/$defs/`;
  const { __shared, ...named } = JSON.parse(
    JSON.stringify(generated).replaceAll(nested, schemaRef("").$ref),
  ) as Record<string, z.core.JSONSchema.BaseSchema>;
  const own = Object.entries(named).map(([id, { $id, $schema, ...schema }]) => [id, schema]);
  return { ...Object.fromEntries(own), ...__shared?.$defs };
}

/**
 * Removes what does not help readers, what generators fail on, and what would keep response schemas from
 * growing.
 */
function tidy(schema: z.core.JSONSchema.BaseSchema, io: "input" | "output"): void {
  delete schema.propertyNames;
  if (schema.format !== undefined || io === "output") delete schema.pattern;
  // Kiota warns about all other formats.
  if (schema.format !== "uuid" && schema.format !== "date-time") delete schema.format;
  const { additionalProperties: more, properties = {} } = schema;
  if (isEmpty(more) && isEmpty(schema.properties)) {
    schema.additionalProperties = true;
    delete schema.properties;
  } else if (io === "output" || isEmpty(more)) delete schema.additionalProperties;
  // Members that must be null if present: generators can't express that, so it is only described.
  for (const [name, member] of Object.entries(properties)) {
    if (typeof member === "object" && member["undocumented"] === true) delete properties[name];
  }
  // For a nullable array, Kiota loses the item type unless both types are in one schema.
  const [value, other] = schema.anyOf ?? [];
  if (value?.type !== undefined && other?.type === "null") {
    delete schema.anyOf;
    Object.assign(schema, { ...value, ...schema, type: [value.type, "null"] });
  }
  if (typeof schema.default === "object") delete schema.default;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
