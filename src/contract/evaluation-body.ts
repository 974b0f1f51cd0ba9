import * as z from "zod/mini";
import { isObject } from "../domain/application.ts";

// AuthZEN says to ignore unknown members, including those in `properties` and `context`. They are not
// validated either: a record schema would check thousands of members one by one.
const properties = z.optional(
  z
    .custom<Record<string, unknown>>(isObject, { error: "properties and context must be objects." })
    .check(z.meta({ id: "JsonObject", type: "object", additionalProperties: true })),
);
const text = (name: string) => z.string({ error: `${name} must be a string.` });
const type = (name: "subject" | "resource") =>
  text(`${name}.type`).check(
    z.describe(
      `\`${{ subject: "client_application", resource: "agent" }[name]}\`: the only type that LKPS decides about.`,
    ),
  );

const entity = (name: "subject" | "resource") =>
  z.object(
    { type: type(name), id: text(`${name}.id`).check(z.describe("A client id.")), properties },
    { error: `${name} must be an object with type and id.` },
  );
const searched = (name: "subject" | "resource") =>
  z.object({ type: type(name), properties }, { error: `${name} must be an object with a type.` });
/** An AuthZEN subject. */
export const subject = entity("subject").check(z.meta({ id: "Subject" }));
/** An AuthZEN resource. */
export const resource = entity("resource").check(z.meta({ id: "Resource" }));
/** Subjects and resources of searches; the search returns the ids. */
export const searchedSubject = searched("subject").check(z.meta({ id: "SearchedSubject" }));
export const searchedResource = searched("resource").check(z.meta({ id: "SearchedResource" }));
/** An AuthZEN action. */
export const action = z
  .object(
    {
      name: text("action.name").check(
        z.describe("`access_as_client`: the only action that LKPS decides about."),
      ),
      properties,
    },
    { error: "action must be an object with a name." },
  )
  .check(z.meta({ id: "Action" }));

/** The body of `POST /api/access/v1/evaluation`. */
export const evaluationBody = z.object({ subject, action, resource, context: properties });

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

/**
 * The body of `POST /api/access/v1/evaluations`. Validates only what makes the whole request invalid. {@link
 * questionsOf} validates the entities, because an invalid one affects only its own evaluation.
 */
export const batchBody = z.looseObject({
  evaluations: z.optional(
    z.array(z.unknown(), { error: "evaluations must be an array." }).check(
      z.maxLength(MAX_EVALUATIONS, { error: `evaluations can have at most ${MAX_EVALUATIONS} items.` }),
      z.refine((items) => items.every(isObject), { error: "Each evaluation must be an object." }),
    ),
  ),
  options,
});

/** The documented schema of a batch. An entity is in an evaluation, or at the top level as the default. */
export const evaluationsBody = z.object({
  ...optional(entities),
  evaluations: z.optional(
    z
      .array(z.object(optional(entities)).check(z.meta({ id: "BatchedEvaluation" })))
      .check(z.maxLength(MAX_EVALUATIONS)),
  ),
  options,
});

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
 * Returns the evaluations of a batch in order; `undefined` for one with a missing or invalid entity. Defaults
 * apply to missing entities and are validated once; entities are never merged.
 */
export function questionsOf(batch: z.output<typeof batchBody>): (Question | undefined)[] {
  const defaults = entitiesOf(batch, {});
  return (batch.evaluations ?? []).map((evaluation) => {
    const own = entitiesOf(evaluation as Record<string, unknown>, defaults);
    return names.every((name) => own[name] !== INVALID) ? (own as Question) : undefined;
  });
}

const INVALID = Symbol("an invalid entity");

function entitiesOf(from: Record<string, unknown>, defaults: Record<string, unknown>) {
  const found: Record<string, unknown> = {};
  for (const name of names) {
    if (!Object.hasOwn(from, name) && Object.hasOwn(defaults, name)) {
      found[name] = defaults[name];
      continue;
    }
    const parsed = entities[name].safeParse(Object.hasOwn(from, name) ? from[name] : undefined);
    found[name] = parsed.success ? parsed.data : INVALID;
  }
  return found;
}
