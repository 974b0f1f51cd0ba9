import type { ClientId } from "../../src/domain/client-id.ts";
import { CliError } from "../cli-error.ts";
import { type CallerOptions, callerToken, namesCaller } from "../sign-in/caller-token.ts";
import { localCallerToken } from "../sign-in/local-sign-in.ts";
import { callService } from "./call-service.ts";
import { EVALUATION_PATH, evaluationBody } from "./evaluation-request.ts";
import { readResponse } from "./read-response.ts";
import { serviceUrl } from "./service-command.ts";

/** How an agent is registered with LKPS. */
type Enforcement = "on" | "off" | "not_registered";

/** What LKPS answered, and its address. */
export interface AskedService {
  readonly url: string;
  readonly enforcement: Enforcement;
  /** The decision of LKPS itself, if it was asked for one. */
  readonly decision?: { readonly allowed: boolean; readonly code: string };
}

/** What LKPS answered; the reason if it could not answer; `null` if it was not asked. */
export type EnforcementResponse = AskedService | { readonly failure: string } | null;

/** Which LKPS is asked, and by whom. */
export interface AskOptions extends CallerOptions {
  url?: string;
}

/**
 * Asks LKPS whether it enforces the authorization of an agent, as the agent or the client. With `--local` it signs in as one
 * of them by itself. Without an address or a caller it asks nothing.
 */
export async function askEnforcement(
  options: AskOptions,
  agent: ClientId,
  client: ClientId,
): Promise<EnforcementResponse> {
  try {
    const token = await findToken(options, agent, client);
    if (token === null) return null;
    const url = serviceUrl(options);
    const body = evaluationBody(client, agent);
    const what = "Asking LKPS whether enforcement is on";
    const response = await callService({ url, token, method: "POST", path: EVALUATION_PATH, body, what });
    if (response.status !== 200) {
      const { code, detail } = response.body;
      return { failure: `LKPS answered ${response.status} ${code}: ${detail}` };
    }
    const { decision: allowed, context } = await readResponse("Decision", response.body);
    const { code } = context;
    return { url, enforcement: enforcementOf(code), decision: { allowed, code } };
  } catch (error) {
    if (error instanceof CliError) return { failure: error.message };
    throw error;
  }
}

/** Whether the options are enough to ask LKPS. */
export function canAsk(options: AskOptions): boolean {
  return options.local === true || (options.url !== undefined && namesCaller(options));
}

async function findToken(options: AskOptions, agent: ClientId, client: ClientId): Promise<string | null> {
  if (!canAsk(options)) return null;
  if (namesCaller(options)) return await callerToken(options);
  return (await localTokenOf(agent, options.entraUrl)) ?? (await localTokenOf(client, options.entraUrl));
}

/** The token of an application of the local directory; `null` if it cannot sign in. */
export async function localTokenOf(application: ClientId, entraUrl: string): Promise<string | null> {
  try {
    return await localCallerToken(application, entraUrl);
  } catch (error) {
    if (error instanceof CliError && error.code === "unknown_application") return null;
    throw error;
  }
}

function enforcementOf(code: string): Enforcement {
  if (code === "enforcement_disabled") return "off";
  return code === "agent_not_registered" ? "not_registered" : "on";
}
