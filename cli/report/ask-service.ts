import type { ClientId } from "../../src/domain/client-id.ts";
import { CliError } from "../cli-error.ts";
import { callService } from "../service/call-service.ts";
import { readResponse } from "../service/read-response.ts";
import type { ReportedService } from "./report-data.ts";

const MAX_SESSIONS = 20;

/**
 * Asks LKPS about the agent to which the token belongs.
 *
 * @throws CliError if it does not answer, or the token belongs to another agent
 */
export async function askService(
  url: string,
  token: string,
  agent: ClientId,
  days: number,
): Promise<ReportedService> {
  const get = async (path: string, what: string) => {
    const { status, body } = await callService({ url, token, method: "GET", path, what });
    if (status === 200) return body;
    const { code, detail } = body;
    throw new CliError(String(code), `LKPS answered ${status} ${code}: ${detail}`);
  };
  const authorization = await readResponse(
    "Authorization",
    await get("/api/agent/authorization", "Asking LKPS about the authorization"),
  );
  if (authorization.agent_entra_app_id !== agent) {
    throw new CliError(
      "other_agent",
      `The token belongs to ${authorization.agent_entra_app_id}. To ask LKPS about ${agent}, use that agent's own token.`,
    );
  }
  const { sessions } = await readResponse(
    "SessionList",
    await get(`/api/agent/sessions?limit=${MAX_SESSIONS}`, "Asking LKPS about the latest sessions"),
  );
  const rehearsal = await readResponse(
    "Rehearsal",
    await get(`/api/agent/authorization/rehearsal?days=${days}`, "Asking LKPS for the dry run"),
  );
  const { registered, enforce_client_authz: enforced } = authorization;
  return { url, registered, enforced, sessions, rehearsal };
}
