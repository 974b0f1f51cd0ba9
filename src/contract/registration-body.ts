import * as z from "zod/mini";

/**
 * The body of `POST /api/agent/register`. Unknown members next to `service_config` are ignored; inside it
 * they are rejected, so that a misspelled opt-out is not silently ignored.
 */
export const registrationBody = z.object({
  service_config: z.optional(
    z
      .strictObject(
        {
          enforce_client_authz: z
            .optional(z.boolean({ error: "service_config.enforce_client_authz must be true or false." }))
            .check(z.describe("False opts out: any client application may start sessions. Default: true.")),
        },
        {
          error: (issue) =>
            issue.code === "unrecognized_keys"
              ? "service_config has an unknown member. The only member is enforce_client_authz."
              : "service_config must be an object.",
        },
      )
      .check(z.meta({ id: "ServiceConfigRequest" })),
  ),
});
