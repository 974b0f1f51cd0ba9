import { describeNearMiss } from "../descriptions.ts";
import { lkpsCommand } from "../invocation.ts";
import { mark, paint } from "../terminal.ts";
import type { Response } from "./read-response.ts";

/** An agent's authorization as text. */
export function authorizationText(response: Response<"Authorization">): string[] {
  const { agent_entra_app_id: agent, identity, scope, clients, repairs } = response;
  const isOptedOut = response.enforce_client_authz === false;
  const allowed = clients.filter(({ may_start_sessions: isAllowed }) => isAllowed).length;
  const codeWidth = Math.max(...clients.map(({ code }) => code.length)) + 2;
  return [
    `Agent  ${agent}`,
    "",
    ...(isSetUp(response) ? [] : [`${mark("unknown")} ${NOT_SET_UP}`, ""]),
    registrationLine(response),
    ...(identity.blueprint_app_id === null
      ? []
      : [`  Agent identity of the blueprint ${identity.blueprint_app_id}`]),
    response.application_found ? scopeLine(scope) : `${mark("bad")} ${notFound(identity)}`,
    `${mark(allowed > 0 ? "good" : "bad")} ${allowed} of ${clients.length} pre-authorized clients may start sessions${isOptedOut ? " with enforcement on" : ""}`,
    ...clients.map(
      ({ client_app_id: client, may_start_sessions: isAllowed, code }) =>
        `     ${mark(isAllowed ? "good" : "bad")} ${code.padEnd(codeWidth)}${client}`,
    ),
    ...(response.complete ? [] : ["     LKPS does not list all of them, because there are too many."]),
    ...(repairs.length === 0
      ? []
      : [
          "",
          ...(isAllRight(response) ? [] : [paint("bold", "How to fix it:")]),
          ...repairs.map((one) => `   ${one}`),
        ]),
  ];
}

const NOT_SET_UP = `Nothing here is set up as an agent. If this is a client application, ask what it may do: ${lkpsCommand} evaluate --agent <id>`;

/** Whether anything was done to make this application an agent. A client application has nothing of it. */
function isSetUp({ registered, identity, scope, clients }: Response<"Authorization">): boolean {
  const hasScope = scope.state !== "missing" || scope.near_misses.length > 0;
  return registered || identity.kind !== "application" || hasScope || clients.length > 0;
}

/** Whether every client that the owner listed may start sessions, and there are some. */
export function isAllRight({ registered, clients }: Response<"Authorization">): boolean {
  return registered && clients.length > 0 && clients.every(({ may_start_sessions: isAllowed }) => isAllowed);
}

function notFound({ kind }: Response<"Authorization">["identity"]): string {
  return kind === "agent_identity"
    ? "The blueprint of this agent identity was not found in LKPS's tenant"
    : "Microsoft Entra ID has no app registration with this client id";
}

function registrationLine({ registered, enforce_client_authz: enforced }: Response<"Authorization">): string {
  if (!registered) return `${mark("bad")} Not registered with LKPS: no session can start`;
  return enforced
    ? `${mark("good")} Registered, with enforcement`
    : `${mark("warning")} Registered, opted out of enforcement: any client that can reach LKPS may start sessions`;
}

function scopeLine({
  state,
  delegated_permission_id: id,
  near_misses: misses,
}: Response<"Authorization">["scope"]): string {
  if (state === "enabled") return `${mark("good")} The scope access_as_client is enabled (id ${id})`;
  if (state === "disabled") return `${mark("bad")} The scope access_as_client exists, but is disabled`;
  const similar = misses.length === 0 ? "" : `; similar: ${misses.map(describeNearMiss).join(", ")}`;
  return `${mark("bad")} There is no scope named access_as_client${similar}`;
}
