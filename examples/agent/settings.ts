import * as z from "zod";

const AZURE_TENANT_ID = z.string(
  "the tenant of the agent's app registration is required unless ENTRA_TOKEN_URL is set",
);

const Settings = z.object({
  LKPS_URL: z.url(),
  /** The scope of the access token: `api://<LKPS>/.default`. */
  LKPS_SCOPE: z.string().endsWith("/.default"),
  /** Only for `npm start`: where its stand-in for Entra ID issues tokens. */
  ENTRA_TOKEN_URL: z.url().optional(),
  /** The agent's app registration, and its tenant. */
  AZURE_CLIENT_ID: z.guid(),
  AZURE_TENANT_ID: AZURE_TENANT_ID.optional(),
  AZURE_CLIENT_SECRET: z.string().optional(),
  /** Set by Kubernetes for a workload identity, which needs no secret. */
  AZURE_FEDERATED_TOKEN_FILE: z.string().optional(),
  /** Where the worker answers health probes. In a container, set the host to 0.0.0.0. */
  HEALTH_HOST: z.string().default("127.0.0.1"),
  HEALTH_PORT: z.coerce.number().int().min(1).max(65_535).default(8_081),
  /**
   * The load that the worker reports, from 0 (idle) to 1 (full), instead of the machine's own. LiveKit dispatches no
   * job to a full worker, so a development machine that is busy with something else would get none.
   */
  AGENT_LOAD: z.coerce.number().min(0).max(1).optional(),
});

/** The agent's settings. LiveKit's SDK itself reads `LIVEKIT_API_KEY` and `LIVEKIT_API_SECRET`. */
export type Settings = z.infer<typeof Settings>;

/**
 * Reads the settings; an empty one counts as absent.
 * @throws with one message that lists every bad setting
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const needed = given["ENTRA_TOKEN_URL"] === undefined ? Settings.extend({ AZURE_TENANT_ID }) : Settings;
  const { success, data, error } = needed.safeParse(given);
  if (success) return data;
  throw new Error(error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
}
