import type { ClientId } from "../../src/domain/client-id.ts";
import { CouldNotTell } from "../outcome.ts";
import { authorizationAnswer, rehearsalAnswer, sessionsAnswer } from "../service/answers.ts";
import { callService } from "../service/call-service.ts";
import type { ReportedService } from "./report-data.ts";

const SESSIONS = 20;

/**
 * What LKPS says of the agent whose token this is.
 *
 * @throws CouldNotTell where it does not answer, or about another agent
 */
export async function askService(
  url: string,
  token: string,
  agent: ClientId,
  days: number,
): Promise<ReportedService> {
  const get = async (path: string) => {
    const { status, body } = await callService({
      url,
      token,
      method: "GET",
      path,
      what: `Asking LKPS for ${path}`,
    });
    if (status === 200) return body;
    throw new CouldNotTell(
      String(body["code"]),
      `LKPS answered ${status} ${body["code"]}: ${body["detail"]}`,
    );
  };
  const authorization = authorizationAnswer(await get("/api/agent/authorization"));
  if (authorization.agent_entra_app_id !== agent) {
    throw new CouldNotTell(
      "other_agent",
      `The token is that of ${authorization.agent_entra_app_id}; only the agent itself may ask LKPS about ${agent}.`,
    );
  }
  return {
    url,
    registered: authorization.registered,
    enforces: authorization.enforce_client_authz,
    sessions: sessionsAnswer(await get(`/api/agent/sessions?limit=${SESSIONS}`)).sessions,
    rehearsal: rehearsalAnswer(await get(`/api/agent/authorization/rehearsal?days=${days}`)),
  };
}
