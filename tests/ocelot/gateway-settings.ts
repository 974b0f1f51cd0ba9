import { audiences, tenantId } from "../../tools/local-names.ts";
import type { Stack } from "../../tools/stack.ts";

const SCHEME = "Authentication__Schemes__Bearer__";
const ORIGINS = "Cors__Origins__";

/**
 * The sample gateway's settings, as a deployment sets them.
 * @param port - of what it takes for LKPS
 * @param origins - whose pages may call
 */
export function gatewaySettings(
  { entra, functionKey }: Stack,
  port: number,
  origins: readonly string[] = [],
): Record<string, string> {
  const routes = [0, 1, 2, 3, 4, 5].flatMap((route) => [
    [`Routes__${route}__DownstreamScheme`, "http"],
    [`Routes__${route}__DownstreamHostAndPorts__0__Host`, "127.0.0.1"],
    [`Routes__${route}__DownstreamHostAndPorts__0__Port`, String(port)],
  ]);
  return {
    ...Object.fromEntries(routes),
    ...Object.fromEntries(origins.map((origin, index) => [`${ORIGINS}${index}`, origin])),
    LKPS_FUNCTION_KEY: functionKey,
    [`${SCHEME}Authority`]: `${entra.url}/${tenantId}/v2.0`,
    [`${SCHEME}RequireHttpsMetadata`]: "false",
    [`${SCHEME}ValidIssuers__0`]: entra.issuers.v2,
    [`${SCHEME}ValidIssuers__1`]: entra.issuers.v1,
    [`${SCHEME}ValidAudiences__0`]: audiences[0] ?? "",
    [`${SCHEME}ValidAudiences__1`]: audiences[1] ?? "",
  };
}
