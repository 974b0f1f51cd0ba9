import * as z from "zod";
import { accessToken } from "./access-token.ts";
import type { Settings } from "./settings.ts";

const Registration = z.object({ agent_name: z.string(), server_url: z.string() });

/** The name that sessions are dispatched to, and the LiveKit server where that is done. */
export type Registration = z.infer<typeof Registration>;

/**
 * Makes the agent known to LKPS. Without a body, its owner's list of clients is enforced.
 * @throws with what LKPS says, where it refuses, and where it took the agent for another one
 */
export async function registerAgent(settings: Settings): Promise<Registration> {
  const response = await fetch(new URL("/api/agent/register", settings.LKPS_URL), {
    method: "POST",
    headers: { authorization: `Bearer ${await accessToken(settings)}` },
  });
  if (!response.ok) {
    throw new Error(`LKPS does not register the agent: ${response.status} ${await response.text()}`);
  }
  const registration = Registration.parse(await response.json());
  const wanted = settings.AZURE_CLIENT_ID.toLowerCase();
  if (registration.agent_name === wanted) return registration;
  // As that one, the agent would take its jobs, and the clients that the owner of this one approved would not find it.
  throw new Error(
    `LKPS has registered ${registration.agent_name}, whose access token this is, and not AZURE_CLIENT_ID ${wanted}. ` +
      "Give this agent a credential of its own app registration. If the other one is not an agent, remove its registration: " +
      "DELETE /api/agent/registration with the same token.",
  );
}
