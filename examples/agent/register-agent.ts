import * as z from "zod";
import { accessToken } from "./access-token.ts";
import type { Settings } from "./settings.ts";

const Registration = z.object({ agent_name: z.string(), server_url: z.string() });

/** The name that sessions are dispatched to, and the LiveKit server that dispatches them. */
export type Registration = z.infer<typeof Registration>;

/**
 * Registers the agent with LKPS. Without a body, LKPS enforces its owner's list of clients.
 * @throws with a sentence for the user if LKPS cannot be reached; with the answer of LKPS if it rejects the request, or if it registered a different application
 */
export async function registerAgent(settings: Settings): Promise<Registration> {
  const response = await fetch(new URL("/api/agent/register", settings.LKPS_URL), {
    method: "POST",
    headers: { authorization: `Bearer ${await accessToken(settings)}` },
  }).catch((cause: unknown) => {
    throw new Error(`LKPS does not answer at ${settings.LKPS_URL}. On your machine, run npm start.`, {
      cause,
    });
  });
  if (!response.ok) {
    throw new Error(`LKPS did not register the agent: ${response.status} ${await response.text()}`);
  }
  const registration = Registration.parse(await response.json());
  const wanted = settings.AZURE_CLIENT_ID.toLowerCase();
  if (registration.agent_name === wanted) return registration;
  // Under that name, the agent would take the other application's jobs, and its own clients would not reach it.
  throw new Error(
    `LKPS has registered ${registration.agent_name}, to which the access token was issued, instead of AZURE_CLIENT_ID ${wanted}. ` +
      "Use a credential of this agent's own app registration. If the other one is not an agent, remove its registration: " +
      "DELETE /api/agent/registration with the same token.",
  );
}
