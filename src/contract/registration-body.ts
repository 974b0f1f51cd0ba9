import * as z from "zod/mini";

/**
 * What an agent may say when it registers. Unknown members are ignored beside `service_config` and refused inside
 * it: a misspelt opt-out must not look like one that worked.
 */
export const registrationBody = z.object(
  {
    service_config: z.optional(
      z
        .strictObject(
          {
            enforce_client_authz: z
              .optional(z.boolean({ error: "service_config.enforce_client_authz must be true or false." }))
              .check(
                z.describe("False opts out: any client application may start sessions. True if not given."),
              ),
          },
          {
            error: (issue) =>
              issue.code === "unrecognized_keys"
                ? "service_config has an unknown member; it takes only enforce_client_authz."
                : "service_config must be an object.",
          },
        )
        .check(z.meta({ id: "ServiceConfigRequest" })),
    ),
  },
  { error: "The body must be a JSON object." },
);
