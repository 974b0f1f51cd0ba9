import { nearMissWords } from "../check/words.ts";
import { mark, paint } from "../terminal.ts";
import { type AuthorizationAnswer, authorizationAnswer } from "./answers.ts";

/** An agent's authorization, for a person at a terminal. */
export function authorizationText(body: unknown): string[] {
  const answer = authorizationAnswer(body);
  const { agent_entra_app_id: agent, application_found: isFound, scope, clients, repairs } = answer;
  const allowed = clients.filter(({ may_start_sessions: may }) => may).length;
  const toMend = answer.enforce_client_authz === false ? "Before you turn enforcement on:" : "To mend it:";
  return [
    `Agent  ${agent}`,
    "",
    registrationLine(answer),
    isFound
      ? scopeLine(scope)
      : `${mark("bad")} Microsoft Entra ID has no app registration with this client id`,
    `${mark(allowed > 0 ? "good" : "bad")} ${allowed} of ${clients.length} authorized client applications may start sessions`,
    ...clients.map(
      ({ client_app_id: client, may_start_sessions: may, code }) =>
        `     ${mark(may ? "good" : "bad")} ${client}  ${code}`,
    ),
    ...(answer.complete ? [] : ["     There are more, which LKPS does not name."]),
    ...(repairs.length === 0 ? [] : ["", paint("bold", toMend), ...repairs.map((one) => `   ${one}`)]),
  ];
}

function registrationLine({ registered, enforce_client_authz: enforces }: AuthorizationAnswer): string {
  if (!registered) return `${mark("bad")} Not registered with LKPS: no session can start`;
  return enforces
    ? `${mark("good")} Registered, with enforcement`
    : `${mark("unknown")} Registered, opted out of enforcement: any client that reaches LKPS may start sessions`;
}

function scopeLine({
  state,
  delegated_permission_id: id,
  near_misses: misses,
}: AuthorizationAnswer["scope"]): string {
  if (state === "enabled") return `${mark("good")} The scope access_as_client is enabled, its id is ${id}`;
  if (state === "disabled") return `${mark("bad")} The scope access_as_client is there, but disabled`;
  const nearly = misses.length === 0 ? "" : `; nearly: ${misses.map(nearMissWords).join(", ")}`;
  return `${mark("bad")} There is no scope named access_as_client${nearly}`;
}
