import * as z from "zod";
import { accessToken } from "./access-token.ts";
import type { Settings } from "./settings.ts";

const Registration = z.object({ agent_name: z.string(), server_url: z.string() });

/** The name that sessions are dispatched to, and the LiveKit server where that is done. */
export type Registration = z.infer<typeof Registration>;

/**
 * Makes the agent known to LKPS. Without a body, its owner's list of clients is enforced.
 * @throws with what LKPS says, where it refuses
 */
export async function registerAgent(settings: Settings): Promise<Registration> {
  const response = await fetch(new URL("/api/agent/register", settings.LKPS_URL), {
    method: "POST",
    headers: { authorization: `Bearer ${await accessToken(settings)}` },
  });
  if (!response.ok) {
    throw new Error(`LKPS does not register the agent: ${response.status} ${await response.text()}`);
  }
  return Registration.parse(await response.json());
}
