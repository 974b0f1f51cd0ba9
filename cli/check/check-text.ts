import type { OwnGraph } from "../graph/open-graph.ts";
import { indented, type Mark, mark, paint } from "../terminal.ts";
import type { CheckResult } from "./check-client.ts";
import type { CheckView } from "./examine.ts";
import type { Repair } from "./fix.ts";
import { exposeAnApi, isStandIn, placeToMend } from "./portal.ts";
import { meanings, questions } from "./words.ts";

const MARKS = { passed: "good", failed: "bad", blocked: "waiting" } as const satisfies Record<
  CheckView["outcome"],
  Mark
>;

/** The result for a person at a terminal. */
export function checkText(result: CheckResult, graph: OwnGraph): string[] {
  const { agent, client, identity, allowed, code, checks, hints, repairs } = result;
  const name = (text: string | null) => (text === null ? "" : `  ${text}`);
  const verdict = allowed ? paint(["bold", "green"], "ALLOWED") : paint(["bold", "red"], "DENIED");
  const who = graph.signedInAs === null ? "" : `, as ${graph.signedInAs}`;
  return [
    `Agent   ${agent.agent}${name(agent.displayName)}`,
    `Client  ${client}${name(identity.displayName)}`,
    "",
    ...checks.flatMap(({ check, outcome, found }) => [
      `${mark(MARKS[outcome])} ${check}. ${questions[check]}`,
      `     ${found}`,
    ]),
    ...(checks.length === 0 ? [] : [""]),
    `${verdict}  ${paint("bold", code)}  ${meanings[code]}`,
    ...hints.flatMap(({ message }) => ["", `${mark("unknown")} ${message}`]),
    ...repairLines(repairs, graph.url, exposeAnApi(graph.url, agent.agent)),
    "",
    paint(
      "dim",
      `Read from ${graph.url} at ${agent.readAt.toISOString()}${who}. LKPS decides the same once the agent`,
    ),
    paint("dim", "is registered with enforcement; it may take a minute to see a grant that was taken away."),
  ];
}

/** What to do, in the portal and in a shell. */
function repairLines(repairs: readonly Repair[], graphUrl: string, portal: string | null): string[] {
  if (repairs.length === 0) return [];
  const hasCommand = repairs.some(({ command }) => command !== null);
  const place = placeToMend(graphUrl);
  // The stand-in has a file, and no commands.
  const commands = isStandIn(graphUrl)
    ? "there; in a tenant by these commands"
    : "there or by these commands";
  const where = portal === null ? place : `${portal}  (${place})`;
  return [
    "",
    paint("bold", hasCommand ? `To mend it, ${commands}, in this order:` : "To mend it:"),
    ...(hasCommand ? indented(3, [where]) : []),
    ...repairs.flatMap(({ check, sentence, command }) => [
      "",
      `${check === null ? "   " : `${check}. `}${sentence}`,
      ...(command === null ? [] : indented(3, [paint("cyan", command)])),
    ]),
  ];
}
