import { checkDescriptions, codeDescriptions } from "../descriptions.ts";
import type { GraphAccess } from "../graph/graph-client.ts";
import { indented, type Mark, mark, paint } from "../terminal.ts";
import type { CheckResult } from "./check-client.ts";
import { exposeAnApiUrl, isLocalGraph, whereToFix } from "./portal.ts";
import type { Repair } from "./repairs.ts";
import type { CheckOutcome } from "./run-checks.ts";

const MARKS = { passed: "good", failed: "bad", blocked: "skipped" } as const satisfies Record<
  CheckOutcome["outcome"],
  Mark
>;

/** The result as text. */
export function checkText(result: CheckResult, graph: GraphAccess): string[] {
  const { agent, client, identity, allowed, code, checks, hints, repairs } = result;
  const nameAfterId = (name: string | null) => (name === null ? "" : `  ${name}`);
  const verdict = allowed ? paint(["bold", "green"], "ALLOWED") : paint(["bold", "red"], "DENIED");
  const who = graph.signedInAs === null ? "" : `, as ${graph.signedInAs}`;
  return [
    `Agent   ${agent.agent}${nameAfterId(agent.displayName)}`,
    `Client  ${client}${nameAfterId(identity.displayName)}`,
    "",
    ...checks.flatMap(({ check, outcome, found }) => [
      `${mark(MARKS[outcome])} ${check}. ${checkDescriptions[check]}`,
      `     ${found}`,
    ]),
    ...(checks.length === 0 ? [] : [""]),
    `${verdict}  ${paint("bold", code)}  ${codeDescriptions[code]}`,
    ...hints.flatMap(({ message }) => ["", `${mark("unknown")} ${message}`]),
    ...repairLines(repairs, graph.url, exposeAnApiUrl(graph.url, agent.agent)),
    "",
    paint("dim", `Read from ${graph.url} at ${agent.readAt.toISOString()}${who}.`),
    paint(
      "dim",
      "LKPS decides the same for an agent that is registered with enforcement. It may take up to a",
    ),
    paint("dim", "minute to notice that a client was removed."),
  ];
}

/** How to fix what failed, in the portal and with commands. */
function repairLines(repairs: readonly Repair[], graphUrl: string, portalUrl: string | null): string[] {
  if (repairs.length === 0) return [];
  const hasCommand = repairs.some(({ command }) => command !== null);
  const places = [
    whereToFix(graphUrl),
    ...(portalUrl === null ? [] : [portalUrl]),
    isLocalGraph(graphUrl) ? "In a tenant, use the portal or these commands." : "Or use these commands:",
  ];
  return [
    "",
    paint("bold", hasCommand ? "How to fix it, in this order:" : "How to fix it:"),
    ...(hasCommand ? indented(3, places) : []),
    ...repairs.flatMap(({ check, sentence, command }) => [
      "",
      `${check === null ? "   " : `${check}. `}${sentence}`,
      ...(command === null ? [] : indented(3, [paint("cyan", command)])),
    ]),
  ];
}
