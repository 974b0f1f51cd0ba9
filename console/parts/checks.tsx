import { checkDescriptions } from "../../cli/descriptions.ts";
import { ICONS } from "../../cli/report/html-elements.ts";
import type { AgentAccess } from "../../cli/report/report-data.ts";
import { plural } from "../../cli/report/usage-summary.ts";
import { type Check, checkOf } from "../../src/domain/decision.ts";

type Outcome = "passed" | "failed" | "mixed" | "blocked";

/** The three checks as a picture: what passes each, and where clients stop. */
export function Checks({ access }: { access: AgentAccess }) {
  return (
    <ol class="checks">
      {checkSteps(access).map(({ check, outcome, note }) => (
        <li key={check} class={outcome}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            {outcome === "blocked" ? (
              <path d="M4 8h8" />
            ) : (
              <path d={outcome === "passed" ? ICONS.yes : ICONS.no} />
            )}
          </svg>
          <h3>
            <span class="hidden">
              Check {check}, {OUTCOMES[outcome]}:{" "}
            </span>
            {checkDescriptions[check]}
          </h3>
          <p>{note}</p>
        </li>
      ))}
    </ol>
  );
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  passed: "passed",
  failed: "failed",
  mixed: "some clients stop here",
  blocked: "not reached",
};

function checkSteps({
  identity,
  view,
  clients,
}: AgentAccess): { check: Check; outcome: Outcome; note: string }[] {
  const stopped = clients.filter(({ code }) => (checkOf as Record<string, Check | null>)[code] === 3).length;
  const blocked = (check: Check) => ({ check, outcome: "blocked" as const, note: "Not reached" });
  const isUsable =
    identity?.application != null && !clients.some(({ code }) => code === "agent_identity_disabled");
  if (!isUsable) return [blocked(1), blocked(2), blocked(3)];
  if (view.scopeState !== "enabled") {
    const note = view.scopeState === "missing" ? "There is no such scope" : "The scope is disabled";
    return [{ check: 1, outcome: "failed", note }, blocked(2), blocked(3)];
  }
  const first = { check: 1, outcome: "passed", note: "For every client" } as const;
  if (clients.length === 0)
    return [first, { check: 2, outcome: "failed", note: "The list is empty" }, blocked(3)];
  const listed = {
    check: 2,
    outcome: "passed",
    note: `${plural(clients.length, "client")} in the list`,
  } as const;
  const outcome = stopped === 0 ? "passed" : stopped === clients.length ? "failed" : "mixed";
  const note = `${clients.length - stopped} pass, ${stopped} stop here`;
  return [first, listed, { check: 3, outcome, note: stopped === 0 ? "All of them pass" : note }];
}
