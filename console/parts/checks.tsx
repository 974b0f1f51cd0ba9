import { checkDescriptions } from "../../cli/descriptions.ts";
import { ICONS } from "../../cli/report/html-elements.ts";
import { type AgentAccess, hasList } from "../../cli/report/report-data.ts";
import { plural } from "../../cli/report/usage-summary.ts";

const PICTURES = {
  good: { path: ICONS.yes, words: "passed" },
  mixed: { path: ICONS.no, words: "some clients stop here" },
  bad: { path: ICONS.no, words: "failed" },
  plain: { path: "M4 8h8", words: "not reached" },
} as const;
type Outcome = readonly [outcome: keyof typeof PICTURES, note: string];

/** The three checks as a picture: how far clients get, and where they stop. */
export function Checks({ access }: { access: AgentAccess }) {
  const outcomes = outcomesOf(access);
  return (
    <ol class="checks">
      {([1, 2, 3] as const).map((check) => {
        const [outcome, note] = outcomes[check - 1] ?? ["plain", "Not reached"];
        return (
          <li key={check} class={outcome}>
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d={PICTURES[outcome].path} />
            </svg>
            <h3>
              <span class="hidden">
                Check {check}, {PICTURES[outcome].words}:{" "}
              </span>
              {checkDescriptions[check]}
            </h3>
            <p>{note}</p>
          </li>
        );
      })}
    </ol>
  );
}

/** The outcomes up to the check where all clients stop. */
function outcomesOf({ identity, view, clients }: AgentAccess): Outcome[] {
  const isDisabled = identity?.kind === "agent_identity" && identity.disabledBy.length > 0;
  if (!hasList(identity) || isDisabled) return [];
  if (view.scopeState === "missing") return [["bad", "There is no such scope"]];
  if (view.scopeState === "disabled") return [["bad", "The scope is disabled"]];
  const scope: Outcome = ["good", "For every client"];
  if (clients.length === 0) return [scope, ["bad", "The list is empty"]];
  const listed: Outcome = ["good", `${plural(clients.length, "client")} in the list`];
  const allowed = clients.filter(({ mayStartSessions }) => mayStartSessions).length;
  const stopped = clients.length - allowed;
  if (stopped === 0) return [scope, listed, ["good", "All of them pass"]];
  return [scope, listed, [allowed === 0 ? "bad" : "mixed", `${allowed} pass, ${stopped} stop here`]];
}
