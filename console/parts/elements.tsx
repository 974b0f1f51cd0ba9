import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { escapeText } from "../../cli/escape-text.ts";
import { ICONS } from "../../cli/report/html-elements.ts";
import { explain, type Refusal } from "../refusal.ts";
import { agentLink } from "../route.ts";
import { useServices } from "../services.ts";

/** A name that someone else wrote: invisible characters are shown, and its text direction stays its own. */
export function Name({ children }: { children: string }) {
  return <bdi>{escapeText(children)}</bdi>;
}

/** An application: its name, if it is known, and its client id. */
export function Application({ id, names }: { id: string; names: ReadonlyMap<string, string> }) {
  const name = names.get(id);
  if (name === undefined) return <span class="id">{id}</span>;
  return (
    <>
      <span class="name">
        <Name>{name}</Name>
      </span>{" "}
      <span class="id">{id}</span>
    </>
  );
}

/** Yes or no, as an icon and in words. */
export function YesOrNo({ isYes }: { isYes: boolean }) {
  return (
    <span class={`pill ${isYes ? "yes" : "no"}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={isYes ? ICONS.yes : ICONS.no} />
      </svg>
      {isYes ? "Yes" : "No"}
    </span>
  );
}

/** A time for people, in UTC as in the log, with the exact time for programs. */
export function Time({ at }: { at: string }) {
  return <time dateTime={at}>{at.slice(0, 16).replace("T", " ")} UTC</time>;
}

/** A command, folded until it is needed, and a button that copies it. */
export function Command({ children }: { children: string | null }) {
  const [isCopied, setCopied] = useState(false);
  if (children === null) return null;
  const copy = () =>
    navigator.clipboard.writeText(children).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <details>
      <summary>Show the command</summary>
      <pre>
        <code>{children}</code>
      </pre>
      <button type="button" onClick={copy}>
        Copy
      </button>{" "}
      <span role="status">{isCopied ? "Copied" : ""}</span>
    </details>
  );
}

const SLOW_MS = 5_000;

/** Says what the page waits for, and after 5 s that it still does. */
export function Waiting({ what }: { what: string }) {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p class="waiting" role="status">
      {isSlow ? `LKPS is taking longer than usual. Still reading ${what}…` : `Reading ${what}…`}
    </p>
  );
}

/** Why there is no answer, and the next step. */
export function Refused({ refusal, retry, agent }: { refusal: Refusal; retry: () => void; agent?: string }) {
  const { signIn } = useServices();
  const { title, text, next } = explain(refusal);
  return (
    <section class="verdict bad" role="alert">
      <h2>{title}</h2>
      <p>{text}</p>
      {refusal.instance === null || next !== "retry" ? null : (
        <p class="small">
          For your platform team: <span class="id">{escapeText(refusal.instance)}</span>
        </p>
      )}
      <p class="actions">
        {next === "retry" && (
          <button type="button" onClick={retry}>
            Try again
          </button>
        )}
        {next === "sign_in" && (
          <button type="button" class="main" onClick={signIn}>
            Sign in again
          </button>
        )}
        {next === "agents" && <a href="#/">Your agents</a>}
        {next === "sessions" && agent !== undefined && (
          <a href={agentLink(agent, "sessions")}>Sessions of this agent</a>
        )}
      </p>
    </section>
  );
}

/** A question with a few answers, of which one holds: how many days to look back. */
export function Days({ value, onChange }: { value: number; onChange: (days: number) => void }) {
  return (
    <div class="days" role="group" aria-label="Period">
      {[1, 7, 30].map((days) => (
        <button type="button" key={days} aria-pressed={days === value} onClick={() => onChange(days)}>
          {days === 1 ? "1 day" : `${days} days`}
        </button>
      ))}
    </div>
  );
}

/** A table whose rows are cards on a phone. Tables with another `display` lose their semantics, so the roles restate them. */
export function Table({
  caption,
  headings,
  rows,
}: {
  caption: string;
  headings: readonly string[];
  rows: readonly { key: string; cells: readonly ComponentChildren[] }[];
}) {
  return (
    <table role="table">
      <caption class="hidden">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {headings.map((heading) => (
            <th role="columnheader" scope="col" key={heading}>
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map(({ key, cells }) => (
          <tr role="row" key={key}>
            {cells.map((cell, n) => (
              <td role="cell" key={headings[n]} class={headings[n] === "Client" ? "whole" : ""}>
                <span class="label" aria-hidden="true">
                  {headings[n]}
                </span>
                <div>{cell}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
