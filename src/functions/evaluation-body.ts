import * as z from "zod/mini";

// AuthZEN asks to ignore what one does not know, `properties` and `context` included: no decision rests on them.
const properties = z.optional(
  z.record(z.string(), z.unknown(), { error: "properties and context must be objects." }),
);
const text = (name: string) => z.string({ error: `${name} must be a string.` });
const type = (name: "subject" | "resource") =>
  text(`${name}.type`).check(
    z.describe(
      `\`${{ subject: "client_application", resource: "agent" }[name]}\`: LKPS decides about no other.`,
    ),
  );

/** A subject or resource of AuthZEN. */
export const entity = (name: "subject" | "resource") =>
  z.object(
    { type: type(name), id: text(`${name}.id`).check(z.describe("A client id.")), properties },
    { error: `${name} must be an object with type and id.` },
  );
/** A subject or resource of which the id is what is searched for. */
export const searched = (name: "subject" | "resource") =>
  z.object({ type: type(name), properties }, { error: `${name} must be an object with a type.` });
/** An action of AuthZEN. */
export const action = z.object(
  {
    name: text("action.name").check(z.describe("`access_as_client`: LKPS decides about no other.")),
    properties,
  },
  { error: "action must be an object with a name." },
);

/** A question of AuthZEN: the body of `POST /api/access/v1/evaluation`. */
export const evaluationBody = z.object(
  { subject: entity("subject"), action, resource: entity("resource"), context: properties },
  { error: "The body must be a JSON object." },
);

const MAX_EVALUATIONS = 100;
const SEMANTICS = ["execute_all", "deny_on_first_deny", "permit_on_first_permit"] as const;

// In a batch each entity may be given in part, at the top as a default and in the evaluation itself.
const question = {
  subject: z.optional(z.partial(entity("subject"))),
  action: z.optional(z.partial(action)),
  resource: z.optional(z.partial(entity("resource"))),
  context: properties,
};

/** The body of `POST /api/access/v1/evaluations`; without evaluations it is a single one. */
export const evaluationsBody = z.object(
  {
    ...question,
    evaluations: z.optional(
      z
        .array(z.object(question, { error: "Each evaluation must be an object." }), {
          error: "evaluations must be a list.",
        })
        .check(z.maxLength(MAX_EVALUATIONS, { error: `evaluations may be ${MAX_EVALUATIONS} at most.` })),
    ),
    options: z.optional(
      z.object(
        {
          evaluations_semantic: z.optional(
            z.enum(SEMANTICS, {
              error: `options.evaluations_semantic must be one of ${SEMANTICS.join(", ")}.`,
            }),
          ),
        },
        { error: "options must be an object." },
      ),
    ),
  },
  { error: "The body must be a JSON object." },
);
