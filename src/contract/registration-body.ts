import * as z from "zod/mini";

const MAX_DEPLOYMENTS = 10;
const DEPLOYMENT = /^[A-Za-z0-9._-]{1,64}$/;

const enforceClientAuthz = z
  .optional(z.boolean({ error: "service_config.enforce_client_authz must be true or false." }))
  .check(z.describe("False opts out: any client application may start sessions. Default: true."));

// Not z.array, which would check thousands of items before it counts them.
const deployments = z.optional(
  z
    .custom<readonly string[]>(isDeployments, {
      error: `service_config.deployments must be an array of at most ${MAX_DEPLOYMENTS} names of 1 to 64 letters, digits, dots, underscores and hyphens.`,
    })
    .check(
      z.meta({
        type: "array",
        maxItems: MAX_DEPLOYMENTS,
        items: { type: "string" },
        description:
          "The LiveKit deployments of the agent that clients may ask for: 1 to 64 letters, digits, `.`, `_`, `-`. Default: none.",
      }),
    ),
);

function isDeployments(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > MAX_DEPLOYMENTS) return false;
  return value.every((name) => typeof name === "string" && DEPLOYMENT.test(name));
}

/**
 * The body of `POST /api/agent/register`. Unknown members next to `service_config` are ignored; inside it
 * they are rejected, so that a misspelled opt-out is not silently ignored.
 */
export const registrationBody = z.object({
  service_config: z.optional(
    z
      .strictObject(
        { enforce_client_authz: enforceClientAuthz, deployments },
        {
          error: (issue) =>
            issue.code === "unrecognized_keys"
              ? "service_config has an unknown member. Its members are enforce_client_authz and deployments."
              : "service_config must be an object.",
        },
      )
      .check(z.meta({ id: "ServiceConfigRequest" })),
  ),
});
