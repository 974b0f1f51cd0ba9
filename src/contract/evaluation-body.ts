import * as z from "zod/mini";

// AuthZEN asks to ignore what one does not know, `properties` and `context` included: no decision rests on them.
// Nor is it walked: a record schema would look at each of thousands of members.
const properties = z.optional(
  z
    .custom<Record<string, unknown>>(isObject, { error: "properties and context must be objects." })
    .check(z.meta({ id: "JsonObject", type: "object", additionalProperties: true })),
);
const text = (name: string) => z.string({ error: `${name} must be a string.` });
const type = (name: "subject" | "resource") =>
  text(`${name}.type`).check(
    z.describe(
      `\`${{ subject: "client_application", resource: "agent" }[name]}\`: LKPS decides about no other.`,
    ),
  );

const entity = (name: "subject" | "resource") =>
  z.object(
    { type: type(name), id: text(`${name}.id`).check(z.describe("A client id.")), properties },
    { error: `${name} must be an object with type and id.` },
  );
const searched = (name: "subject" | "resource") =>
  z.object({ type: type(name), properties }, { error: `${name} must be an object with a type.` });
/** A subject of AuthZEN: who. */
export const subject = entity("subject").check(z.meta({ id: "Subject" }));
/** A resource of AuthZEN: what. */
export const resource = entity("resource").check(z.meta({ id: "Resource" }));
/** Subjects and resources whose ids are what is searched for. */
export const searchedSubject = searched("subject").check(z.meta({ id: "SearchedSubject" }));
export const searchedResource = searched("resource").check(z.meta({ id: "SearchedResource" }));
/** An action of AuthZEN. */
export const action = z
  .object(
    {
      name: text("action.name").check(z.describe("`access_as_client`: LKPS decides about no other.")),
      properties,
    },
    { error: "action must be an object with a name." },
  )
  .check(z.meta({ id: "Action" }));

/** A question of AuthZEN: the body of `POST /api/access/v1/evaluation`. */
export const evaluationBody = z.object(
  { subject, action, resource, context: properties },
  { error: "The body must be a JSON object." },
);

const MAX_EVALUATIONS = 100;
const SEMANTICS = ["execute_all", "deny_on_first_deny", "permit_on_first_permit"] as const;

const entities = { subject, action, resource, context: properties };
const names = Object.keys(entities) as (keyof typeof entities)[];
const options = z.optional(
  z
    .object(
      {
        evaluations_semantic: z.optional(
          z.enum(SEMANTICS, {
            error: `options.evaluations_semantic must be one of ${SEMANTICS.join(", ")}.`,
          }),
        ),
      },
      { error: "options must be an object." },
    )
    .check(z.meta({ id: "EvaluationsOptions" })),
);
const error = "The body must be a JSON object.";

/**
 * A batch as far as it must be one to be answered at all: `POST /api/access/v1/evaluations`. Its entities are looked at
 * by {@link questionsOf}, where a wrong one is its evaluation's own refusal.
 */
export const batchBody = z.looseObject(
  {
    evaluations: z.optional(
      z.array(z.unknown(), { error: "evaluations must be a list." }).check(
        z.maxLength(MAX_EVALUATIONS, { error: `evaluations can have at most ${MAX_EVALUATIONS} items.` }),
        z.refine((items) => items.every(isObject), { error: "Each evaluation must be an object." }),
      ),
    ),
    options,
  },
  { error },
);

/** What a batch should look like, for readers of the contract: any entity stands in an evaluation, or above all of them. */
export const evaluationsBody = z.object(
  {
    ...optional(entities),
    evaluations: z.optional(
      z
        .array(z.object(optional(entities)).check(z.meta({ id: "BatchedEvaluation" })))
        .check(z.maxLength(MAX_EVALUATIONS)),
    ),
    options,
  },
  { error },
);

function optional({ subject, action, resource, context }: typeof entities) {
  return {
    subject: z.optional(subject),
    action: z.optional(action),
    resource: z.optional(resource),
    context,
  };
}

type Question = z.output<typeof evaluationBody>;

/**
 * The questions of a batch, in their order; `undefined` for one that lacks an entity or has a wrong one. An entity that an
 * evaluation has is taken whole, and the default counts for one that it lacks: nothing is merged. Defaults are looked at
 * once, however many evaluations rest on them.
 */
export function questionsOf(batch: z.output<typeof batchBody>): (Question | undefined)[] {
  const defaults = entitiesOf(batch, {});
  return (batch.evaluations ?? []).map((evaluation) => {
    const own = entitiesOf(evaluation as Record<string, unknown>, defaults);
    return names.every((name) => own[name] !== WRONG) ? (own as Question) : undefined;
  });
}

const WRONG = Symbol("a wrong entity");

function entitiesOf(from: Record<string, unknown>, defaults: Record<string, unknown>) {
  const found: Record<string, unknown> = {};
  for (const name of names) {
    if (!Object.hasOwn(from, name) && Object.hasOwn(defaults, name)) {
      found[name] = defaults[name];
      continue;
    }
    const parsed = entities[name].safeParse(Object.hasOwn(from, name) ? from[name] : undefined);
    found[name] = parsed.success ? parsed.data : WRONG;
  }
  return found;
}

/** Whether a value is an object of JSON: no list, and not null. */
function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
