import type { ClientId } from "../../src/domain/client-id.ts";
import { ENFORCEMENT_OFF, remediationSentence } from "../../src/domain/remediation-catalogue.ts";
import { lkpsCommand } from "../invocation.ts";
import type { AskedService } from "../service/ask-enforcement.ts";
import { localUrls } from "../sign-in/local-defaults.ts";
import type { Remediation } from "./remediation.ts";

/**
 * How the agent's owner lets LKPS enforce the authorization; `null` if it does. It comes before all other repairs.
 *
 * @param service - what LKPS answered; `null` if it did not
 * @param entraUrl - the address of the local stack's Entra stand-in; `null` for a tenant
 */
export function enforcementRemediation(
  agent: ClientId,
  service: AskedService | null,
  entraUrl: string | null,
): Remediation | null {
  if (service === null) return null;
  const { enforcement, url } = service;
  const command =
    entraUrl === null
      ? `${lkpsCommand} register`
      : `${lkpsCommand} register --local${addressOptions(url, entraUrl)} --as ${agent}`;
  if (enforcement === "off") {
    const sentence = `${ENFORCEMENT_OFF} To see first who would be denied, run lkps rehearsal.`;
    return { check: null, sentence, command };
  }
  if (enforcement === "not_registered") {
    const sentence = remediationSentence("agent_not_registered");
    return { check: null, sentence, command: entraUrl === null ? null : command };
  }
  return null;
}

/** What reaches a local stack with other ports. */
function addressOptions(url: string, entraUrl: string): string {
  const isDefault = url === localUrls.gateway && entraUrl === localUrls.entra;
  return isDefault ? "" : ` --url ${url} --entra-url ${entraUrl}`;
}
