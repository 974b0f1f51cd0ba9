import { capitalize, placeOf } from "../../src/domain/remediation-catalogue.ts";
import type { Remediation } from "../check/remediation.ts";
import { type AgentAccess, hasList, type ReportedClient } from "./report-data.ts";

/** One step of what the owner has to do. */
export interface FixStep {
  readonly sentence: string;
  readonly command: string | null;
  /** The clients that the sentence goes on to name. */
  readonly clients: readonly ReportedClient[];
}

/**
 * What the owner has to do, in order. The details for one client are in that client's entry.
 *
 * @param registration - how to register the agent with enforcement on; `null` if it is
 */
export function fixSteps(
  { clients, view, identity, firstRemediations, hints }: AgentAccess,
  registration: Remediation | null,
): FixStep[] {
  const place = placeOf(identity);
  const steps = [
    ...(registration === null ? [] : [registration]),
    ...hints.map((sentence) => ({ sentence, command: null })),
    ...firstRemediations,
  ].map(({ sentence, command }): FixStep => ({ sentence, command, clients: [] }));
  const broken = clients.filter(({ remediation }) => remediation !== null);
  if (broken.length > 0)
    steps.push({ sentence: `${capitalize(place.grant)} of`, command: null, clients: broken });
  if (hasList(identity) && clients.length === 0) {
    const sentence =
      view.scopeState === "enabled"
        ? (view.remediations[0] ?? "")
        : `Then add the client applications that may connect ${place.clients}.`;
    steps.push({ sentence, command: null, clients: [] });
  }
  return steps;
}
