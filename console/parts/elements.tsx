import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type ListedOn, portalUrl, whereToFix } from "../../cli/check/portal.ts";
import { escapeText } from "../../cli/escape-text.ts";
import { ICONS } from "../../cli/report/html-elements.ts";
import { useNames } from "../services.ts";

/** A page's heading: it names the document, and gets the focus when somebody comes from another page. */
export function Heading({ title, children }: { title: string; children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${escapeText(title)} · LKPS console`;
  }, [title]);
  return <h1 tabIndex={-1}>{children}</h1>;
}

/** A name that someone else wrote: invisible characters are shown, and its text direction stays its own. */
export function Name({ children }: { children: string }) {
  return <bdi>{escapeText(children)}</bdi>;
}

/** An application: its name, if it is known, and its client id. */
export function Application({ id }: { id: string }) {
  const name = useNames([id]).get(id);
  return (
    <div>
      {name !== undefined && (
        <span class="name">
          <Name>{name}</Name>
        </span>
      )}
      <span class="id">{id}</span>
    </div>
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
  const [outcome, setOutcome] = useState("");
  const code = useRef<HTMLElement>(null);
  if (children === null) return null;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(children);
      setOutcome("Copied");
    } catch {
      // Refused by the browser, or not there: a page without TLS has no clipboard.
      if (code.current !== null) getSelection()?.selectAllChildren(code.current);
      setOutcome(
        "Your browser did not allow copying. The command is selected: press Ctrl+C, or ⌘C on a Mac.",
      );
    }
  };
  return (
    <details>
      <summary>Show the command</summary>
      <pre>
        <code ref={code}>{children}</code>
      </pre>
      <button type="button" onClick={copy}>
        Copy
      </button>{" "}
      <span role="status">{outcome}</span>
    </details>
  );
}

/** The page of the portal to change who may connect. */
export function WhereToFix({ list }: { list: ListedOn }) {
  const url = portalUrl(list);
  const what = list.isBlueprint ? "blueprint" : "agent";
  return (
    <p class="where">
      {url !== null && (
        <>
          <a href={url} rel="noreferrer" target="_blank">
            Open the {what} in the Microsoft Entra admin center
          </a>
          .{" "}
        </>
      )}
      {whereToFix(list)}
    </p>
  );
}

/** A question with a few answers: how many days to look back. */
export function Days({ value, onChange }: { value: number; onChange: (days: number) => void }) {
  return (
    <fieldset class="actions">
      <legend class="hidden">Period</legend>
      {[1, 7, 30].map((days) => (
        <button type="button" key={days} aria-pressed={days === value} onClick={() => onChange(days)}>
          {days === 1 ? "1 day" : `${days} days`}
        </button>
      ))}
    </fieldset>
  );
}

interface LongListProps<T> {
  readonly items: readonly T[];
  readonly kind: string;
  readonly children: (item: T) => ComponentChildren;
}

const A_PART = 50;

/** A list of any length, a part at a time. */
export function LongList<T>({ items, kind, children }: LongListProps<T>) {
  const [shown, setShown] = useState(A_PART);
  return (
    <>
      <ul class={kind}>{items.slice(0, shown).map(children)}</ul>
      {items.length > shown && (
        <button type="button" onClick={() => setShown(shown + A_PART)}>
          Show more of {items.length}
        </button>
      )}
    </>
  );
}
