import { addNames } from "../application-names.ts";
import { checkDescriptions } from "../descriptions.ts";
import type { GraphAccess } from "../graph/graph-access.ts";
import type { AgentSnapshot } from "../graph/read-agent.ts";
import type { AskedService } from "../service/ask-enforcement.ts";
import { decisionLine } from "../service/evaluation-request.ts";
import { indented, type Mark, mark, paint } from "../terminal.ts";
import type { AppliedCheck } from "./apply-enforcement.ts";
import { isLocalGraph, type ListedOn, listedOn, portalUrl, whereToFix } from "./portal.ts";
import type { Remediation } from "./remediation.ts";
import type { CheckOutcome } from "./run-checks.ts";

const MARKS = { passed: "good", failed: "bad", blocked: "skipped" } as const satisfies Record<
  CheckOutcome["outcome"],
  Mark
>;

/** The result as text. */
export function checkText(result: AppliedCheck, graph: GraphAccess): string[] {
  const { agent, client, identity, checks, hints, remediations } = result;
  const shown = [[agent.agent, agent.displayName] as const, [client, identity.displayName] as const];
  const names = new Map(shown.flatMap(([id, name]) => (name === null ? [] : [[id, name]])));
  const who = graph.signedInAs === null ? "" : `, as ${graph.signedInAs}`;
  return [
    addNames(`Agent   ${agent.agent}`, names),
    addNames(`Client  ${client}`, names),
    ...blueprintLines(agent),
    "",
    ...checks.flatMap(({ check, outcome, found }) => [
      `${mark(MARKS[outcome])} ${check}. ${checkDescriptions[check]}`,
      `     ${found}`,
    ]),
    ...(checks.length === 0 ? [] : [""]),
    ...decisionLines(result),
    ...hints.flatMap(({ message }) => ["", `${mark("unknown")} ${addNames(message, names)}`]),
    ...remediationLines(
      remediations.map((remediation) => ({
        ...remediation,
        sentence: addNames(remediation.sentence, names),
      })),
      listedOn(agent.agent, agent.identity, graph.url),
    ),
    "",
    paint("dim", `Read from ${graph.url} at ${agent.readAt.toISOString()}${who}.`),
    ...serviceLines(result, graph.url).map((line) => paint("dim", line)),
  ];
}

/** For an agent identity: whose list it is. */
function blueprintLines({ identity }: AgentSnapshot): string[] {
  if (identity?.kind !== "agent_identity" || identity.blueprint === null) return [];
  return [
    "",
    `The agent is an agent identity. The list of its blueprint, ${identity.blueprint},`,
    "counts for all agents of that blueprint.",
  ];
}

/** The decision. What it depends on is in the same line, so that nobody reads the one without the other. */
function decisionLines({ allowed, code, service, withEnforcement }: AppliedCheck): string[] {
  if (service === null || "failure" in service)
    return [decisionLine(allowed, code, allowed ? "" : " if enforcement is on")];
  const decision = decisionLine(allowed, code);
  if (service.enforcement === "on") return [decision, ...differenceLines(allowed, service)];
  const condition = service.enforcement === "off" ? "With enforcement on" : "Once it is registered";
  return [decision, `${condition}: ${decisionLine(withEnforcement.allowed, withEnforcement.code)}`];
}

/** Whether LKPS decides differently, which the checks alone would hide. */
function differenceLines(allowed: boolean, { decision }: AskedService): string[] {
  if (decision === undefined || decision.allowed === allowed) return [];
  return [
    `${mark("warning")} LKPS itself decides: ${decisionLine(decision.allowed, decision.code)}`,
    "     It reads a different tenant than you, or the app registration has just changed.",
  ];
}

function serviceLines({ service }: AppliedCheck, graphUrl: string): string[] {
  const delay = `LKPS may take up to ${isLocalGraph(graphUrl) ? "5 seconds" : "a minute"} to notice that a client was removed.`;
  if (service === null) {
    return [
      "LKPS was not asked whether the agent is registered with enforcement on. To ask it, use --url",
      "with an access token of the agent or the client.",
      delay,
    ];
  }
  if ("failure" in service) {
    return [`LKPS could not be asked whether enforcement is on. ${service.failure}`, delay];
  }
  const state = {
    on: "is registered with enforcement on",
    off: "opted out of enforcement",
    not_registered: "is not registered",
  }[service.enforcement];
  return [`According to LKPS at ${service.url}, the agent ${state}.`, delay];
}

function commandsLine({ graphUrl, isBlueprint }: ListedOn): string {
  if (isLocalGraph(graphUrl)) {
    return isBlueprint
      ? "In a tenant, use these commands."
      : "In a tenant, use the portal or these commands.";
  }
  return isBlueprint ? "Use these commands:" : "Or use these commands:";
}

/** How to fix what failed: with LKPS, then in the portal or with commands. */
function remediationLines(remediations: readonly Remediation[], list: ListedOn): string[] {
  if (remediations.length === 0) return [];
  const lines = ({ check, sentence, command }: Remediation) => [
    "",
    `${check === null ? "   " : `${check}. `}${sentence}`,
    ...(command === null ? [] : indented(3, [paint("cyan", command)])),
  ];
  const portal = portalUrl(list);
  const others = remediations.filter(({ check }) => check === null).flatMap(lines);
  const ofChecks = remediations.filter(({ check }) => check !== null).flatMap(lines);
  const places = ["", whereToFix(list), ...(portal === null ? [] : [portal]), commandsLine(list)];
  const steps = [...others, ...(ofChecks.length === 0 ? [] : [...indented(3, places), ...ofChecks])];
  const heading = remediations.length > 1 ? "How to fix it, in this order:" : "How to fix it:";
  return ["", paint("bold", heading), ...steps.slice(1)];
}
