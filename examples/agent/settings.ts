import * as z from "zod";

const Settings = z.object({
  LKPS_URL: z.url(),
  /** Whom the access token is for: `api://<LKPS>/.default`. */
  LKPS_SCOPE: z.string().endsWith("/.default"),
  /** Only with `npm start`, whose stand-in for Entra ID gives out tokens there. */
  ENTRA_TOKEN_URL: z.url().optional(),
  AZURE_CLIENT_ID: z.guid(),
  AZURE_CLIENT_SECRET: z.string().optional(),
  /** Where the worker says that it is healthy; in a container, give the host 0.0.0.0 for its probes. */
  HEALTH_HOST: z.string().default("127.0.0.1"),
  HEALTH_PORT: z.coerce.number().int().min(1).max(65_535).default(8_081),
});

/** What the agent is told by its environment; `LIVEKIT_API_KEY` and `LIVEKIT_API_SECRET` are read by LiveKit's own code. */
export type Settings = z.infer<typeof Settings>;

/** @throws with one message that lists every bad setting */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const { success, data, error } = Settings.safeParse(env);
  if (success) return data;
  throw new Error(error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n"));
}
